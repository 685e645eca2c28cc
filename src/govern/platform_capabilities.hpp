// What each platform, and each of its servers, says that it takes, and what a person set lower.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "govern/capability_names.hpp"
#include "store/connection.hpp"
#include "store/record/entity.hpp"

namespace linnet::govern {

struct Capability {
  std::string type;
  std::string name;
  std::string server;                 // host; empty: all servers of the platform
  std::string value;                  // what counts
  std::optional<std::string> stated;  // by the platform
  std::optional<Instant> stated_at;
  std::optional<std::string> set;  // by a person
  std::string set_by;
  std::string description;
  bool is_active = true;
  Instant created_at{};
  Instant updated_at{};
};
boost::json::object to_json(const Capability& capability);

// By type, name and server; those of the platform as a whole first.
Result<std::vector<Capability>> list_capabilities(store::Connection& connection, std::string_view platform);

struct CapabilityKey {
  std::string type;
  std::string name;
  std::string server;  // empty: all servers
};
// Never higher than the platform says. `not_found` for the platform, `invalid` for the rest. Its line stands
// in the audit trail.
Status set_capability(store::Connection& connection, std::string_view platform, const CapabilityKey& key,
                      std::string_view value, const std::string& actor, Instant now);
// `not_found` where nothing was set.
Status unset_capability(store::Connection& connection, std::string_view platform, const CapabilityKey& key,
                        const std::string& actor, Instant now);

// What the platform (or one server of it) says, in place of all that it said before; what it no longer says
// is kept, switched off. Nothing is written where it said the same within the last hours, nor for a platform
// that is not in the table.
Status note_stated(store::Connection& connection, std::string_view platform, std::string_view server,
                   const CapabilityValues& values, Instant now);
// The same that was said, as it stands.
Result<CapabilityValues> stated_values(store::Connection& connection, std::string_view platform,
                                       std::string_view server);

// All that the rules want to know of a platform, for an account on one of its servers.
struct PlatformFacts {
  bool is_on = true;
  CapabilityValues stated;  // by the server; where it says nothing, by the platform
  CapabilityValues set;     // by people, for this server or for all
};
Result<PlatformFacts> platform_facts(store::Connection& connection, std::string_view platform,
                                     std::string_view server);

// What can be done there and what is taken: what the connector just said comes before what it said once, and
// what people set lower counts in either case. nullopt: not known.
struct WhatIsTaken {
  bool is_platform_on = true;
  std::optional<connect::Capabilities> capabilities;
  std::optional<connect::PlatformLimits> limits;
  bool is_server_unread = false;  // it never said what it takes
};
WhatIsTaken what_is_taken(const PlatformFacts& facts, const std::optional<connect::Capabilities>& fresh,
                          const std::optional<connect::PlatformLimits>& fresh_limits);

}  // namespace linnet::govern

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::govern::Capability>();
