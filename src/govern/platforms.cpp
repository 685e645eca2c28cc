#include "govern/platforms.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.hpp"
#include "connect/every_platform.hpp"
#include "govern/audit.hpp"
#include "govern/platform_capabilities.hpp"
#include "store/record/json.hpp"
#include "store/record/sql.hpp"

namespace linnet::govern {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostNameBytes = 100;
constexpr std::size_t kMostDescriptionBytes = 1'000;

CapabilityValues stated_by_connector(const connect::PlatformDoor& known) {
  auto values = values_of(known.capabilities);
  if (known.limits) values.merge(values_of(*known.limits));
  return values;
}

Result<bool> is_filled(store::Connection& connection) {
  for (const auto& known : connect::every_platform()) {
    LINNET_TRY(const auto id,
               store::query_integer(connection, "SELECT id FROM platforms WHERE name = $1", {known.name}));
    if (!id) return false;
    LINNET_TRY(const auto stated, stated_values(connection, known.name, ""));
    if (stated != stated_by_connector(known)) return false;
  }
  return true;
}

Status add_platform(store::Connection& connection, const connect::PlatformDoor& known, Instant now) {
  Platform platform;
  platform.name = known.name;
  platform.display_name = known.display_name;
  platform.description = known.description;
  platform.priority = known.priority;
  platform.created_at = platform.updated_at = now;
  return record::insert(connection, platform, {}, "ON CONFLICT (name) DO NOTHING");
}

Status check_text(std::string_view field, const std::optional<std::string>& text, std::size_t most,
                  bool may_be_empty) {
  if (!text) return {};
  if (!is_valid_utf8(*text)) return invalid(fmt::format("{}: expected valid UTF-8", field));
  if (text->size() > most)
    return invalid(fmt::format("{}: at most {} bytes, got {}", field, most, text->size()));
  if (!may_be_empty && trim(*text).empty()) return invalid(fmt::format("{}: expected some text", field));
  return {};
}

// Takes up what is given and differs, and says from what to what.
template <typename T, typename Show>
void take_up(std::string_view field, const std::optional<T>& given, T& value, const Show& show,
             json::object& changed) {
  if (!given || *given == value) return;
  changed[field] = json::array{show(value), show(*given)};
  value = *given;
}

}  // namespace

std::string_view to_string(PlatformStatus status) {
  return enum_name(status);
}

std::optional<PlatformStatus> parse_platform_status(std::string_view name) {
  return parse_enum<PlatformStatus>(name);
}

Status fill_platforms(store::Database& database, Instant now) {
  {
    LINNET_TRY(auto reader, database.reader());
    LINNET_TRY(const bool is_there, is_filled(*reader));
    if (is_there) return {};
  }
  LINNET_TRY(auto connection, database.connect(store::Part::tables));
  LINNET_TRY(auto transaction, store::Transaction::begin(*connection));
  for (const auto& known : connect::every_platform()) {
    LINNET_CHECK(add_platform(*connection, known, now));
    LINNET_CHECK(note_stated(*connection, known.name, "", stated_by_connector(known), now));
  }
  return transaction.commit();
}

Result<std::vector<Platform>> list_platforms(store::Connection& connection) {
  return record::find_all<Platform>(connection, "1 = 1 ORDER BY priority, name");
}

Result<Platform> find_platform(store::Connection& connection, std::string_view name) {
  LINNET_TRY(const auto platforms, list_platforms(connection));
  std::vector<std::string_view> names;
  for (const auto& platform : platforms) {
    if (platform.name == name) return platform;
    names.push_back(platform.name);
  }
  return not_found(fmt::format("platform: expected one of {}, got \"{}\"", fmt::join(names, ", "),
                               to_valid_utf8(truncate_utf8(name, 60))));
}

Status change_platform(store::Connection& connection, std::string_view name, const PlatformChange& change,
                       const std::string& actor, Instant now) {
  LINNET_CHECK(check_text("display_name", change.display_name, kMostNameBytes, false));
  LINNET_CHECK(check_text("description", change.description, kMostDescriptionBytes, true));
  LINNET_TRY(auto platform, find_platform(connection, name));
  json::object changed;
  const auto as_text = [](const std::string& text) { return json::value(text); };
  take_up("display_name", change.display_name, platform.display_name, as_text, changed);
  take_up("description", change.description, platform.description, as_text, changed);
  take_up(
      "status", change.status, platform.status,
      [](PlatformStatus status) { return json::value(to_string(status)); }, changed);
  take_up(
      "priority", change.priority, platform.priority, [](std::int64_t number) { return json::value(number); },
      changed);
  if (changed.empty()) return {};
  platform.updated_at = now;
  LINNET_CHECK(record::update(connection, platform));
  return note_platform_change(connection, name, actor,
                              {{"what", "platform_changed"}, {"changed", std::move(changed)}}, now);
}

Result<bool> is_platform_on(store::Connection& connection, std::string_view name) {
  LINNET_TRY(const auto status,
             store::query_text(connection, "SELECT status FROM platforms WHERE name = $1", {name}));
  return status.value_or("") != to_string(PlatformStatus::inactive);
}

std::string platform_off_reason(std::string_view name) {
  return fmt::format("{0} is switched off; linnet platform enable {0} switches it on", name);
}

Status refuse_new_account(store::Connection& connection, std::string_view name, std::string_view base_url) {
  LINNET_TRY(const auto status,
             store::query_text(connection, "SELECT status FROM platforms WHERE name = $1", {name}));
  if (status.value_or("") == to_string(PlatformStatus::inactive))
    return Error::of(ErrorKind::denied, fmt::format("platform: {}", platform_off_reason(name)));
  if (status.value_or("") != to_string(PlatformStatus::deprecated)) return {};
  LINNET_TRY(const auto there, store::query_integer(connection,
                                                    R"(SELECT COUNT(*) FROM accounts a
                                                       JOIN instances i ON i.id = a.instance_id
                                                       WHERE a.platform = $1 AND i.base_url = $2)",
                                                    {name, base_url}));
  if (there.value_or(0) > 0) return {};
  return Error::of(
      ErrorKind::denied,
      fmt::format("platform: {0} is deprecated and takes no accounts on further servers; linnet platform "
                  "enable {0} lets it",
                  name));
}

json::object to_json(const Platform& platform) {
  return record::to_json(platform);
}

Status note_platform_change(store::Connection& connection, std::string_view platform,
                            const std::string& actor, json::object details, Instant now) {
  AuditEntry entry;
  entry.event = AuditEvent::action_complete;
  entry.platform = platform;
  entry.actor = actor;
  entry.outcome = AuditOutcome::success;
  entry.details = std::move(details);
  return append_audit(connection, std::move(entry), now);
}

}  // namespace linnet::govern

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::govern::Platform>() {
  using linnet::govern::Platform;
  static const Entity described = entity<Platform>({.name = "Platform", .table = "platforms"},
                                                   {
                                                       field<&Platform::id>("id").numbered().hidden(),
                                                       field<&Platform::name>("name").fixed(),
                                                       field<&Platform::display_name>("display_name"),
                                                       field<&Platform::description>("description"),
                                                       field<&Platform::status>("status"),
                                                       field<&Platform::priority>("priority"),
                                                       field<&Platform::created_at>("created_at").fixed(),
                                                       field<&Platform::updated_at>("updated_at"),
                                                   });
  return described;
}
