#include "govern/audit.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>

#include "base/hash.hpp"
#include "base/secret_box.hpp"

namespace linnet::govern {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 10> kEvents{
    "session_start",   "session_end",  "navigate", "extract",        "action_attempt",
    "action_complete", "verification", "error",    "rate_limit_hit", "policy_block"};
constexpr std::array<std::string_view, 4> kOutcomes{"success", "failure", "skipped", "pending"};

constexpr std::string_view kColumns =
    "number, id, run_id, step_id, event_type, platform, account_id, actor, target_type, target_id, outcome, "
    "details, timestamp, duration_ms, hash";

// Each field with its length in front, so that no two rows read alike.
std::string hash_of(const AuditEntry& entry, std::string_view details, std::string_view previous) {
  Sha256 hash;
  const auto add = [&](std::string_view field) {
    hash.update(fmt::format("{}:", field.size()));
    hash.update(field);
  };
  add(previous);
  add(std::to_string(entry.number));
  add(entry.id);
  add(entry.run_id);
  add(entry.step_id);
  add(to_string(entry.event));
  add(entry.platform);
  add(entry.account_id);
  add(entry.actor);
  add(entry.target_type);
  add(entry.target_id);
  add(to_string(entry.outcome));
  add(details);
  add(std::to_string(to_micros(entry.timestamp)));
  add(entry.duration_ms ? std::to_string(*entry.duration_ms) : "");
  return hash.finish_hex();
}

// The details as they stand in the table are what is hashed; they are parsed only for showing.
struct StoredEntry {
  AuditEntry entry;
  std::string details;
};

StoredEntry read_row(const store::Statement& row) {
  StoredEntry stored;
  auto& entry = stored.entry;
  entry.number = row.integer(0);
  entry.id = row.text(1);
  entry.run_id = row.text(2);
  entry.step_id = row.text(3);
  entry.event = parse_audit_event(row.text(4)).value_or(AuditEvent::error);
  entry.platform = row.text(5);
  entry.account_id = row.text(6);
  entry.actor = row.text(7);
  entry.target_type = row.text(8);
  entry.target_id = row.text(9);
  entry.outcome = parse_audit_outcome(row.text(10)).value_or(AuditOutcome::failure);
  stored.details = row.text(11);
  entry.timestamp = row.instant(12);
  entry.duration_ms = row.maybe_integer(13);
  entry.hash = row.text(14);
  return stored;
}

store::Value text_or_null(const std::string& text) {
  return text.empty() ? store::Value() : store::Value(std::string_view(text));
}

// The head's row is locked by the update, so that the chain grows by one at a time.
Result<std::string> take_number(store::Connection& connection, AuditEntry& entry) {
  LINNET_CHECK(store::run(connection, "UPDATE audit_head SET number = number + 1 WHERE name = 'audit'"));
  std::string previous;
  LINNET_CHECK(store::for_each_row(connection, "SELECT number, hash FROM audit_head WHERE name = 'audit'", {},
                                   [&](const store::Statement& row) {
                                     entry.number = row.integer(0);
                                     previous = row.text(1);
                                   }));
  return previous;
}

// The last row that was removed, and its hash.
struct Anchor {
  std::int64_t number = 0;
  std::string hash;
  friend bool operator==(const Anchor&, const Anchor&) = default;
};

constexpr std::string_view kCut = "audit_cut";

// What a row about a cut names; nullopt for any other row.
std::optional<Anchor> anchor_in(const StoredEntry& stored) {
  if (stored.details.find(kCut) == std::string::npos) return {};
  boost::system::error_code code;
  const auto value = json::parse(stored.details, code);
  if (code || !value.is_object()) return {};
  const auto& details = value.as_object();
  const auto* const what = details.if_contains("what");
  const auto* const number = details.if_contains("anchor_number");
  const auto* const hash = details.if_contains("anchor_hash");
  if (what == nullptr || *what != json::value(kCut) || number == nullptr || !number->is_int64()) return {};
  if (hash == nullptr || !hash->is_string()) return {};
  return Anchor{number->as_int64(), std::string(hash->as_string())};
}

// Before the rows go: the chain itself says from where it goes on, so that an anchor that somebody moved is
// not believed.
Status append_cut(store::Connection& connection, const Anchor& anchor, Instant now) {
  AuditEntry entry;
  LINNET_TRY(entry.run_id, make_run_id(now));
  entry.step_id = step_id(entry.run_id, 1);
  entry.event = AuditEvent::action_complete;
  entry.actor = "linnet";
  entry.outcome = AuditOutcome::success;
  entry.details = {{"what", kCut}, {"anchor_number", anchor.number}, {"anchor_hash", anchor.hash}};
  return append_audit(connection, std::move(entry), now);
}

// What verify_audit has found while it reads the rows in order.
class ChainReader {
 public:
  ChainReader(Anchor anchor, std::string_view expected)
      : anchor_(std::move(anchor)),
        number_(anchor_.number),
        hash_(anchor_.hash),
        expected_(expected),
        expected_seen_(expected.empty() || expected == hash_) {}

