#include "govern/platform_capabilities.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "govern/blocklist_forms.hpp"
#include "govern/person_key.hpp"
#include "govern/platforms.hpp"
#include "store/record/json.hpp"
#include "store/record/sql.hpp"

namespace linnet::govern {
namespace {

namespace json = boost::json;

// What is said again and again is written down again only now and then.
constexpr auto kSayAgain = std::chrono::hours(6);

std::string key_of(const Capability& capability) {
  return fmt::format("{}/{}", capability.type, capability.name);
}

json::value or_null(const std::optional<std::string>& text) {
  return text ? json::value(*text) : json::value();
}

Result<std::optional<std::int64_t>> id_of(store::Connection& connection, std::string_view platform) {
  return store::query_integer(connection, "SELECT id FROM platforms WHERE name = $1", {platform});
}

// Of the platform $1.
constexpr std::string_view kOfPlatform = "platform_id = (SELECT id FROM platforms WHERE name = $1)";

Result<std::vector<Capability>> capabilities_of(store::Connection& connection, std::string_view platform,
                                                std::string_view server) {
  return record::find_all<Capability>(connection, fmt::format("{} AND server = $2", kOfPlatform),
                                      {platform, server});
}

// What counts, and whether the row still says anything.
Status save(store::Connection& connection, std::int64_t platform, const CapabilityName& name,
            Capability capability, Instant now) {
  if (capability.stated && capability.set) {
    capability.value = stricter_of(name, *capability.stated, *capability.set).value_or("none/none");
  } else {
    capability.value = capability.stated ? *capability.stated : capability.set.value_or(capability.value);
  }
  capability.type = name.type;
  capability.name = name.name;
  capability.description = name.description;
  if (!capability.set) capability.set_by.clear();
  capability.created_at = capability.updated_at = now;
  return record::insert(connection, capability, {{"platform_id", platform}},
                        R"(ON CONFLICT (platform_id, capability_type, capability_name, server) DO UPDATE SET
                             capability_value = excluded.capability_value, stated_value = excluded.stated_value,
                             stated_at = excluded.stated_at, set_value = excluded.set_value,
                             set_by = excluded.set_by, description = excluded.description,
                             is_active = excluded.is_active, updated_at = excluded.updated_at)");
}

bool says_the_same(const std::vector<Capability>& rows, const CapabilityValues& values, Instant now) {
  std::size_t same = 0;
  for (const auto& row : rows) {
    if (!row.stated || !row.is_active) continue;
    const auto found = values.find(key_of(row));
    if (found == values.end() || found->second != *row.stated) return false;
    // Platforms as a whole say what the connectors' code says: that does not grow old.
    if (!row.server.empty() && now - row.stated_at.value_or(Instant{}) > kSayAgain) return false;
    ++same;
  }
  return same == values.size();
}

// Of all servers, or of one.
Result<Capability> find_row(store::Connection& connection, std::string_view platform,
                            const CapabilityKey& key) {
  Capability capability;
  capability.type = key.type;
  capability.name = key.name;
  capability.server = key.server;
  LINNET_TRY(const auto rows, capabilities_of(connection, platform, key.server));
  for (const auto& row : rows) {
    if (row.type == key.type && row.name == key.name) capability = row;
  }
  return capability;
}

// What the platform says of it: for one server what that says, else the most that any of them says. nullopt:
// nothing is known.
Result<std::optional<std::string>> highest_stated(store::Connection& connection, std::string_view platform,
                                                  const CapabilityName& name, const std::string& server) {
  LINNET_TRY(const auto all, list_capabilities(connection, platform));
  std::optional<std::string> highest;
  std::optional<std::string> own;
  for (const auto& row : all) {
    if (row.type != name.type || row.name != name.name || !row.stated || !row.is_active) continue;
    if (row.server == server || (row.server.empty() && !own)) own = row.stated;
    const bool is_lower = highest && stricter_of(name, *highest, *row.stated) == row.stated;
    if (!is_lower) highest = row.stated;
  }
  return (own || !server.empty()) ? own : highest;
}

struct Setting {
  std::int64_t platform = 0;
  const CapabilityName* name = nullptr;
  Capability row;
};
Result<Setting> find_setting(store::Connection& connection, std::string_view platform,
                             const CapabilityKey& key) {
  Setting setting;
  LINNET_TRY(const auto found, find_platform(connection, platform));
  setting.platform = found.id;
  LINNET_TRY(setting.name, find_capability(key.type, key.name));
  LINNET_TRY(const auto server, read_server(key.server));
  LINNET_TRY(setting.row, find_row(connection, platform, {key.type, key.name, server}));
  return setting;
}

Status note_setting(store::Connection& connection, std::string_view platform, const Setting& setting,
                    const std::optional<std::string>& before, const std::string& actor, Instant now) {
  return note_platform_change(connection, platform, actor,
                              {{"what", "platform_limit_changed"},
                               {"capability", key_of(setting.row)},
                               {"server", setting.row.server},
                               {"changed", json::array{or_null(before), or_null(setting.row.set)}}},
                              now);
}

}  // namespace

json::object to_json(const Capability& capability) {
  return record::to_json(capability);
}

Result<std::vector<Capability>> list_capabilities(store::Connection& connection, std::string_view platform) {
  return record::find_all<Capability>(
      connection, fmt::format("{} ORDER BY capability_type, capability_name, server", kOfPlatform),
      {platform});
}

Status set_capability(store::Connection& connection, std::string_view platform, const CapabilityKey& key,
                      std::string_view value, const std::string& actor, Instant now) {
  LINNET_TRY(auto setting, find_setting(connection, platform, key));
  const auto& name = *setting.name;
  if (!name.may_be_set)
    return invalid(
        fmt::format("name: {}/{} is for the platform to say; it cannot be set", name.type, name.name));
  LINNET_TRY(auto wanted, read_capability_value(name, value));
  LINNET_TRY(const auto stated, highest_stated(connection, platform, name, setting.row.server));
  // A limit of messages alone would take the place of the post's, which holds for both.
  if (!stated && name.name.starts_with("max_message_")) {
    return invalid(fmt::format(
        "name: {} takes messages as it takes posts; set max_character_limit or max_media", platform));
  }
  if (stated && stricter_of(name, *stated, wanted) != wanted) {
    return invalid(fmt::format("value: {} says {} for {}/{}; expected no more than that, got {}", platform,
                               *stated, name.type, name.name, wanted));
  }
  if (setting.row.set == wanted) return {};
  const auto before = std::exchange(setting.row.set, std::move(wanted));
  setting.row.set_by = actor;
  // A row that the platform once spoke of is back, in a person's word alone.
  if (!setting.row.is_active) setting.row.stated.reset();
  setting.row.is_active = true;
  LINNET_CHECK(save(connection, setting.platform, name, setting.row, now));
  return note_setting(connection, platform, setting, before, actor, now);
}

Status unset_capability(store::Connection& connection, std::string_view platform, const CapabilityKey& key,
                        const std::string& actor, Instant now) {
  LINNET_TRY(auto setting, find_setting(connection, platform, key));
  auto& row = setting.row;
  if (!row.set)
    return not_found(fmt::format("{}/{}: nothing was set{}", row.type, row.name,
                                 row.server.empty() ? "" : " for " + row.server));
  const auto before = std::exchange(row.set, std::nullopt);
  if (row.stated) {
    LINNET_CHECK(save(connection, setting.platform, *setting.name, row, now));
  } else {
    LINNET_CHECK(store::run(connection,
                            R"(DELETE FROM platform_capabilities
                               WHERE platform_id = $1 AND capability_type = $2 AND capability_name = $3
                                 AND server = $4)",
                            {setting.platform, std::string_view(row.type), std::string_view(row.name),
                             std::string_view(row.server)}));
  }
  return note_setting(connection, platform, setting, before, actor, now);
}

