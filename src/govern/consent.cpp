#include "govern/consent.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/secret_box.hpp"
#include "base/text_limits.hpp"
#include "govern/audit.hpp"
#include "govern/blocklist_forms.hpp"
#include "govern/withdrawal.hpp"
#include "store/record/sql.hpp"

namespace linnet::govern {
namespace {

Status check_type(const std::string& type) {
  if (type == "dm_read" || type == "dm_contact") return {};
  return invalid(fmt::format("consent_type: expected dm_read or dm_contact, got \"{}\"", type.substr(0, 60)));
}

Result<std::vector<Consent>> read_consents(store::Connection& connection, std::string_view condition,
                                           const record::Values& values) {
  return record::find_all<Consent>(connection, fmt::format("{} ORDER BY granted_at DESC, id DESC", condition),
                                   values);
}

// Those that count for the person: by the id on its own server, by the address there or everywhere. A handle
// goes from hand to hand; where ids count everywhere, they alone say who it is.
Result<std::vector<Consent>> consents_of(store::Connection& connection, PersonKey person,
                                         const std::string& type) {
  LINNET_CHECK(fill_address(connection, person));
  const std::string address = has_global_ids(person.platform) ? std::string() : person.address;
  return read_consents(
      connection,
      "consent_type = $1 AND platform = $2 AND ((user_id = $3 AND server_id = $4) OR "
      "(address = $5 AND address <> '' AND server_id IN ('', $4)))",
      {std::string_view(type), std::string_view(person.platform), std::string_view(person.user_id),
       std::string_view(person.server), std::string_view(address)});
}

// What the person takes back.
Result<std::vector<Consent>> standing_consents(store::Connection& connection, const PersonKey& person,
                                               const std::string& type) {
  const bool everywhere = person.user_id.empty() && person.server.empty();
  LINNET_TRY(auto all, everywhere
                           ? read_consents(connection, "address = $1 AND consent_type = $2 AND platform = $3",
                                           {std::string_view(person.address), std::string_view(type),
                                            std::string_view(person.platform)})
                           : consents_of(connection, person, type));
  std::erase_if(all, [](const Consent& consent) { return consent.revoked_at.has_value(); });
  return all;
}

// What was read under the consent goes with it; what we wrote ourselves stays until retention takes it.
Status redact_read_messages(store::Connection& connection, const observe::PersonAccount& account) {
  constexpr std::string_view kThreads =
      "(SELECT t.id FROM dm_threads t JOIN accounts a ON a.id = t.account_id WHERE a.instance_id = $1)";
  LINNET_CHECK(store::run(connection,
                          fmt::format(
                              R"(UPDATE dm_messages
                                 SET content_encrypted = '[REDACTED]'
                                 WHERE sender_id = $2 AND thread_id IN {})",
                              kThreads),
                          {account.instance.value(), std::string_view(account.id)}));
  return store::run(connection,
                    fmt::format(
                        R"(UPDATE dm_threads
                           SET last_message_preview = NULL
                           WHERE id IN {} AND (participant_id = $2 OR id IN (SELECT thread_id
                             FROM dm_messages WHERE sender_id = $2)))",
                        kThreads),
                    {account.instance.value(), std::string_view(account.id)});
}

Status redact_without_consent(store::Connection& connection, const PersonKey& person, Instant now) {
  LINNET_TRY(const auto accounts, accounts_of(connection, person));
  for (const auto& account : accounts) {
    if (account.id.empty()) continue;
    LINNET_TRY(const auto host, host_of_instance(connection, account.instance));
    LINNET_TRY(
        const bool agreed,
        has_consent(connection, person_key(account.platform, host, account.id, account.acct), "dm_read"));
    if (!agreed) LINNET_CHECK(redact_read_messages(connection, account));
    // Also where another consent stands: it may be for less.
    LINNET_TRY(
        const auto withdrawn,
        withdraw_without_consent(connection, {account.instance, account.platform, host, account.id}, now));
    (void)withdrawn;
  }
  return {};
}

Status write_audit(store::Connection& connection, std::string_view what, const Consent& consent,
                   const std::string& actor, Instant now) {
  AuditEntry entry;
  entry.event = AuditEvent::action_complete;
  entry.platform = consent.platform;
  entry.actor = actor;
  entry.target_type = "user";
  // Ids stand in the trail, addresses do not.
  if (consent.user_id != consent.address) entry.target_id = consent.user_id;
  entry.outcome = AuditOutcome::success;
  entry.details = {
      {"what", what}, {"consent", consent.id}, {"consent_type", consent.type}, {"server", consent.server_id}};
  return append_audit(connection, std::move(entry), now);
}

}  // namespace

Result<std::string> make_ulid(Instant now) {
  constexpr std::string_view kLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  LINNET_TRY(const auto random, random_bytes(16));
  auto millis = static_cast<std::uint64_t>(to_micros(now) / 1000);
  std::string ulid(26, '0');
  for (std::size_t i = 10; i-- > 0; millis /= 32) ulid[i] = kLetters[millis % 32];
  for (std::size_t i = 0; i < 16; ++i) ulid[10 + i] = kLetters[static_cast<unsigned char>(random[i]) % 32];
  return ulid;
}

