#include "govern/blocklist.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/secret_box.hpp"
#include "govern/audit.hpp"
#include "govern/blocklist_rows.hpp"
#include "govern/erased_people.hpp"
#include "govern/opt_out_signs.hpp"
#include "store/record/sql.hpp"

namespace linnet::govern {
namespace {

// Other processes' changes are noticed within this time.
constexpr auto kLookAgain = std::chrono::milliseconds(500);

// No names, words or domains: the entry says them as long as it stands.
Status write_audit(store::Connection& connection, const BlocklistEntry* entry, const std::string& actor,
                   boost::json::object details, Instant now) {
  AuditEntry audit;
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
    LINNET_TRY(const auto found,
               record::find_all<BlocklistEntry>(connection, "id = $1", {std::string_view(id)}));
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
  return record::find_all<BlocklistEntry>(
      *reader,
      R"(value LIKE $1 AND ($2 = '' OR entry_type = $2) AND ($3 = '' OR added_by = $3) AND id > $4
         ORDER BY id LIMIT $5)",
      {std::string_view(like), type, added_by, std::string_view(query.after), query.limit});
}

Result<std::vector<BlocklistEntry>> Blocklist::all() {
  LINNET_TRY(auto reader, database_.reader());
  return record::find_all<BlocklistEntry>(*reader, "1 = 1 ORDER BY created_at, id", {});
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
    LINNET_TRY(auto entries, record::find_all<BlocklistEntry>(*reader, "1 = 1 ORDER BY id", {}));
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
  const auto person = person_key(subject.platform, subject.server, subject.user_id, subject.user_name);
  LINNET_TRY(auto reader, database_.reader());
  return is_erased(*reader, person, salt);
}

Result<std::vector<BlocklistEntry>> Blocklist::check_all(const BlockSubject& subject) {
  LINNET_TRY(const auto cached, current());
  std::vector<BlocklistEntry> entries;
  for (const auto* const entry : cached.matcher->find_all(subject, clock_.now())) entries.push_back(*entry);
  return entries;
}

}  // namespace linnet::govern
