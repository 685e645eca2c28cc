#include "govern/platform_credentials.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "connect/every_platform.hpp"
#include "govern/platforms.hpp"
#include "store/record/json.hpp"
#include "store/record/sql.hpp"
#include "store/sealing_key.hpp"

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

Status refuse_without_registrations(std::string_view platform) {
  const auto* const door = connect::find_platform(platform);
  if (door == nullptr || door->sign_in.registers_apps) return {};
  return invalid(fmt::format("platform: {} knows no registrations, and needs none; expected {}",
                             door->display_name,
                             connect::names_of_platforms([](const connect::PlatformDoor& other) {
                               return other.sign_in.registers_apps;
                             })));
}

Status check_new(std::string_view platform, const CredentialKey& key, std::string_view value,
                 const std::optional<Instant>& expires_at, Instant now) {
  LINNET_CHECK(check_type(key.type));
  LINNET_CHECK(refuse_without_registrations(platform));
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
  return record::to_json(credential);
}

Result<std::vector<PlatformCredential>> list_platform_credentials(store::Connection& connection,
                                                                  std::string_view platform) {
  LINNET_TRY(const auto found, find_platform(connection, platform));
  return record::find_all<PlatformCredential>(
      connection, "platform_id = $1 ORDER BY credential_key, credential_type", {found.id});
}

Status set_platform_credential(store::Connection& connection, std::string_view platform,
                               const CredentialKey& key, std::string_view value,
                               const std::optional<Instant>& expires_at, const SecretBox& box,
                               const std::string& actor, Instant now) {
  LINNET_TRY(const auto found, find_platform(connection, platform));
  LINNET_CHECK(check_new(platform, key, value, expires_at, now));
  LINNET_CHECK(store::refuse_old_key(connection, box));
  LINNET_TRY(const auto sealed, box.seal(value, context_of(found.id, key)));
  PlatformCredential credential{key, true, true, expires_at, now, now};
  LINNET_CHECK(record::insert(connection, credential,
                              {{"platform_id", found.id}, {"credential_value", std::string_view(sealed)}},
                              R"(ON CONFLICT (platform_id, credential_type, credential_key) DO UPDATE SET
                                   credential_value = excluded.credential_value, is_encrypted = 1, is_active = 1,
                                   expires_at = excluded.expires_at, updated_at = excluded.updated_at)"));
  return note_credential(connection, platform, "platform_credential_set", key, actor, now);
}

Status remove_platform_credential(store::Connection& connection, std::string_view platform,
                                  const CredentialKey& key, const std::string& actor, Instant now) {
  LINNET_TRY(const auto found, find_platform(connection, platform));
  LINNET_CHECK(check_type(key.type));
  LINNET_CHECK(store::run(connection,
                          R"(DELETE FROM platform_credentials
                             WHERE platform_id = $1 AND credential_type = $2 AND credential_key = $3)",
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
                          R"(UPDATE platform_credentials
                             SET is_active = 0, updated_at = $3
                             WHERE platform_id = $1 AND credential_key = $2 AND is_active = 1)",
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
      R"(SELECT c.platform_id, c.credential_type, c.credential_key, c.credential_value
         FROM platform_credentials c
         JOIN platforms p ON p.id = c.platform_id
         WHERE p.name = $1 AND c.is_active = 1 AND c.is_encrypted = 1 AND (c.expires_at IS NULL
           OR c.expires_at > $2)
         ORDER BY c.updated_at DESC, c.id DESC)",
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

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::govern::PlatformCredential>() {
  using linnet::govern::PlatformCredential;
  static const Entity described = entity<PlatformCredential>(
      {.name = "PlatformCredential", .table = "platform_credentials"},
      {
          field<&PlatformCredential::key, &govern::CredentialKey::type>("type").in_column("credential_type"),
          field<&PlatformCredential::key, &govern::CredentialKey::key>("key").in_column("credential_key"),
          field<&PlatformCredential::is_encrypted>("is_encrypted"),
          field<&PlatformCredential::is_active>("is_active"),
          field<&PlatformCredential::expires_at>("expires_at"),
          field<&PlatformCredential::created_at>("created_at"),
          field<&PlatformCredential::updated_at>("updated_at"),
      });
  return described;
}
