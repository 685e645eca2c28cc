#include "govern/platforms.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.hpp"
#include "connect/known_platforms.hpp"
#include "govern/audit.hpp"
#include "govern/platform_capabilities.hpp"

namespace linnet::govern {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostNameBytes = 100;
constexpr std::size_t kMostDescriptionBytes = 1'000;

CapabilityValues stated_by_connector(const connect::KnownPlatform& known) {
  auto values = values_of(known.capabilities);
  if (known.limits) values.merge(values_of(*known.limits));
  return values;
}

Result<bool> is_filled(store::Connection& connection) {
  for (const auto& known : connect::known_platforms()) {
    LINNET_TRY(const auto id,
               store::query_integer(connection, "SELECT id FROM platforms WHERE name = $1", {known.name}));
    if (!id) return false;
    LINNET_TRY(const auto stated, stated_values(connection, known.name, ""));
    if (stated != stated_by_connector(known)) return false;
  }
  return true;
}

Status add_platform(store::Connection& connection, const connect::KnownPlatform& known, Instant now) {
  return store::run(connection,
                    "INSERT INTO platforms (name, display_name, description, status, priority, created_at, "
                    "updated_at) VALUES ($1, $2, $3, 'active', $4, $5, $5) ON CONFLICT (name) DO NOTHING",
                    {known.name, known.display_name, known.description, known.priority, to_micros(now)});
}

Platform read_platform_row(const store::Statement& row) {
  Platform platform;
  platform.id = row.integer(0);
  platform.name = row.text(1);
  platform.display_name = row.text(2);
  platform.description = row.text(3);
  platform.status = parse_platform_status(row.text(4)).value_or(PlatformStatus::active);
  platform.priority = row.integer(5);
  platform.created_at = row.instant(6);
  platform.updated_at = row.instant(7);
  return platform;
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
  switch (status) {
    case PlatformStatus::active:
      return "active";
    case PlatformStatus::inactive:
      return "inactive";
    case PlatformStatus::deprecated:
      return "deprecated";
  }
  return "";
}

std::optional<PlatformStatus> parse_platform_status(std::string_view name) {
  for (const auto status : {PlatformStatus::active, PlatformStatus::inactive, PlatformStatus::deprecated}) {
    if (to_string(status) == name) return status;
  }
  return {};
}

Status fill_platforms(store::Database& database, Instant now) {
  {
    LINNET_TRY(auto reader, database.reader());
    LINNET_TRY(const bool is_there, is_filled(*reader));
    if (is_there) return {};
  }
  LINNET_TRY(auto connection, database.connect(store::Part::tables));
  LINNET_TRY(auto transaction, store::Transaction::begin(*connection));
  for (const auto& known : connect::known_platforms()) {
    LINNET_CHECK(add_platform(*connection, known, now));
    LINNET_CHECK(note_stated(*connection, known.name, "", stated_by_connector(known), now));
  }
  return transaction.commit();
}

Result<std::vector<Platform>> list_platforms(store::Connection& connection) {
  std::vector<Platform> platforms;
  LINNET_CHECK(store::for_each_row(
      connection,
      "SELECT id, name, display_name, description, status, priority, created_at, "
      "updated_at FROM platforms ORDER BY priority, name",
      {}, [&](const store::Statement& row) { platforms.push_back(read_platform_row(row)); }));
  return platforms;
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
  LINNET_CHECK(store::run(
      connection,
      "UPDATE platforms SET display_name = $2, description = $3, status = $4, priority = $5, "
      "updated_at = $6 WHERE id = $1",
      {platform.id, std::string_view(platform.display_name), std::string_view(platform.description),
       to_string(platform.status), platform.priority, to_micros(now)}));
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
  LINNET_TRY(const auto there,
             store::query_integer(connection,
                                  "SELECT COUNT(*) FROM accounts a JOIN instances i ON i.id = a.instance_id "
                                  "WHERE a.platform = $1 AND i.base_url = $2",
                                  {name, base_url}));
  if (there.value_or(0) > 0) return {};
  return Error::of(
      ErrorKind::denied,
      fmt::format("platform: {0} is deprecated and takes no accounts on further servers; linnet platform "
                  "enable {0} lets it",
                  name));
}

json::object to_json(const Platform& platform) {
  return {{"name", platform.name},
          {"display_name", platform.display_name},
          {"description", platform.description},
          {"status", to_string(platform.status)},
          {"priority", platform.priority},
          {"created_at", to_iso8601(platform.created_at)},
          {"updated_at", to_iso8601(platform.updated_at)}};
}

Status note_platform_change(store::Connection& connection, std::string_view platform,
                            const std::string& actor, json::object details, Instant now) {
  AuditEntry entry;
  LINNET_TRY(entry.run_id, make_run_id(now));
  entry.step_id = step_id(entry.run_id, 1);
  entry.event = AuditEvent::action_complete;
  entry.platform = platform;
  entry.actor = actor;
  entry.outcome = AuditOutcome::success;
  entry.details = std::move(details);
  return append_audit(connection, std::move(entry), now);
}

}  // namespace linnet::govern
