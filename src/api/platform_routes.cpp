// The platforms, and what each takes.
#include "api/routes.hpp"
#include "base/json_fields.hpp"
#include "govern/platform_capabilities.hpp"
#include "govern/platform_credentials.hpp"
#include "govern/platforms.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;
using govern::Permission;

Answer list(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto platforms, govern::list_platforms(*reader));
  json::array items;
  for (const auto& platform : platforms) items.push_back(to_json(platform));
  return json::object{{"items", std::move(items)}, {"next", nullptr}};
}

Answer show(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto platform, govern::find_platform(*reader, call.path[0]));
  LINNET_TRY(const auto capabilities, govern::list_capabilities(*reader, platform.name));
  auto object = to_json(platform);
  json::array items;
  for (const auto& one : capabilities) items.push_back(to_json(one));
  object["capabilities"] = std::move(items);
  return object;
}

// {"status": "active" | "inactive" | "deprecated", "display_name": …, "description": …, "priority": …}
Answer change(const Call& call) {
  LINNET_TRY(const auto object, parse_json_object("body", call.request.body()));
  JsonFields fields(object);
  govern::PlatformChange wanted;
  std::string status;
  std::string display_name;
  std::string description;
  std::int64_t priority = 0;
  LINNET_CHECK(fields.text("status", status));
  LINNET_CHECK(fields.text("display_name", display_name));
  LINNET_CHECK(fields.text("description", description));
  LINNET_CHECK(fields.integer("priority", priority, 0, 1'000'000));
  LINNET_CHECK(fields.nothing_else());
  if (object.contains("status")) {
    wanted.status = govern::parse_platform_status(status);
    if (!wanted.status) return invalid("status: expected active, inactive or deprecated");
  }
  if (object.contains("display_name")) wanted.display_name = display_name;
  if (object.contains("description")) wanted.description = description;
  if (object.contains("priority")) wanted.priority = priority;
  const auto& given = call.api.dependencies;
  LINNET_CHECK(given.writer.write([&](store::Connection& connection) {
    return govern::change_platform(connection, call.path[0], wanted, call.who.name, given.clock.now());
  }));
  return show(call);
}

Status read_capability_key(JsonFields& fields, govern::CapabilityKey& key) {
  LINNET_CHECK(fields.text("type", key.type));
  LINNET_CHECK(fields.text("name", key.name));
  return fields.text("server", key.server);
}

// {"type": "limits", "name": "max_character_limit", "server": "social.example", "value": "280"}
Answer set_capability(const Call& call) {
  LINNET_TRY(const auto object, parse_json_object("body", call.request.body()));
  JsonFields fields(object);
  govern::CapabilityKey key;
  std::string value;
  LINNET_CHECK(read_capability_key(fields, key));
  LINNET_CHECK(fields.text("value", value));
  LINNET_CHECK(fields.nothing_else());
  const auto& given = call.api.dependencies;
  LINNET_CHECK(given.writer.write([&](store::Connection& connection) {
    return govern::set_capability(connection, call.path[0], key, value, call.who.name, given.clock.now());
  }));
  return show(call);
}

// {"type": "limits", "name": "max_character_limit", "server": "social.example"}
Answer unset_capability(const Call& call) {
  LINNET_TRY(const auto object, parse_json_object("body", call.request.body()));
  JsonFields fields(object);
  govern::CapabilityKey key;
  LINNET_CHECK(read_capability_key(fields, key));
  LINNET_CHECK(fields.nothing_else());
  const auto& given = call.api.dependencies;
  LINNET_CHECK(given.writer.write([&](store::Connection& connection) {
    return govern::unset_capability(connection, call.path[0], key, call.who.name, given.clock.now());
  }));
  return show(call);
}

Answer credentials(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto kept, govern::list_platform_credentials(*reader, call.path[0]));
  json::array items;
  for (const auto& one : kept) items.push_back(to_json(one));
  return json::object{{"items", std::move(items)}, {"next", nullptr}};
}

}  // namespace

std::vector<Route> platform_routes() {
  using net::Method;
  constexpr auto kLive = Freshness::live;
  return {
      {Permission::read,
       Method::get,
       "/api/v1/platforms",
       "The platforms that Linnet knows",
       {},
       list,
       200,
       kLive},
      {Permission::read,
       Method::get,
       "/api/v1/platforms/{name}",
       "One platform, and what it takes",
       {},
       show,
       200,
       kLive},
      {Permission::accounts,
       Method::post,
       "/api/v1/platforms/{name}",
       "Switch it on or off, name and describe it",
       {},
       change,
       200,
       kLive},
      {Permission::rules,
       Method::post,
       "/api/v1/platforms/{name}/capabilities",
       "Set something lower than the platform does",
       {},
       set_capability,
       200,
       kLive},
      {Permission::rules,
       Method::post,
       "/api/v1/platforms/{name}/capabilities/remove",
       "What the platform says counts again",
       {},
       unset_capability,
       200,
       kLive},
      {Permission::accounts,
       Method::get,
       "/api/v1/platforms/{name}/credentials",
       "Its registrations with servers, without their values",
       {},
       credentials,
       200,
       kLive},
  };
}

}  // namespace linnet::api