Status note_stated(store::Connection& connection, std::string_view platform, std::string_view server,
                   const CapabilityValues& values, Instant now) {
  LINNET_TRY(const auto id, id_of(connection, platform));
  if (!id) return {};
  // Two processes do not write the rows of one platform at a time.
  LINNET_CHECK(store::run(connection, "UPDATE platforms SET updated_at = updated_at WHERE id = $1", {*id}));
  LINNET_TRY(const auto rows, capabilities_of(connection, platform, server));
  if (says_the_same(rows, values, now)) return {};
  for (const auto& name : capability_names()) {
    const auto value = values.find(fmt::format("{}/{}", name.type, name.name));
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const Capability& one) {
      return one.type == name.type && one.name == name.name;
    });
    const bool is_said = value != values.end();
    if (!is_said && (row == rows.end() || !row->stated || !row->is_active)) continue;
    Capability next = row == rows.end() ? Capability{} : *row;
    next.server = server;
    if (is_said) {
      next.stated = value->second;
      next.stated_at = now;
      next.is_active = true;
      // A row from before there were settings holds what the platform said, unless it differs.
      if (next.set == next.stated && next.set_by.empty()) next.set.reset();
    } else if (next.set) {
      next.stated.reset();
    } else {
      next.is_active = false;
    }
    LINNET_CHECK(save(connection, *id, name, std::move(next), now));
  }
  return {};
}

