#include "govern/audit.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>
#include <set>
#include <span>

#include "base/hash.hpp"
#include "base/secret_box.hpp"
#include "base/text.hpp"
#include "store/record/json.hpp"
#include "store/record/sql.hpp"

namespace linnet::govern {
namespace {

namespace json = boost::json;

// So much is kept of each text in the details, and of each list: a row stands for a year and cannot be cut
// then.
constexpr std::size_t kLongestDetail = 4'000;
constexpr std::size_t kMostDetails = 200;

void shorten(json::value& value) {
  if (auto* const text = value.if_string()) {
    if (text->size() > kLongestDetail) *text = std::string(truncate_utf8(*text, kLongestDetail)) + "…";
  } else if (auto* const list = value.if_array()) {
    if (list->size() > kMostDetails) list->resize(kMostDetails);
    for (auto& item : *list) shorten(item);
  } else if (auto* const object = value.if_object()) {
    for (auto& member : *object) shorten(member.value());
  }
}

// Each field with its length in front, so that no two rows read alike.
std::string hash_of(const AuditEntry& entry, std::string_view previous) {
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
  add(entry.kept_details);
  add(std::to_string(to_micros(entry.timestamp)));
  add(entry.duration_ms ? std::to_string(*entry.duration_ms) : "");
  return hash.finish_hex();
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
std::optional<Anchor> anchor_in(const AuditEntry& entry) {
  if (entry.kept_details.find(kCut) == std::string::npos) return {};
  boost::system::error_code code;
  const auto value = json::parse(entry.kept_details, code);
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

  void read(const AuditEntry& entry) {
    ++verdict_.rows;
    if (entry.number != number_ + 1) fail(number_ + 1, fmt::format("row {} is missing", number_ + 1));
    number_ = entry.number;
    if (hash_of(entry, hash_) != entry.hash) {
      fail(number_, fmt::format("row {} is not what was written, or not where it was written", number_));
    }
    hash_ = entry.hash;
    expected_seen_ = expected_seen_ || hash_ == expected_;
    if (auto anchor = anchor_in(entry)) named_ = std::move(*anchor);
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
  return enum_name(event);
}
std::string_view to_string(AuditOutcome outcome) {
  return enum_name(outcome);
}
std::optional<AuditEvent> parse_audit_event(std::string_view name) {
  return parse_enum<AuditEvent>(name);
}
std::optional<AuditOutcome> parse_audit_outcome(std::string_view name) {
  return parse_enum<AuditOutcome>(name);
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
  if (entry.run_id.empty()) {
    LINNET_TRY(entry.run_id, make_run_id(now));
  }
  if (entry.step_id.empty()) entry.step_id = step_id(entry.run_id, 1);
  entry.timestamp = now;
  LINNET_TRY(const auto previous, take_number(connection, entry));
  // Nothing that was done goes unrecorded for the length of its words.
  json::value kept = entry.details;
  shorten(kept);
  entry.kept_details = json::serialize(kept);
  entry.hash = hash_of(entry, previous);
  LINNET_CHECK(record::insert(connection, entry));
  return store::run(connection, "UPDATE audit_head SET hash = $1 WHERE name = 'audit'",
                    {std::string_view(entry.hash)});
}

Result<std::vector<AuditEntry>> list_audit(store::Connection& connection, const AuditQuery& query) {
  std::string rest = "number < $1";
  std::vector<store::Value> values{query.before.value_or(INT64_MAX)};
  const auto also = [&](std::string_view condition, const store::Value& value) {
    values.push_back(value);
    rest += fmt::format(" AND {} ${}", condition, values.size());
  };
  if (!query.run_id.empty()) also("run_id =", std::string_view(query.run_id));
  if (!query.account_id.empty()) also("account_id =", std::string_view(query.account_id));
  if (!query.target_id.empty()) also("target_id =", std::string_view(query.target_id));
  if (query.event) also("event_type =", to_string(*query.event));
  if (query.outcome) also("outcome =", to_string(*query.outcome));
  if (query.since) also("timestamp >=", to_micros(*query.since));
  if (query.until) also("timestamp <", to_micros(*query.until));
  values.emplace_back(query.limit);
  rest += fmt::format(" ORDER BY number DESC LIMIT ${}", values.size());
  LINNET_TRY(auto entries, record::find_all<AuditEntry>(connection, rest, values));
  for (auto& entry : entries) {
    boost::system::error_code code;
    const auto details = json::parse(entry.kept_details, code);
    if (!code && details.is_object()) entry.details = details.as_object();
  }
  return entries;
}

Result<std::int64_t> newest_audit_number(store::Connection& connection) {
  LINNET_TRY(const auto number, store::query_integer(connection, "SELECT MAX(number) FROM audit_entries"));
  return number.value_or(0);
}

namespace {

// What keeps the tables of the trail, by name; dropped or switched off, it keeps nothing.
constexpr std::array<std::string_view, 8> kGuards{
    "audit_entries_unchanged", "audit_entries_kept", "audit_entries_added", "audit_head_kept",
    "audit_head_alone",        "audit_head_forward", "audit_entries_whole", "audit_head_whole"};
constexpr std::size_t kGuardsOfSqlite = 6;  // it has no TRUNCATE

Result<std::string> missing_guards(store::Connection& connection) {
  const bool is_sqlite = connection.engine() == store::Engine::sqlite;
  std::set<std::string, std::less<>> there;
  LINNET_CHECK(store::for_each_row(
      connection,
      is_sqlite ? "SELECT name FROM sqlite_master WHERE type = 'trigger'" : R"(SELECT tgname FROM pg_trigger
               WHERE tgrelid IN ('audit_entries'::regclass, 'audit_head'::regclass) AND tgenabled = 'A')",
      {}, [&](const store::Statement& row) { there.emplace(row.text(0)); }));
  std::string missing;
  for (const auto guard : std::span(kGuards).first(is_sqlite ? kGuardsOfSqlite : kGuards.size())) {
    if (!there.contains(guard)) missing += fmt::format("{}{}", missing.empty() ? "" : ", ", guard);
  }
  return missing;
}

}  // namespace

Result<AuditVerdict> verify_audit(store::Connection& connection, std::string_view expected_head) {
  // A slip of the pen is no damage.
  constexpr std::size_t kHashDigits = 64;
  if (!expected_head.empty() &&
      (expected_head.size() != kHashDigits ||
       expected_head.find_first_not_of("0123456789abcdef") != std::string_view::npos))
    return invalid(fmt::format("head: expected a hash as it was noted, 64 digits 0-9 and a-f, got \"{}\"",
                               to_valid_utf8(truncate_utf8(expected_head, 80))));
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
  LINNET_CHECK(record::for_each<AuditEntry>(connection, "1 = 1 ORDER BY number", {},
                                            [&](const AuditEntry& entry) { chain.read(entry); }));
  LINNET_TRY(const auto missing, missing_guards(connection));
  auto verdict = chain.finish(head_number, head);
  if (!missing.empty() && verdict.is_whole) {
    verdict.is_whole = false;
    verdict.problem = fmt::format(
        "the database no longer keeps the trail: of its triggers, {} are missing or switched off; somebody "
        "may have "
        "written all of it anew since the hash of a newest row was last noted",
        missing);
  }
  return verdict;
}

Result<std::int64_t> cut_audit(store::Connection& connection, Instant before, Instant now) {
  Anchor anchor;
  LINNET_CHECK(store::for_each_row(connection,
                                   R"(SELECT number, hash FROM audit_entries
                                      WHERE number < (SELECT COALESCE(MIN(number), 9223372036854775807)
                                        FROM audit_entries WHERE timestamp >= $1) ORDER BY number DESC
                                      LIMIT 1)",
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
  return record::to_json(entry);
}

}  // namespace linnet::govern

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::govern::AuditEntry>() {
  using linnet::govern::AuditEntry;
  static const Entity described =
      entity<AuditEntry>({.name = "AuditEntry",
                          .table = "audit_entries",
                          .care = {.person = OfPerson::ours, .kept_for = "audit entries"}},
                         {
                             field<&AuditEntry::number>("number").key(),
                             field<&AuditEntry::id>("id"),
                             field<&AuditEntry::run_id>("run_id"),
                             field<&AuditEntry::step_id>("step_id"),
                             field<&AuditEntry::event>("event_type"),
                             field<&AuditEntry::platform>("platform").or_null(),
                             field<&AuditEntry::account_id>("account_id").or_null(),
                             field<&AuditEntry::actor>("actor").or_null(),
                             field<&AuditEntry::target_type>("target_type").or_null(),
                             field<&AuditEntry::target_id>("target_id").or_null(),
                             field<&AuditEntry::outcome>("outcome"),
                             field<&AuditEntry::kept_details>("details").json_object(),
                             field<&AuditEntry::timestamp>("timestamp"),
                             field<&AuditEntry::duration_ms>("duration_ms"),
                             field<&AuditEntry::hash>("hash"),
                         });
  return described;
}
