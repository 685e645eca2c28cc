// What signs Linnet itself in to a platform: the registrations of servers, and what else a person keeps
// there. Table `platform_credentials`; values are sealed, each for its own row, and never shown.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "base/secret_box.hpp"
#include "store/connection.hpp"
#include "store/record/entity.hpp"

namespace linnet::govern {

struct CredentialKey {
  std::string type;  // api_key, access_token, app_secret
  std::string key;   // "social.example"
};

struct PlatformCredential {
  CredentialKey key;
  bool is_encrypted = true;
  bool is_active = true;  // false: the server no longer takes it
  std::optional<Instant> expires_at;
  Instant created_at{};
  Instant updated_at{};
};
boost::json::object to_json(const PlatformCredential& credential);

// By key, then type. `not_found` for the platform.
Result<std::vector<PlatformCredential>> list_platform_credentials(store::Connection& connection,
                                                                  std::string_view platform);
// Adds it, or takes the place of the one under that key. `not_found` for the platform, `invalid` for the
// rest.
Status set_platform_credential(store::Connection& connection, std::string_view platform,
                               const CredentialKey& key, std::string_view value,
                               const std::optional<Instant>& expires_at, const SecretBox& box,
                               const std::string& actor, Instant now);
// `not_found` where there is none.
Status remove_platform_credential(store::Connection& connection, std::string_view platform,
                                  const CredentialKey& key, const std::string& actor, Instant now);
// Those under the key stay, and are no longer used: the server does not take them.
Status retire_platform_credentials(store::Connection& connection, std::string_view platform,
                                   std::string_view key, const std::string& actor, Instant now);

struct UsableCredential {
  CredentialKey key;
  std::string value;
};
// Those that may be used now, the newest first. `corrupt` when one was tampered with or sealed under another
// key.
Result<std::vector<UsableCredential>> usable_credentials(store::Connection& connection,
                                                         std::string_view platform, const SecretBox& box,
                                                         Instant now);

// What a value is sealed for, as SQL over the table; key_rotation.cpp seals anew by it.
inline constexpr std::string_view kCredentialContext =
    "(CAST(platform_id AS TEXT) || '/' || credential_type || '/' || credential_key)";

}  // namespace linnet::govern

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::govern::PlatformCredential>();
