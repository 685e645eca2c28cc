// The platforms that Linnet acts on, and what is known of each: what it says of itself, what a person set
// lower. Tables `platforms` and `platform_capabilities`. Whatever changes something runs within the caller's
// transaction, and writes its line of the audit trail there.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/enum_names.hpp"
#include "base/instant.hpp"
#include "govern/capability_names.hpp"
#include "store/database.hpp"
#include "store/record/entity.hpp"

namespace linnet::govern {

enum class PlatformStatus : std::uint8_t {
  active,
  inactive,    // nothing is read from it and nothing is sent to it
  deprecated,  // what is there goes on; no accounts are added on further servers
};
BOOST_DESCRIBE_ENUM(PlatformStatus, active, inactive, deprecated)
std::string_view to_string(PlatformStatus status);
std::optional<PlatformStatus> parse_platform_status(std::string_view name);

struct Platform {
  std::int64_t id = 0;
  std::string name;
  std::string display_name;
  std::string description;
  PlatformStatus status = PlatformStatus::active;
  std::int64_t priority = 0;  // the lowest is shown first
  Instant created_at{};
  Instant updated_at{};
};

// What is absent stays as it is.
struct PlatformChange {
  std::optional<std::string> display_name;
  std::optional<std::string> description;
  std::optional<PlatformStatus> status;
  std::optional<std::int64_t> priority;
};

// Adds the platforms that this program knows and are not there yet, and what their connectors say. What
// people changed stays. Writes nothing where all is there.
Status fill_platforms(store::Database& database, Instant now);

// By priority, then name.
Result<std::vector<Platform>> list_platforms(store::Connection& connection);
// `not_found` names those there are.
Result<Platform> find_platform(store::Connection& connection, std::string_view name);
// `not_found`, `invalid`.
Status change_platform(store::Connection& connection, std::string_view name, const PlatformChange& change,
                       const std::string& actor, Instant now);

// Whether anything may be read from or sent to it; a platform that is not in the table may.
Result<bool> is_platform_on(store::Connection& connection, std::string_view name);
// In words, for the rules and for errors.
std::string platform_off_reason(std::string_view name);
// `denied` while it is inactive, or deprecated and without an account on that server.
Status refuse_new_account(store::Connection& connection, std::string_view name, std::string_view base_url);

boost::json::object to_json(const Platform& platform);

// Adds the line that says who changed what of a platform.
Status note_platform_change(store::Connection& connection, std::string_view platform,
                            const std::string& actor, boost::json::object details, Instant now);

}  // namespace linnet::govern

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::govern::Platform>();
