#include "govern/blocklist.hpp"

#include <fmt/format.h>

#include "base/secret_box.hpp"
#include "govern/audit.hpp"
#include "govern/opt_out_signs.hpp"

namespace linnet::govern {
namespace {

constexpr std::string_view kColumns =
    "id, entry_type, platform, value, match_type, reason, added_by, added_by_user, created_at, expires_at";
constexpr std::string_view kBumpMark = "UPDATE govern_marks SET value = value + 1 WHERE name = 'blocklist'";
// Other processes' changes are noticed within this time.
constexpr auto kLookAgain = std::chrono::milliseconds(500);

BlocklistEntry read_entry(const store::Statement& row) {
  BlocklistEntry entry;
  entry.id = row.text(0);
  entry.type = parse_entry_type(row.text(1)).value_or(EntryType::user);
  entry.platform = row.text(2);
  entry.value = row.text(3);
  entry.match = parse_match_type(row.text(4)).value_or(MatchType::exact);
  entry.reason = row.text(5);
  entry.added_by = parse_added_by(row.text(6)).value_or(AddedBy::user);
  entry.added_by_user = row.text(7);
  entry.created_at = row.instant(8);
  entry.expires_at = row.maybe_instant(9);
  return entry;
}

Result<std::vector<BlocklistEntry>> read_entries(store::Connection& connection, std::string_view condition,
                                                 std::initializer_list<store::Value> values) {
  std::vector<BlocklistEntry> entries;
  LINNET_CHECK(store::for_each_row(
      connection, fmt::format("SELECT {} FROM blocklist_entries WHERE {}", kColumns, condition), values,
      [&](const store::Statement& row) { entries.push_back(read_entry(row)); }));
  return entries;
}

// Made once for each database; not a secret, but not to be guessed from outside.
Result<std::string> read_salt(store::Connection& connection) {
  LINNET_TRY(const auto salt,
             store::query_text(connection, "SELECT salt FROM key_states WHERE name = 'fingerprints'"));
  return salt.value_or("");
}
Status make_salt(store::Connection& connection) {
  LINNET_TRY(const auto random, random_bytes(32));
  const auto salt = base64_url(random);
  return store::run(
      connection,
      "INSERT INTO key_states (name, fingerprint, salt) VALUES ('fingerprints', '', $1) ON CONFLICT "
      "(name) DO NOTHING",
      {std::string_view(salt)});
}

}  // namespace

Blocklist::Blocklist(store::Database& database, store::Writer& writer, Clock& clock)
    : database_(database), writer_(writer), clock_(clock) {}

Status Blocklist::insert(store::Connection& connection, const BlocklistEntry& entry, bool& is_new) {
  LINNET_TRY(const auto same,
             store::query_text(
                 connection,
                 "SELECT id FROM blocklist_entries WHERE value = $1 AND entry_type = $2 AND match_type = "
                 "$3 AND COALESCE(platform, '') = $4 AND added_by = $5",
                 {std::string_view(entry.value), to_string(entry.type), to_string(entry.match),
                  std::string_view(entry.platform), to_string(entry.added_by)}));
  is_new = !same;
  if (same) return {};
  const auto platform =
      entry.platform.empty() ? store::Value() : store::Value(std::string_view(entry.platform));
  return store::run(
      connection,
      fmt::format("INSERT INTO blocklist_entries ({}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                  kColumns),
      {std::string_view(entry.id), to_string(entry.type), platform, std::string_view(entry.value),
       to_string(entry.match), std::string_view(entry.reason), to_string(entry.added_by),
       std::string_view(entry.added_by_user), to_micros(entry.created_at),
       store::value_of(entry.expires_at)});
}

Result<BlocklistEntry> Blocklist::add(BlocklistEntry entry) {
  LINNET_TRY(entry, normalise(std::move(entry), clock_.now()));
  LINNET_TRY(entry.id, make_uuid_v4());
  entry.created_at = clock_.now();
  LINNET_CHECK(writer_.write([&](store::Connection& connection) -> Status {
    bool is_new = false;
    LINNET_CHECK(insert(connection, entry, is_new));
    if (!is_new) return Error::of(ErrorKind::conflict, "the blocklist has this entry already");
    return store::run(connection, kBumpMark);
  }));
  return entry;
}

Result<std::size_t> Blocklist::add_all(const std::vector<BlocklistEntry>& given) {
  std::vector<BlocklistEntry> entries;
  for (const auto& one : given) {
    LINNET_TRY(auto entry, normalise(one, clock_.now()));
    LINNET_TRY(entry.id, make_uuid_v4());
    entry.created_at = clock_.now();
    entries.push_back(std::move(entry));
  }
  std::size_t added = 0;
  LINNET_CHECK(writer_.write([&](store::Connection& connection) -> Status {
    added = 0;
    for (const auto& entry : entries) {
      bool is_new = false;
      LINNET_CHECK(insert(connection, entry, is_new));
      if (is_new) ++added;
    }
    return store::run(connection, kBumpMark);
  }));
  return added;
}

Status Blocklist::remove(const std::string& id, bool by_the_person) {
  return writer_.write([&](store::Connection& connection) -> Status {
    LINNET_TRY(const auto found, read_entries(connection, "id = $1", {std::string_view(id)}));
    if (found.empty()) return not_found("there is no such entry in the blocklist");
    if (found.front().added_by == AddedBy::opt_out && !by_the_person)
      return Error::of(ErrorKind::denied, "the person opted out; only they can take that back");
    LINNET_CHECK(
        store::run(connection, "DELETE FROM blocklist_entries WHERE id = $1", {std::string_view(id)}));
    return store::run(connection, kBumpMark);
  });
}

Result<std::vector<BlocklistEntry>> Blocklist::list(const BlocklistQuery& query) {
  LINNET_TRY(auto reader, database_.reader());
  const auto like = "%" + query.text + "%";
  const auto type = query.type ? to_string(*query.type) : std::string_view();
  return read_entries(*reader,
                      "value LIKE $1 AND ($2 = '' OR entry_type = $2) AND id > $3 ORDER BY id LIMIT $4",
                      {std::string_view(like), type, std::string_view(query.after), query.limit});
}

Result<std::vector<BlocklistEntry>> Blocklist::all() {
  LINNET_TRY(auto reader, database_.reader());
  return read_entries(*reader, "1 = 1 ORDER BY created_at, id", {});
}

Result<std::int64_t> Blocklist::opt_out(const std::string& platform, const std::string& user_id,
                                        const std::string& how) {
  BlocklistEntry entry;
  entry.platform = platform;
  entry.value = user_id;
  entry.reason = how;
  entry.added_by = AddedBy::opt_out;
  LINNET_TRY(entry, normalise(std::move(entry), clock_.now()));
  entry.value = user_id;  // an id is kept as the platform writes it
  LINNET_TRY(entry.id, make_uuid_v4());
  entry.created_at = clock_.now();
  std::int64_t cancelled = 0;
  LINNET_CHECK(writer_.write([&](store::Connection& connection) -> Status {
    bool is_new = false;
    const auto now = clock_.now();
    LINNET_CHECK(insert(connection, entry, is_new));
    LINNET_CHECK(store::run(connection, kBumpMark));
    LINNET_CHECK(
        store::run(connection,
                   "UPDATE approvals SET state = 'cancelled', decided_at = $3, decided_by = 'linnet' WHERE "
                   "state = 'open' AND attempt_id IN (SELECT id FROM action_attempts WHERE platform = $1 AND "
                   "target_user_id = $2 AND status = 'pending')",
                   {std::string_view(entry.platform), std::string_view(user_id), to_micros(now)}));
    LINNET_CHECK(
        store::run(connection,
                   "UPDATE action_attempts SET status = 'cancelled', completed_at = $3, error = "
                   "'{\"code\":\"opt_out\",\"message\":\"the person opted out\"}' WHERE platform = $1 AND "
                   "target_user_id = $2 AND status = 'pending'",
                   {std::string_view(entry.platform), std::string_view(user_id), to_micros(now)}));
    cancelled = connection.changes();
    AuditEntry audit;
    LINNET_TRY(audit.run_id, make_run_id(now));
    audit.step_id = step_id(audit.run_id, 1);
    audit.event = AuditEvent::policy_block;
    audit.platform = entry.platform;
    audit.actor = "the person";
    audit.target_type = "user";
    audit.target_id = user_id;
    audit.outcome = AuditOutcome::success;
    audit.details = {{"what", "opt_out"}, {"how", how}, {"cancelled", cancelled}};
    return append_audit(connection, std::move(audit), now);
  }));
  return cancelled;
}

Status Blocklist::keep_fingerprint(const std::string& platform, const std::string& user_id) {
  return writer_.write([&](store::Connection& connection) -> Status {
    LINNET_CHECK(make_salt(connection));
    LINNET_TRY(const auto salt, read_salt(connection));
    const auto fingerprint = opt_out_fingerprint(platform, user_id, salt);
    LINNET_CHECK(
        store::run(connection,
                   "INSERT INTO opt_out_fingerprints (fingerprint, created_at) VALUES ($1, $2) ON CONFLICT "
                   "(fingerprint) DO NOTHING",
                   {std::string_view(fingerprint), to_micros(clock_.now())}));
    return store::run(connection, kBumpMark);
  });
}

Result<Blocklist::Cached> Blocklist::current() {
  const auto now = clock_.now();
  auto cached = cached_.with([](const Cached& value) { return value; });
  if (cached.matcher && now - cached.looked_at < kLookAgain && now >= cached.looked_at) return cached;
  LINNET_TRY(auto reader, database_.reader());
  LINNET_TRY(const auto mark,
             store::query_integer(*reader, "SELECT value FROM govern_marks WHERE name = 'blocklist'"));
  if (!cached.matcher || cached.mark != mark.value_or(0)) {
    LINNET_TRY(auto entries, read_entries(*reader, "1 = 1 ORDER BY id", {}));
    cached.matcher = std::make_shared<const BlocklistMatcher>(std::move(entries));
    cached.mark = mark.value_or(0);
    LINNET_TRY(cached.salt, read_salt(*reader));
  }
  cached.looked_at = now;
  cached_.with([&](Cached& value) { value = cached; });
  return cached;
}

Result<std::optional<Blocklist::Hit>> Blocklist::check(const BlockSubject& subject,
                                                       const std::string& profile) {
  LINNET_TRY(const auto cached, current());
  if (const auto* const entry = cached.matcher->find(subject, clock_.now())) {
    const bool is_opt_out = entry->added_by == AddedBy::opt_out;
    return std::optional(Hit{entry->id,
                             is_opt_out ? fmt::format("the person opted out: {}", entry->reason)
                                        : fmt::format("blocked ({}, {}): {}", to_string(entry->type),
                                                      to_string(entry->match), entry->reason),
                             is_opt_out});
  }
  if (profile_opts_out(profile))
    return std::optional(Hit{"", "the person's profile says #nobot or #noindex", true});
  if (cached.salt.empty() || subject.user_id.empty()) return std::optional<Hit>();
  LINNET_TRY(auto reader, database_.reader());
  const auto fingerprint = opt_out_fingerprint(subject.platform, subject.user_id, cached.salt);
  LINNET_TRY(const auto found,
             store::query_text(*reader, "SELECT fingerprint FROM opt_out_fingerprints WHERE fingerprint = $1",
                               {std::string_view(fingerprint)}));
  if (!found) return std::optional<Hit>();
  return std::optional(Hit{"", "the person opted out and was erased", true});
}

Result<std::vector<BlocklistEntry>> Blocklist::check_all(const BlockSubject& subject) {
  LINNET_TRY(const auto cached, current());
  std::vector<BlocklistEntry> entries;
  for (const auto* const entry : cached.matcher->find_all(subject, clock_.now())) entries.push_back(*entry);
  return entries;
}

}  // namespace linnet::govern
