#include "govern/platform_credentials.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "govern/platforms.hpp"

namespace linnet::govern {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 3> kTypes{"api_key", "access_token", "app_secret"};
constexpr std::size_t kMostKeyBytes = 300;
constexpr std::size_t kMostValueBytes = 10'000;

std::string context_of(std::int64_t platform, const CredentialKey& key) {
  return fmt::format("{}/{}/{}", platform, key.type, key.key);
}

bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == '\x7f'; });
}

Status check_type(std::string_view type) {
  if (std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end()) return {};
  return invalid(fmt::format("type: expected api_key, access_token or app_secret, got \"{}\"",
                             to_valid_utf8(truncate_utf8(type, 60))));
}

Status check_new(std::string_view platform, const CredentialKey& key, std::string_view value,
                 const std::optional<Instant>& expires_at, Instant now) {
  LINNET_CHECK(check_type(key.type));
  if (platform == "bluesky")
    return invalid("platform: Bluesky knows no registrations, and needs none; expected mastodon");
  if (trim(key.key) != key.key || key.key.empty() || key.key.size() > kMostKeyBytes ||
      !is_valid_utf8(key.key) || has_control_characters(key.key)) {
    return invalid(fmt::format("key: expected the host of a server, such as social.example, at most {} bytes",
                               kMostKeyBytes));
  }
  if (value.empty()) return invalid("value: expected one, got nothing");
  if (value.size() > kMostValueBytes || !is_valid_utf8(value) || has_control_characters(value))
    return invalid(fmt::format("value: expected one line of text, at most {} bytes", kMostValueBytes));
  if (expires_at && *expires_at <= now) return invalid("expires_at: expected a moment that is still to come");
  return {};
}

Status note_credential(store::Connection& connection, std::string_view platform, std::string_view what,
                       const CredentialKey& key, const std::string& actor, Instant now) {
  return note_platform_change(connection, platform, actor,
                              {{"what", what}, {"credential_type", key.type}, {"credential_key", key.key}},
                              now);
}

}  // namespace

json::object to_json(const PlatformCredential& credential) {
  return {
      {"type", credential.key.type},
      {"key", credential.key.key},
      {"is_encrypted", credential.is_encrypted},
      {"is_active", credential.is_active},
      {"expires_at", credential.expires_at ? json::value(to_iso8601(*credential.expires_at)) : json::value()},
      {"created_at", to_iso8601(credential.created_at)},
      {"updated_at", to_iso8601(credential.updated_at)}};
}

Result<std::vector<PlatformCredential>> list_platform_credentials(store::Connection& connection,
                                                                  std::string_view platform) {
  LINNET_TRY(const auto found, find_platform(connection, platform));
  std::vector<PlatformCredential> credentials;
  LINNET_CHECK(
      store::for_each_row(connection,
                          "SELECT credential_type, credential_key, is_encrypted, is_active, expires_at, "
                          "created_at, updated_at FROM platform_credentials WHERE platform_id = $1 ORDER BY "
                          "credential_key, credential_type",
                          {found.id}, [&](const store::Statement& row) {
                            PlatformCredential credential;
                            credential.key = {std::string(row.text(0)), std::string(row.text(1))};
                            credential.is_encrypted = row.integer(2) != 0;
                            credential.is_active = row.integer(3) != 0;
                            credential.expires_at = row.maybe_instant(4);
                            credential.created_at = row.instant(5);
                            credential.updated_at = row.instant(6);
                            credentials.push_back(std::move(credential));
                          }));
  return credentials;
}