Result<Consent> grant_consent(store::Connection& connection, Consent consent, const std::string& actor,
                              Instant now) {
  LINNET_CHECK(check_type(consent.type));
  LINNET_CHECK(check_length("evidence", consent.evidence, kLongestReason));
  LINNET_CHECK(check_length("user_id", consent.user_id, kLongestWord));
  LINNET_TRY(auto person,
             read_person({consent.platform, consent.server_id, consent.user_id, consent.address}));
  if (person.user_id.empty() && has_global_ids(person.platform))
    return invalid(
        "user_id: expected the platform's id of the person; a handle may be somebody else's later");
  LINNET_CHECK(fill_address(connection, person));
  consent.platform = person.platform;
  consent.server_id = person.server;
  consent.user_id = person.user_id.empty() ? person.address : person.user_id;
  consent.address = person.address;
  LINNET_TRY(const auto earlier, standing_consents(connection, person, consent.type));
  for (const auto& other : earlier) {
    if (other.server_id == consent.server_id && other.user_id == consent.user_id) return other;
  }
  LINNET_TRY(consent.id, make_ulid(now));
  consent.granted_at = now;
  LINNET_CHECK(record::insert(connection, consent));
  // What was left out of conversations for want of it is there to be read now.
  if (consent.type == "dm_read") {
    LINNET_CHECK(store::run(connection, "UPDATE dm_threads SET seen_version = NULL WHERE platform = $1",
                            {std::string_view(consent.platform)}));
  }
  LINNET_CHECK(write_audit(connection, "consent_granted", consent, actor, now));
  return consent;
}

Status revoke_consent(store::Connection& connection, const PersonKey& given, const std::string& type,
                      const std::string& actor, Instant now) {
  LINNET_CHECK(check_type(type));
  LINNET_TRY(auto person, read_person(given));
  LINNET_CHECK(fill_address(connection, person));
  LINNET_TRY(const auto standing, standing_consents(connection, person, type));
  if (standing.empty()) return not_found("there is no such consent that stands");
  for (const auto& consent : standing) {
    LINNET_CHECK(store::run(connection, "UPDATE consents SET revoked_at = $2 WHERE id = $1",
                            {std::string_view(consent.id), to_micros(now)}));
    LINNET_CHECK(write_audit(connection, "consent_revoked", consent, actor, now));
  }
  return type == "dm_read" ? redact_without_consent(connection, person, now) : Status();
}

Result<bool> has_consent(store::Connection& connection, const PersonKey& person, const std::string& type) {
  LINNET_TRY(const auto consents, consents_of(connection, person, type));
  return std::any_of(consents.begin(), consents.end(),
                     [](const Consent& consent) { return !consent.revoked_at; });
}

Result<bool> may_read_messages(store::Connection& connection, const PersonKey& person,
                               const std::string& server) {
  LINNET_TRY(const bool everywhere, has_consent(connection, person, "dm_read"));
  if (everywhere || server.empty()) return everywhere;
  auto there = person;
  there.server = server;
  return has_consent(connection, there, "dm_read");
}

// Whatever the clock said at the time: a consent that was given anew is one that stands.
Result<bool> has_revoked(store::Connection& connection, const PersonKey& person, const std::string& type) {
  LINNET_TRY(const auto consents, consents_of(connection, person, type));
  return !consents.empty() && std::all_of(consents.begin(), consents.end(), [](const Consent& consent) {
    return consent.revoked_at.has_value();
  });
}

Result<std::vector<Consent>> list_consents(store::Connection& connection, const std::string& user_id) {
  if (user_id.empty()) return read_consents(connection, "1 = 1", {});
  return read_consents(connection, "user_id = $1 OR address = $2",
                       {std::string_view(user_id), std::string_view(user_key(user_id))});
}

}  // namespace linnet::govern

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::govern::Consent>() {
  using linnet::govern::Consent;
  static const Entity described = entity<Consent>(
      {.name = "Consent",
       .table = "consents",
       // By the id on its own server, and by the address wherever it stands.
       .care = {.person = OfPerson::rows,
                .condition = R"(platform = {platform} AND ((user_id = {id} AND server_id = {server}) OR
                                ({address} <> '' AND address = {address})))"}},
      {
          field<&Consent::id>("id").key(),
          field<&Consent::user_id>("user_id"),
          field<&Consent::type>("consent_type"),
          field<&Consent::platform>("platform"),
          field<&Consent::granted_at>("granted_at"),
          field<&Consent::revoked_at>("revoked_at"),
          field<&Consent::server_id>("server_id").or_null_in_json(),
          field<&Consent::address>("address").or_null_in_json(),
          field<&Consent::evidence>("evidence"),
      });
  return described;
}
