#include "govern/consent.hpp"

#include <fmt/format.h>

#include "base/secret_box.hpp"

namespace linnet::govern {
namespace {

Status check(const Consent& consent) {
  if (consent.user_id.empty())
    return invalid("user_id: expected the platform's id of the person, got nothing");
  if (consent.type != "dm_read" && consent.type != "dm_contact") {
    return invalid(
        fmt::format("consent_type: expected dm_read or dm_contact, got \"{}\"", consent.type.substr(0, 60)));
  }
  return {};
}

Result<std::vector<Consent>> read_consents(store::Connection& connection, std::string_view condition,
                                           std::initializer_list<store::Value> values) {
  std::vector<Consent> consents;
  LINNET_CHECK(store::for_each_row(
      connection,
      fmt::format(
          "SELECT id, user_id, consent_type, granted_at, revoked_at, server_id, platform, evidence FROM "
          "consents WHERE {} ORDER BY granted_at DESC, id DESC",
          condition),
      values, [&](const store::Statement& row) {
        consents.push_back({std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2)),
                            row.instant(3), row.maybe_instant(4), std::string(row.text(5)),
                            std::string(row.text(6)), std::string(row.text(7))});
      }));
  return consents;
}

Result<std::vector<Consent>> consents_of(store::Connection& connection, const std::string& platform,
                                         const std::string& user_id, const std::string& type) {
  return read_consents(connection, "user_id = $1 AND consent_type = $2 AND platform IN ($3, '')",
                       {std::string_view(user_id), std::string_view(type), std::string_view(platform)});
}

// What was read under the consent goes with it; what we wrote ourselves stays until retention takes it.
Status redact_read_messages(store::Connection& connection, const std::string& platform,
                            const std::string& user_id) {
  LINNET_CHECK(store::run(connection,
                          "UPDATE dm_messages SET content_encrypted = '[REDACTED]' WHERE sender_id = $1 AND "
                          "platform = $2",
                          {std::string_view(user_id), std::string_view(platform)}));
  return store::run(
      connection,
      "UPDATE dm_threads SET last_message_preview = NULL WHERE participant_id = $1 AND platform = $2",
      {std::string_view(user_id), std::string_view(platform)});
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

Result<Consent> grant_consent(store::Connection& connection, Consent consent, Instant now) {
  LINNET_CHECK(check(consent));
  LINNET_TRY(const auto earlier, consents_of(connection, consent.platform, consent.user_id, consent.type));
  for (const auto& other : earlier) {
    if (!other.revoked_at && other.server_id == consent.server_id) return other;
  }
  LINNET_TRY(consent.id, make_ulid(now));
  consent.granted_at = now;
  const auto server =
      consent.server_id.empty() ? store::Value() : store::Value(std::string_view(consent.server_id));
  LINNET_CHECK(store::run(
      connection,
      "INSERT INTO consents (id, user_id, consent_type, granted_at, server_id, platform, evidence) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7)",
      {std::string_view(consent.id), std::string_view(consent.user_id), std::string_view(consent.type),
       to_micros(now), server, std::string_view(consent.platform), std::string_view(consent.evidence)}));
  return consent;
}

Status revoke_consent(store::Connection& connection, const std::string& platform, const std::string& user_id,
                      const std::string& type, Instant now) {
  LINNET_CHECK(store::run(
      connection,
      "UPDATE consents SET revoked_at = $4 WHERE user_id = $1 AND consent_type = $2 AND platform "
      "IN ($3, '') AND revoked_at IS NULL",
      {std::string_view(user_id), std::string_view(type), std::string_view(platform), to_micros(now)}));
  if (connection.changes() == 0) return not_found("there is no such consent that stands");
  return type == "dm_read" ? redact_read_messages(connection, platform, user_id) : Status();
}

Result<bool> has_consent(store::Connection& connection, const std::string& platform,
                         const std::string& user_id, const std::string& type) {
  LINNET_TRY(const auto consents, consents_of(connection, platform, user_id, type));
  for (const auto& consent : consents) {
    if (!consent.revoked_at) return true;
  }
  return false;
}

Result<bool> has_revoked(store::Connection& connection, const std::string& platform,
                         const std::string& user_id, const std::string& type) {
  LINNET_TRY(const auto consents, consents_of(connection, platform, user_id, type));
  return !consents.empty() && consents.front().revoked_at.has_value();
}

Result<std::vector<Consent>> list_consents(store::Connection& connection, const std::string& user_id) {
  if (user_id.empty()) return read_consents(connection, "1 = 1", {});
  return read_consents(connection, "user_id = $1", {std::string_view(user_id)});
}

}  // namespace linnet::govern