Status set_platform_credential(store::Connection& connection, std::string_view platform,
                               const CredentialKey& key, std::string_view value,
                               const std::optional<Instant>& expires_at, const SecretBox& box,
                               const std::string& actor, Instant now) {
  LINNET_TRY(const auto found, find_platform(connection, platform));
  LINNET_CHECK(check_new(platform, key, value, expires_at, now));
  LINNET_TRY(const auto sealed, box.seal(value, context_of(found.id, key)));
  LINNET_CHECK(store::run(
      connection,
      "INSERT INTO platform_credentials (platform_id, credential_type, credential_key, credential_value, "
      "is_encrypted, is_active, expires_at, created_at, updated_at) VALUES ($1, $2, $3, $4, 1, 1, $5, $6, "
      "$6) "
      "ON CONFLICT (platform_id, credential_type, credential_key) DO UPDATE SET credential_value = "
      "excluded.credential_value, is_encrypted = 1, is_active = 1, expires_at = excluded.expires_at, "
      "updated_at = excluded.updated_at",
      {found.id, std::string_view(key.type), std::string_view(key.key), std::string_view(sealed),
       store::value_of(expires_at), to_micros(now)}));
  return note_credential(connection, platform, "platform_credential_set", key, actor, now);
}

Status remove_platform_credential(store::Connection& connection, std::string_view platform,
                                  const CredentialKey& key, const std::string& actor, Instant now) {
  LINNET_TRY(const auto found, find_platform(connection, platform));
  LINNET_CHECK(check_type(key.type));
  LINNET_CHECK(store::run(connection,
                          "DELETE FROM platform_credentials WHERE platform_id = $1 AND credential_type = $2 "
                          "AND credential_key = $3",
                          {found.id, std::string_view(key.type), std::string_view(key.key)}));
  if (connection.changes() == 0) {
    return not_found(fmt::format(
        "key: there is no {} under \"{}\"; linnet platform credential list {} shows those there are",
        key.type, to_valid_utf8(truncate_utf8(key.key, 60)), platform));
  }
  return note_credential(connection, platform, "platform_credential_removed", key, actor, now);
}

Status retire_platform_credentials(store::Connection& connection, std::string_view platform,
                                   std::string_view key, const std::string& actor, Instant now) {
  LINNET_TRY(const auto found, find_platform(connection, platform));
  LINNET_CHECK(store::run(connection,
                          "UPDATE platform_credentials SET is_active = 0, updated_at = $3 WHERE platform_id "
                          "= $1 AND credential_key = $2 AND is_active = 1",
                          {found.id, key, to_micros(now)}));
  if (connection.changes() == 0) return {};
  return note_platform_change(connection, platform, actor,
                              {{"what", "platform_credential_retired"}, {"credential_key", key}}, now);
}

Result<std::vector<UsableCredential>> usable_credentials(store::Connection& connection,
                                                         std::string_view platform, const SecretBox& box,
                                                         Instant now) {
  struct Row {
    std::int64_t platform;
    CredentialKey key;
    std::string sealed;
  };
  std::vector<Row> rows;
  LINNET_CHECK(store::for_each_row(
      connection,
      "SELECT c.platform_id, c.credential_type, c.credential_key, c.credential_value FROM "
      "platform_credentials c JOIN platforms p ON p.id = c.platform_id WHERE p.name = $1 AND c.is_active = 1 "
      "AND c.is_encrypted = 1 AND (c.expires_at IS NULL OR c.expires_at > $2) ORDER BY c.updated_at DESC, "
      "c.id DESC",
      {platform, to_micros(now)}, [&](const store::Statement& row) {
        rows.push_back(
            {row.integer(0), {std::string(row.text(1)), std::string(row.text(2))}, std::string(row.text(3))});
      }));
  std::vector<UsableCredential> usable;
  for (auto& row : rows) {
    auto value = box.unseal(row.sealed, context_of(row.platform, row.key));
    if (!value) {
      return Error::of(ErrorKind::corrupt,
                       fmt::format("the {} under \"{}\" cannot be read with this key; remove it: linnet "
                                   "platform credential remove {} {} \"{}\"",
                                   row.key.type, row.key.key, platform, row.key.type, row.key.key));
    }
    usable.push_back({std::move(row.key), std::move(value).value()});
  }
  return usable;
}

}  // namespace linnet::govern