  void read(const StoredEntry& stored) {
    ++verdict_.rows;
    if (stored.entry.number != number_ + 1) fail(number_ + 1, fmt::format("row {} is missing", number_ + 1));
    number_ = stored.entry.number;
    if (hash_of(stored.entry, stored.details, hash_) != stored.entry.hash) {
      fail(number_, fmt::format("row {} is not what was written, or not where it was written", number_));
    }
    hash_ = stored.entry.hash;
    expected_seen_ = expected_seen_ || hash_ == expected_;
    if (auto anchor = anchor_in(stored)) named_ = std::move(*anchor);
  }

  AuditVerdict finish(std::int64_t head_number, const std::string& head) {
    if (number_ != head_number)
      fail(number_ + 1, fmt::format("rows {} to {} are missing", number_ + 1, head_number));
    if (hash_ != head) fail(number_, fmt::format("row {} is not the one that was written last", number_));
    if (named_ != anchor_)
      fail(1,
           fmt::format("rows up to {} are gone, and no row says that retention took them", anchor_.number));
    if (!expected_seen_)
      fail(0, "no row has the expected hash: the trail was cut or rewritten since it was noted");
    verdict_.head = head;
    verdict_.removed = anchor_.number;
    return verdict_;
  }

 private:
  void fail(std::int64_t at, std::string what) {
    if (!verdict_.is_whole) return;
    verdict_.is_whole = false;
    verdict_.first_bad = at;
    verdict_.problem = std::move(what);
  }

  AuditVerdict verdict_;
  Anchor anchor_;
  Anchor named_;  // by the newest row about a cut
  std::int64_t number_;
  std::string hash_;
  std::string_view expected_;
  bool expected_seen_;
};

}  // namespace

std::string_view to_string(AuditEvent event) {
  return kEvents.at(static_cast<std::size_t>(event));
}
std::string_view to_string(AuditOutcome outcome) {
  return kOutcomes.at(static_cast<std::size_t>(outcome));
}
std::optional<AuditEvent> parse_audit_event(std::string_view name) {
  for (std::size_t i = 0; i < kEvents.size(); ++i) {
    if (kEvents.at(i) == name) return static_cast<AuditEvent>(i);
  }
  return {};
}
std::optional<AuditOutcome> parse_audit_outcome(std::string_view name) {
  for (std::size_t i = 0; i < kOutcomes.size(); ++i) {
    if (kOutcomes.at(i) == name) return static_cast<AuditOutcome>(i);
  }
  return {};
}

Result<std::string> make_run_id(Instant now) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
  LINNET_TRY(const auto random, random_bytes(6));
  std::string suffix;
  for (const char byte : random) suffix += kLetters[static_cast<unsigned char>(byte) % kLetters.size()];
  std::string time;  // 20260801T134942
  for (const char c : to_iso8601(now).substr(0, 19)) {
    if (c != '-' && c != ':') time += c;
  }
  return fmt::format("run_{}_{}", time, suffix);
}

std::string step_id(std::string_view run_id, std::int64_t step) {
  return fmt::format("{}_step_{:04}", run_id, step);
}

Status append_audit(store::Connection& connection, AuditEntry entry, Instant now) {
  LINNET_TRY(entry.id, make_uuid_v4());
  entry.timestamp = now;
  LINNET_TRY(const auto previous, take_number(connection, entry));
  const auto details = json::serialize(entry.details);
  entry.hash = hash_of(entry, details, previous);
  const auto duration = entry.duration_ms ? store::Value(*entry.duration_ms) : store::Value();
  LINNET_CHECK(
      store::run(connection,
                 fmt::format("INSERT INTO audit_entries ({}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
                             "$10, $11, $12, $13, $14, $15)",
                             kColumns),
                 {entry.number, std::string_view(entry.id), std::string_view(entry.run_id),
                  std::string_view(entry.step_id), to_string(entry.event), text_or_null(entry.platform),
                  text_or_null(entry.account_id), text_or_null(entry.actor), text_or_null(entry.target_type),
                  text_or_null(entry.target_id), to_string(entry.outcome), std::string_view(details),
                  to_micros(entry.timestamp), duration, std::string_view(entry.hash)}));
  return store::run(connection, "UPDATE audit_head SET hash = $1 WHERE name = 'audit'",
                    {std::string_view(entry.hash)});
}

