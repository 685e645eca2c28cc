// Opt-outs: they come before any other entry, and only the person takes one back.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/secret_box.hpp"
#include "base/text.hpp"
#include "govern/audit.hpp"
#include "govern/blocklist.hpp"
#include "govern/blocklist_rows.hpp"
#include "govern/consent.hpp"
#include "govern/erased_people.hpp"
#include "govern/opt_out_signs.hpp"
#include "govern/pending_actions.hpp"

namespace linnet::govern {
namespace {

// Ids stand in the trail, addresses do not.
Status audit_person(store::Connection& connection, const PersonKey& person, AuditEvent event,
                    const std::string& actor, boost::json::object details, Instant now) {
  AuditEntry audit;
  audit.event = event;
  audit.platform = person.platform;
  audit.actor = actor;
  audit.target_type = "user";
  audit.target_id = person.user_id;
  audit.outcome = AuditOutcome::success;
  details["server"] = person.server;
  audit.details = std::move(details);
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

// Whoever wants to be left alone has agreed to nothing any more; what was read under it is redacted.
Status revoke_consents(store::Connection& connection, const PersonKey& person, const std::string& actor,
                       Instant now) {
  PersonKey key = person;
  if (key.user_id.empty()) key.user_id = key.address;
  for (const auto* const type : {"dm_read", "dm_contact"}) {
    const auto done =
        revoke_consent(connection, {key.platform, key.server, key.user_id, ""}, type, actor, now);
    if (!done && done.error().kind != ErrorKind::not_found) return done.error();
  }
  return {};
}

// Every entry by which the person is known: by the id on its server, or by the address anywhere.
Result<std::int64_t> delete_entries(store::Connection& connection, const PersonKey& person) {
  LINNET_CHECK(store::run(connection,
                          R"(DELETE FROM blocklist_entries
                             WHERE added_by = 'opt_out' AND platform = $1 AND (($2 <> '' AND value = $2
                               AND server = $3) OR ($4 <> '' AND (value = $4 OR address = $4))))",
                          {std::string_view(person.platform), std::string_view(person.user_id),
                           std::string_view(person.server), std::string_view(person.address)}));
  return connection.changes();
}

Result<std::int64_t> delete_fingerprints(store::Connection& connection, const PersonKey& person) {
  LINNET_TRY(const auto salt, read_salt(connection));
  std::int64_t deleted = 0;
  const auto remove = [&](std::string_view server, std::string_view id) -> Status {
    if (id.empty()) return {};
    const auto fingerprint = opt_out_fingerprint(person.platform, server, id, salt);
    LINNET_CHECK(store::run(connection, "DELETE FROM opt_out_fingerprints WHERE fingerprint = $1",
                            {std::string_view(fingerprint)}));
    deleted += connection.changes();
    return {};
  };
  LINNET_CHECK(remove(person.server, person.user_id));
  LINNET_CHECK(remove("", person.address));
  return deleted;
}

}  // namespace

Result<std::int64_t> Blocklist::opt_out(const PersonKey& given, const std::string& how,
                                        const std::string& actor) {
  LINNET_TRY(const auto known, read_person(given));
  std::int64_t cancelled = 0;
  LINNET_CHECK(write([&](store::Connection& connection) -> Status {
    const auto now = clock_.now();
    auto person = known;
    LINNET_CHECK(fill_address(connection, person));
    // Of somebody who was erased nothing is written down again: the fingerprint says it already.
    LINNET_TRY(const bool was_erased, is_erased(connection, person));
    auto kept = Kept::as_it_was;
    if (!was_erased) {
      LINNET_TRY(auto entry, opt_out_entry(person, how, now));
      LINNET_TRY(kept, keep(connection, entry));
    }
    LINNET_TRY(const auto accounts, accounts_of(connection, person));
    cancelled = 0;
    for (const auto& account : accounts) {
      LINNET_TRY(const auto more,
                 cancel_pending(connection, account, {"opt_out", "the person opted out", actor}, now));
      cancelled += more;
    }
    LINNET_CHECK(revoke_consents(connection, person, actor, now));
    if (kept == Kept::as_it_was && cancelled == 0) return {};
    if (kept != Kept::as_it_was) LINNET_CHECK(store::run(connection, kBumpMark));
    return audit_person(connection, person, AuditEvent::policy_block, actor,
                        {{"what", "opt_out"}, {"how", how}, {"cancelled", cancelled}}, now);
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
      return store::run(connection,
                        R"(INSERT INTO opt_out_fingerprints (fingerprint, created_at) VALUES ($1, $2)
                           ON CONFLICT (fingerprint) DO NOTHING)",
                        {std::string_view(fingerprint), to_micros(clock_.now())});
    };
    LINNET_CHECK(add(person.server, person.user_id));
    LINNET_CHECK(add("", person.address));
    return store::run(connection, kBumpMark);
  });
}

Status Blocklist::take_back_opt_out(const PersonKey& given, const std::string& evidence,
                                    const std::string& actor) {
  constexpr std::size_t kLeastEvidence = 3;
  if (trim(evidence).size() < kLeastEvidence)
    return invalid(
        "evidence: expected where they said that they take it back, such as the address of a message");
  if (evidence.size() > 500) return invalid("evidence: expected at most 500 bytes; name where it stands");
  LINNET_TRY(const auto known, read_person(given));
  return write([&](store::Connection& connection) -> Status {
    auto person = known;
    // A handle may have gone to somebody else; an id that counts everywhere has not.
    const bool is_exact = has_global_ids(person.platform) && !person.user_id.empty();
    if (!is_exact) LINNET_CHECK(fill_address(connection, person));
    LINNET_TRY(const auto entries, delete_entries(connection, person));
    LINNET_TRY(const auto fingerprints, delete_fingerprints(connection, person));
    if (entries + fingerprints == 0) return not_found("this person has not opted out");
    LINNET_CHECK(store::run(connection, kBumpMark));
    return audit_person(connection, person, AuditEvent::action_complete, actor,
                        {{"what", "opt_out_taken_back"}, {"evidence", evidence}}, clock_.now());
  });
}

}  // namespace linnet::govern
