#include "govern/blocklist.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/secret_box.hpp"
#include "govern/audit.hpp"
#include "govern/opt_out_signs.hpp"
#include "govern/pending_actions.hpp"

namespace linnet::govern {
namespace {

constexpr std::string_view kColumns =
    "id, entry_type, platform, value, match_type, reason, added_by, added_by_user, created_at, expires_at, "
    "server, address";
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
  entry.server = row.text(10);
  entry.address = row.text(11);
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

Status insert(store::Connection& connection, const BlocklistEntry& entry) {
  const auto platform =
      entry.platform.empty() ? store::Value() : store::Value(std::string_view(entry.platform));
  return store::run(
      connection,
      fmt::format(
          "INSERT INTO blocklist_entries ({}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
          kColumns),
      {std::string_view(entry.id), to_string(entry.type), platform, std::string_view(entry.value),
       to_string(entry.match), std::string_view(entry.reason), to_string(entry.added_by),
       std::string_view(entry.added_by_user), to_micros(entry.created_at), store::value_of(entry.expires_at),
       std::string_view(entry.server), std::string_view(entry.address)});
}

bool ends_before(const BlocklistEntry& one, const BlocklistEntry& other) {
  return one.expires_at && (!other.expires_at || *one.expires_at < *other.expires_at);
}

enum class Kept { added, extended, as_it_was };

// Afterwards `entry` is the one that is kept.
Result<Kept> keep(store::Connection& connection, BlocklistEntry& entry) {
  LINNET_TRY(auto same, read_entries(connection,
                                     "value = $1 AND entry_type = $2 AND match_type = $3 AND "
                                     "COALESCE(platform, '') = $4 AND added_by = $5 AND server = $6",
                                     {std::string_view(entry.value), to_string(entry.type),
                                      to_string(entry.match), std::string_view(entry.platform),
                                      to_string(entry.added_by), std::string_view(entry.server)}));
  if (same.empty()) {
    LINNET_CHECK(insert(connection, entry));
    return Kept::added;
  }
  auto& old = same.front();
  if (old.expires_at && *old.expires_at <= entry.created_at) {
    LINNET_CHECK(
        store::run(connection, "DELETE FROM blocklist_entries WHERE id = $1", {std::string_view(old.id)}));
    LINNET_CHECK(insert(connection, entry));
    return Kept::added;
  }
  const bool learns_address = old.address.empty() && !entry.address.empty();
  if (!ends_before(old, entry) && !learns_address) {
    entry = std::move(old);
    return Kept::as_it_was;
  }
  old.expires_at = entry.expires_at;
  old.address = entry.address;
  LINNET_CHECK(
      store::run(connection, "UPDATE blocklist_entries SET expires_at = $2, address = $3 WHERE id = $1",
                 {std::string_view(old.id), store::value_of(old.expires_at), std::string_view(old.address)}));
  entry = std::move(old);
  return Kept::extended;
}

// No names, words or domains: the entry says them as long as it stands.
Status write_audit(store::Connection& connection, const BlocklistEntry* entry, const std::string& actor,
                   boost::json::object details, Instant now) {
  AuditEntry audit;
  LINNET_TRY(audit.run_id, make_run_id(now));
  audit.step_id = step_id(audit.run_id, 1);
  audit.event = AuditEvent::action_complete;
  audit.actor = actor;
  audit.outcome = AuditOutcome::success;
  if (entry != nullptr) {
    audit.platform = entry->platform;
    details["entry"] = entry->id;
    details["entry_type"] = to_string(entry->type);
    details["match_type"] = to_string(entry->match);
  }
  audit.details = std::move(details);
  return append_audit(connection, std::move(audit), now);
}

// Ids stand in the trail, addresses do not.
Status audit_opt_out(store::Connection& connection, const PersonKey& person, const std::string& how,
                     const std::string& actor, std::int64_t cancelled, Instant now) {
  AuditEntry audit;
  LINNET_TRY(audit.run_id, make_run_id(now));
  audit.step_id = step_id(audit.run_id, 1);
  audit.event = AuditEvent::policy_block;
  audit.platform = person.platform;
  audit.actor = actor;
  audit.target_type = "user";
  audit.target_id = person.user_id;
  audit.outcome = AuditOutcome::success;
  audit.details = {{"what", "opt_out"}, {"how", how}, {"server", person.server}, {"cancelled", cancelled}};
  return append_audit(connection, std::move(audit), now);
}

Result<BlocklistEntry> opt_out_entry(const PersonKey& person, const std::string& how, Instant now) {
  BlocklistEntry entry;
  entry.platform = person.platform;
  entry.value = person.user_id.empty() ? person.address : person.user_id;
  entry.reason = how;
  entry.added_by = AddedBy::opt_out;
  LINNET_TRY(entry, normalise(std::move(entry), now));
  if (!person.user_id.empty()) entry.value = person.user_id;  // an id is kept as the platform writes it
  entry.server = person.server;
  entry.address = person.address;
  LINNET_TRY(entry.id, make_uuid_v4());
  entry.created_at = now;
  return entry;
}

}  // namespace

Blocklist::Blocklist(store::Database& database, store::Writer& writer, Clock& clock)
    : database_(database), writer_(writer), clock_(clock) {}

Status Blocklist::write(const store::Writer::Work& work) {
  auto done = writer_.write(work);
  // Also after a failure: a commit may stand whose answer was lost.
  cached_.with([](Cached& cached) {
    ++cached.generation;
    cached.looked_at.reset();
  });
  return done;
}

Result<BlocklistEntry> Blocklist::add(BlocklistEntry entry) {
  LINNET_TRY(entry, normalise(std::move(entry), clock_.now()));
  LINNET_TRY(entry.id, make_uuid_v4());
  entry.created_at = clock_.now();
  auto kept = entry;
  LINNET_CHECK(write([&](store::Connection& connection) -> Status {
    kept = entry;
    LINNET_TRY(const auto how, keep(connection, kept));
    if (how == Kept::as_it_was) return Error::of(ErrorKind::conflict, "the blocklist has this entry already");
    LINNET_CHECK(store::run(connection, kBumpMark));
    return write_audit(connection, &kept, entry.added_by_user,
                       {{"what", how == Kept::added ? "blocklist_added" : "blocklist_extended"}},
                       entry.created_at);
  }));
  return kept;
}

Result<std::size_t> Blocklist::add_all(const std::vector<BlocklistEntry>& given) {
  std::vector<BlocklistEntry> entries;
  const auto now = clock_.now();
  for (const auto& one : given) {
    LINNET_TRY(auto entry, normalise(one, now));
    LINNET_TRY(entry.id, make_uuid_v4());
    entry.created_at = now;
    entries.push_back(std::move(entry));
  }
  if (entries.empty()) return std::size_t{0};
  std::size_t added = 0;
  LINNET_CHECK(write([&](store::Connection& connection) -> Status {
    added = 0;
    for (auto entry : entries) {
      LINNET_TRY(const auto how, keep(connection, entry));
      if (how != Kept::as_it_was) ++added;
    }
    if (added > 0) LINNET_CHECK(store::run(connection, kBumpMark));
    return write_audit(
        connection, nullptr, entries.front().added_by_user,
        {{"what", "blocklist_imported"}, {"added", added}, {"there_already", entries.size() - added}}, now);
  }));
  return added;
}

Status Blocklist::remove(const std::string& id, const std::string& actor, bool by_the_person) {
  return write([&](store::Connection& connection) -> Status {
    LINNET_TRY(const auto found, read_entries(connection, "id = $1", {std::string_view(id)}));
    if (found.empty()) return not_found("there is no such entry in the blocklist");
    const auto& entry = found.front();
    if (entry.added_by == AddedBy::opt_out && !by_the_person)
      return Error::of(ErrorKind::denied, "the person opted out; only they can take that back");
    LINNET_CHECK(
        store::run(connection, "DELETE FROM blocklist_entries WHERE id = $1", {std::string_view(id)}));
    LINNET_CHECK(store::run(connection, kBumpMark));
    return write_audit(connection, &entry, actor,
                       {{"what", "blocklist_removed"}, {"added_by", to_string(entry.added_by)}},
                       clock_.now());
  });
}

Result<std::vector<BlocklistEntry>> Blocklist::list(const BlocklistQuery& query) {
  LINNET_TRY(auto reader, database_.reader());
  const auto like = "%" + query.text + "%";
  const auto type = query.type ? to_string(*query.type) : std::string_view();
  const auto added_by = query.added_by ? to_string(*query.added_by) : std::string_view();
  return read_entries(
      *reader,
      "value LIKE $1 AND ($2 = '' OR entry_type = $2) AND ($3 = '' OR added_by = $3) AND id > "
      "$4 ORDER BY id LIMIT $5",
      {std::string_view(like), type, added_by, std::string_view(query.after), query.limit});
}

Result<std::vector<BlocklistEntry>> Blocklist::all() {
  LINNET_TRY(auto reader, database_.reader());
  return read_entries(*reader, "1 = 1 ORDER BY created_at, id", {});
}

Result<std::int64_t> Blocklist::opt_out(const PersonKey& given, const std::string& how,
                                        const std::string& actor) {
  LINNET_TRY(const auto known, read_person(given));
  std::int64_t cancelled = 0;
  LINNET_CHECK(write([&](store::Connection& connection) -> Status {
    const auto now = clock_.now();
    auto person = known;
    LINNET_CHECK(fill_address(connection, person));
    LINNET_TRY(auto entry, opt_out_entry(person, how, now));
    LINNET_TRY(const auto kept, keep(connection, entry));
    LINNET_TRY(const auto accounts, accounts_of(connection, person));
    cancelled = 0;
    for (const auto& account : accounts) {
      LINNET_TRY(const auto more,
                 cancel_pending(connection, account, {"opt_out", "the person opted out", actor}, now));
      cancelled += more;
    }
    if (kept == Kept::as_it_was && cancelled == 0) return {};
    if (kept != Kept::as_it_was) LINNET_CHECK(store::run(connection, kBumpMark));
    return audit_opt_out(connection, person, how, actor, cancelled, now);
  }));
  return cancelled;
}

Status Blocklist::keep_fingerprint(const PersonKey& person) {
  return write([&](store::Connection& connection) -> Status {
    LINNET_CHECK(make_salt(connection));
    LINNET_TRY(const auto salt, read_salt(connection));
    const auto add = [&](std::string_view server, std::string_view id) -> Status {
      if (id.empty()) return {};
      const auto fingerprint = opt_out_fingerprint(person.platform, server, id, salt);
      return store::run(
          connection,
          "INSERT INTO opt_out_fingerprints (fingerprint, created_at) VALUES ($1, $2) ON CONFLICT "
          "(fingerprint) DO NOTHING",
          {std::string_view(fingerprint), to_micros(clock_.now())});
    };
    LINNET_CHECK(add(person.server, person.user_id));
    LINNET_CHECK(add("", person.address));
    return store::run(connection, kBumpMark);
  });
}

Result<Blocklist::Cached> Blocklist::current() {
  const auto now = clock_.now();
  auto cached = cached_.with([](const Cached& value) { return value; });
  const bool is_fresh = cached.looked_at && now >= *cached.looked_at && now - *cached.looked_at < kLookAgain;
  if (cached.matcher && is_fresh) return cached;
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
  // What was read before this process wrote is not remembered.
  cached_.with([&](Cached& value) {
    if (value.generation == cached.generation) value = cached;
  });
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
  LINNET_TRY(const bool is_erased, is_fingerprinted(subject, cached.salt));
  if (!is_erased) return std::optional<Hit>();
  return std::optional(Hit{"", "the person opted out and was erased", true});
}

Result<bool> Blocklist::is_fingerprinted(const BlockSubject& subject, const std::string& salt) {
  if (salt.empty()) return false;
  const auto person = person_key(subject.platform, subject.server, subject.user_id, subject.user_name);
  LINNET_TRY(auto reader, database_.reader());
  const auto by_id = opt_out_fingerprint(person.platform, person.server, person.user_id, salt);
  const auto by_address = opt_out_fingerprint(person.platform, "", person.address, salt);
  LINNET_TRY(
      const auto found,
      store::query_text(*reader,
                        "SELECT fingerprint FROM opt_out_fingerprints WHERE fingerprint IN ($1, $2) LIMIT 1",
                        {std::string_view(by_id), std::string_view(by_address)}));
  return found.has_value();
}

Result<std::vector<BlocklistEntry>> Blocklist::check_all(const BlockSubject& subject) {
  LINNET_TRY(const auto cached, current());
  std::vector<BlocklistEntry> entries;
  for (const auto* const entry : cached.matcher->find_all(subject, clock_.now())) entries.push_back(*entry);
  return entries;
}

}  // namespace linnet::govern
