// The platforms, and what each takes.
#include "api/typed_routes.hpp"
#include "govern/platform_capabilities.hpp"
#include "govern/platform_credentials.hpp"
#include "govern/platforms.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;
using govern::Permission;

Result<Page<govern::Platform>> list(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(auto platforms, govern::list_platforms(*reader));
  return Page<govern::Platform>{std::move(platforms)};
}

struct PlatformPage {
  govern::Platform platform;
  std::vector<govern::Capability> capabilities;
};
Result<PlatformPage> show(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  PlatformPage page;
  LINNET_TRY(page.platform, govern::find_platform(*reader, call.path[0]));
  LINNET_TRY(page.capabilities, govern::list_capabilities(*reader, page.platform.name));
  return page;
}

Result<PlatformPage> change(const Call& call, const govern::PlatformChange& wanted) {
  const auto& given = call.api.dependencies;
  LINNET_CHECK(given.writer.write([&](store::Connection& connection) {
    return govern::change_platform(connection, call.path[0], wanted, call.who.name, given.clock.now());
  }));
  return show(call);
}

struct WantedCapability {
  govern::CapabilityKey key;
  std::string value;
};
Result<PlatformPage> set_capability(const Call& call, const WantedCapability& wanted) {
  const auto& given = call.api.dependencies;
  LINNET_CHECK(given.writer.write([&](store::Connection& connection) {
    return govern::set_capability(connection, call.path[0], wanted.key, wanted.value, call.who.name,
                                  given.clock.now());
  }));
  return show(call);
}

Result<PlatformPage> unset_capability(const Call& call, const govern::CapabilityKey& key) {
  const auto& given = call.api.dependencies;
  LINNET_CHECK(given.writer.write([&](store::Connection& connection) {
    return govern::unset_capability(connection, call.path[0], key, call.who.name, given.clock.now());
  }));
  return show(call);
}

Result<Page<govern::PlatformCredential>> credentials(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(auto kept, govern::list_platform_credentials(*reader, call.path[0]));
  return Page<govern::PlatformCredential>{std::move(kept)};
}

}  // namespace

}  // namespace linnet::api

namespace linnet::record {

using namespace linnet::api;
using govern::CapabilityKey;
using govern::PlatformChange;

template <>
const Entity& entity_of<PlatformChange>() {
  static const auto described = entity<PlatformChange>(
      {.name = "PlatformChange", .example = R"({"status":"active"})"},
      {field<&PlatformChange::status>("status"), field<&PlatformChange::display_name>("display_name"),
       field<&PlatformChange::description>("description"),
       field<&PlatformChange::priority>("priority").between(0, 1'000'000)});
  return described;
}
template <>
const Entity& entity_of<CapabilityKey>() {
  static const auto described = entity<CapabilityKey>(
      {.name = "CapabilityKey", .example = R"({"type":"limits","name":"max_media"})"},
      {field<&CapabilityKey::type>("type").required(), field<&CapabilityKey::name>("name").required(),
       field<&CapabilityKey::server>("server").means("Absent: all servers of the platform")});
  return described;
}
template <>
const Entity& entity_of<WantedCapability>() {
  using Wanted = WantedCapability;
  static const auto described = entity<Wanted>(
      {.name = "WantedCapability", .example = R"({"type":"limits","name":"max_media","value":"2"})"},
      {field<&Wanted::key, &CapabilityKey::type>("type").required(),
       field<&Wanted::key, &CapabilityKey::name>("name").required(),
       field<&Wanted::key, &CapabilityKey::server>("server").means("Absent: all servers of the platform"),
       field<&Wanted::value>("value").required().at_most(kLongestSecret)});
  return described;
}

}  // namespace linnet::record

namespace linnet::api {

// The platform, and beside its own members what it takes.
template <>
struct Shape<PlatformPage> {
  static json::value show(const PlatformPage& page) {
    auto object = record::to_json(page.platform);
    object["capabilities"] = record::to_json(page.capabilities);
    return object;
  }
  static json::object schema(json::object& components) {
    const json::object more{
        {"type", "object"},
        {"properties", {{"capabilities", Shape<std::vector<govern::Capability>>::schema(components)}}},
        {"required", json::array{"capabilities"}}};
    return {{"allOf", json::array{Shape<govern::Platform>::schema(components), more}}};
  }
};

std::vector<Route> platform_routes() {
  using net::Method;
  constexpr auto kLive = Freshness::live;
  return {
      typed({Permission::read,
             Method::get,
             "/api/v1/platforms",
             "The platforms that Linnet knows",
             {},
             {},
             200,
             kLive},
            list),
      typed({Permission::read,
             Method::get,
             "/api/v1/platforms/{name}",
             "One platform, and what it takes",
             {},
             {},
             200,
             kLive},
            show),
      typed({Permission::accounts,
             Method::post,
             "/api/v1/platforms/{name}",
             "Switch it on or off, name and describe it",
             {},
             {},
             200,
             kLive},
            change),
      typed({Permission::rules,
             Method::post,
             "/api/v1/platforms/{name}/capabilities",
             "Set something lower than the platform does",
             {},
             {},
             200,
             kLive},
            set_capability),
      typed({Permission::rules,
             Method::post,
             "/api/v1/platforms/{name}/capabilities/remove",
             "What the platform says counts again",
             {},
             {},
             200,
             kLive},
            unset_capability),
      typed({Permission::accounts,
             Method::get,
             "/api/v1/platforms/{name}/credentials",
             "Its registrations with servers, without their values",
             {},
             {},
             200,
             kLive},
            credentials),
  };
}

}  // namespace linnet::api