Result<CapabilityValues> stated_values(store::Connection& connection, std::string_view platform,
                                       std::string_view server) {
  LINNET_TRY(const auto rows, capabilities_of(connection, platform, server));
  CapabilityValues values;
  for (const auto& row : rows) {
    if (row.stated && row.is_active) values[key_of(row)] = *row.stated;
  }
  return values;
}

Result<PlatformFacts> platform_facts(store::Connection& connection, std::string_view platform,
                                     std::string_view server) {
  PlatformFacts facts;
  LINNET_TRY(facts.is_on, is_platform_on(connection, platform));
  CapabilityValues set_for_server;
  LINNET_CHECK(record::for_each<Capability>(
      connection, fmt::format("{} AND is_active = 1 AND server IN ('', $2) ORDER BY server", kOfPlatform),
      {platform, server}, [&](Capability& capability) {
        const auto key = key_of(capability);
        if (capability.stated) facts.stated.insert_or_assign(key, std::move(*capability.stated));
        auto& set = capability.server.empty() ? facts.set : set_for_server;
        if (capability.set) set.insert_or_assign(key, std::move(*capability.set));
      }));
  facts.set = stricter_of(facts.set, set_for_server);
  return facts;
}

WhatIsTaken what_is_taken(const PlatformFacts& facts, const std::optional<connect::Capabilities>& fresh,
                          const std::optional<connect::PlatformLimits>& fresh_limits) {
  auto stated = facts.stated;
  const auto take_up = [&](const CapabilityValues& values) {
    for (const auto& [key, value] : values) stated.insert_or_assign(key, value);
  };
  if (fresh) take_up(values_of(*fresh));
  if (fresh_limits) {
    std::erase_if(stated, [](const auto& value) { return is_limit(value.first); });
    take_up(values_of(*fresh_limits));
  }
  WhatIsTaken taken;
  taken.is_platform_on = facts.is_on;
  taken.is_server_unread = !limits_from(stated);
  const bool are_actions_stated = capabilities_from(stated).has_value();
  const auto values = stricter_of(stated, facts.set);
  // What a person set of single capabilities says nothing of the others.
  if (are_actions_stated) taken.capabilities = capabilities_from(values);
  taken.limits = limits_from(values);
  return taken;
}

}  // namespace linnet::govern

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::govern::Capability>() {
  using linnet::govern::Capability;
  static const Entity described =
      entity<Capability>({.name = "PlatformCapability", .table = "platform_capabilities"},
                         {
                             field<&Capability::type>("type").in_column("capability_type"),
                             field<&Capability::name>("name").in_column("capability_name"),
                             field<&Capability::server>("server").or_null_in_json(),
                             field<&Capability::value>("value").in_column("capability_value"),
                             field<&Capability::stated>("stated").in_column("stated_value"),
                             field<&Capability::stated_at>("stated_at"),
                             field<&Capability::set>("set").in_column("set_value"),
                             field<&Capability::set_by>("set_by").or_null(),
                             field<&Capability::description>("description"),
                             field<&Capability::is_active>("is_active"),
                             field<&Capability::created_at>("created_at"),
                             field<&Capability::updated_at>("updated_at"),
                         });
  return described;
}