Result<std::vector<AuditEntry>> list_audit(store::Connection& connection, const AuditQuery& query) {
  std::string sql = fmt::format("SELECT {} FROM audit_entries WHERE number < $1", kColumns);
  std::vector<store::Value> values{query.before.value_or(INT64_MAX)};
  const auto also = [&](std::string_view condition, const store::Value& value) {
    values.push_back(value);
    sql += fmt::format(" AND {} ${}", condition, values.size());
  };
  if (!query.run_id.empty()) also("run_id =", std::string_view(query.run_id));
  if (!query.account_id.empty()) also("account_id =", std::string_view(query.account_id));
  if (!query.target_id.empty()) also("target_id =", std::string_view(query.target_id));
  if (query.event) also("event_type =", to_string(*query.event));
  if (query.outcome) also("outcome =", to_string(*query.outcome));
  if (query.since) also("timestamp >=", to_micros(*query.since));
  if (query.until) also("timestamp <", to_micros(*query.until));
  values.emplace_back(query.limit);
  sql += fmt::format(" ORDER BY number DESC LIMIT ${}", values.size());
  LINNET_TRY(auto* const statement, connection.prepare(sql));
  for (std::size_t i = 0; i < values.size(); ++i) statement->bind(static_cast<int>(i) + 1, values[i]);
  std::vector<AuditEntry> entries;
  while (true) {
    LINNET_TRY(const bool more, statement->step());
    if (!more) return entries;
    auto stored = read_row(*statement);
    boost::system::error_code code;
    const auto details = json::parse(stored.details, code);
    if (!code && details.is_object()) stored.entry.details = details.as_object();
    entries.push_back(std::move(stored.entry));
  }
}

Result<AuditVerdict> verify_audit(store::Connection& connection, std::string_view expected_head) {
  // One state of the table: rows may be added meanwhile.
  LINNET_TRY(auto transaction, store::Transaction::begin(connection, store::Transaction::Mode::read));
  std::int64_t head_number = 0;
  std::string head;
  Anchor anchor;
  LINNET_CHECK(store::for_each_row(
      connection, "SELECT number, hash, anchor_number, anchor_hash FROM audit_head WHERE name = 'audit'", {},
      [&](const store::Statement& row) {
        head_number = row.integer(0);
        head = row.text(1);
        anchor.number = row.integer(2);
        anchor.hash = row.text(3);
      }));
  ChainReader chain(anchor, expected_head);
  LINNET_CHECK(store::for_each_row(connection,
                                   fmt::format("SELECT {} FROM audit_entries ORDER BY number", kColumns), {},
                                   [&](const store::Statement& row) { chain.read(read_row(row)); }));
  return chain.finish(head_number, head);
}

Result<std::int64_t> cut_audit(store::Connection& connection, Instant before, Instant now) {
  Anchor anchor;
  LINNET_CHECK(store::for_each_row(connection,
                                   "SELECT number, hash FROM audit_entries WHERE number < "
                                   "(SELECT COALESCE(MIN(number), 9223372036854775807) FROM audit_entries "
                                   "WHERE timestamp >= $1) ORDER BY number DESC LIMIT 1",
                                   {to_micros(before)}, [&](const store::Statement& row) {
                                     anchor.number = row.integer(0);
                                     anchor.hash = row.text(1);
                                   }));
  if (anchor.number == 0) return std::int64_t{0};
  LINNET_CHECK(append_cut(connection, anchor, now));
  LINNET_CHECK(store::run(connection,
                          "UPDATE audit_head SET anchor_number = $1, anchor_hash = $2 WHERE name = 'audit'",
                          {anchor.number, std::string_view(anchor.hash)}));
  LINNET_CHECK(store::run(connection, "DELETE FROM audit_entries WHERE number <= $1", {anchor.number}));
  return connection.changes();
}

json::object to_json(const AuditEntry& entry) {
  const auto text = [](const std::string& value) {
    return value.empty() ? json::value() : json::value(value);
  };
  return {{"number", entry.number},
          {"id", entry.id},
          {"run_id", entry.run_id},
          {"step_id", entry.step_id},
          {"event_type", to_string(entry.event)},
          {"platform", text(entry.platform)},
          {"account_id", text(entry.account_id)},
          {"actor", text(entry.actor)},
          {"target_type", text(entry.target_type)},
          {"target_id", text(entry.target_id)},
          {"outcome", to_string(entry.outcome)},
          {"details", entry.details},
          {"timestamp", to_iso8601(entry.timestamp)},
          {"duration_ms", entry.duration_ms ? json::value(*entry.duration_ms) : json::value()},
          {"hash", entry.hash}};
}

}  // namespace linnet::govern
