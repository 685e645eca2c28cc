#include "govern/account_settings_json.hpp"

#include "store/record/json.hpp"

namespace linnet::govern {
namespace {

std::int64_t start_of(const QuietHours& hours) {
  return hours.start_hour;
}
std::int64_t end_of(const QuietHours& hours) {
  return hours.end_hour;
}
std::optional<HoursOfWeek> week_of(const QuietHours& hours) {
  if (!hours.week) return {};
  HoursOfWeek week;
  for (std::size_t day = 0; day < week.days.size(); ++day) {
    for (std::size_t hour = 0; hour < 24; ++hour) {
      if (hours.week->at(day).test(hour)) week.days.at(day).push_back(static_cast<std::int64_t>(hour));
    }
  }
  return week;
}
template <std::size_t day>
std::vector<std::int64_t> hours_of(const HoursOfWeek& week) {
  return week.days.at(day);
}

// Of a part of an answer: whatever is left out stays as it is.
boost::json::object as_change(const record::Entity& part) {
  auto schema = record::schema_of(part, record::Use::answer);
  schema.erase("required");
  schema["additionalProperties"] = false;
  return schema;
}

}  // namespace

boost::json::object account_settings_change() {
  using record::entity_of;
  auto quiet = as_change(entity_of<QuietHours>());
  quiet["properties"].as_object()["week"] = record::detail::nullable(as_change(entity_of<HoursOfWeek>()));
  auto schema = as_change(entity_of<AccountSettings>());
  auto& members = schema["properties"].as_object();
  members["rateLimit"] = as_change(entity_of<HourlyLimits>());
  members["quietHours"] = record::detail::nullable(std::move(quiet));
  members["autoApprove"] = as_change(entity_of<AutoApprove>());
  members["cooldown"] = as_change(entity_of<Cooldowns>());
  return schema;
}

boost::json::object to_json(const AccountSettings& settings) {
  return record::to_json(settings);
}

}  // namespace linnet::govern

namespace linnet::record {

using namespace linnet::govern;

template <>
const Entity& entity_of<HourlyLimits>() {
  using Limits = HourlyLimits;
  static const auto described =
      entity<Limits>({.name = "HourlyLimits"},
                     {field<&Limits::likes>("likesPerHour"), field<&Limits::comments>("commentsPerHour"),
                      field<&Limits::dms>("dmsPerHour"), field<&Limits::posts>("postsPerHour")});
  return described;
}
template <>
const Entity& entity_of<AutoApprove>() {
  static const auto described =
      entity<AutoApprove>({.name = "AutoApprove"},
                          {field<&AutoApprove::likes>("likes"), field<&AutoApprove::comments>("comments"),
                           field<&AutoApprove::dms>("dms").means("Never the first message to somebody"),
                           field<&AutoApprove::posts>("posts")});
  return described;
}
template <>
const Entity& entity_of<Cooldowns>() {
  static const auto described = entity<Cooldowns>(
      {.name = "Cooldowns"},
      {field<&Cooldowns::after_like>("afterLike"), field<&Cooldowns::after_comment>("afterComment"),
       field<&Cooldowns::after_dm>("afterDm"), field<&Cooldowns::after_post>("afterPost")});
  return described;
}
template <>
const Entity& entity_of<HoursOfWeek>() {
  static const auto described = entity<HoursOfWeek>(
      {.name = "HoursOfWeek"}, {shown<&hours_of<0>>(kWeekdays[0]), shown<&hours_of<1>>(kWeekdays[1]),
                                shown<&hours_of<2>>(kWeekdays[2]), shown<&hours_of<3>>(kWeekdays[3]),
                                shown<&hours_of<4>>(kWeekdays[4]), shown<&hours_of<5>>(kWeekdays[5]),
                                shown<&hours_of<6>>(kWeekdays[6])});
  return described;
}
template <>
const Entity& entity_of<QuietHours>() {
  using Hours = QuietHours;
  static const auto described = entity<Hours>(
      {.name = "QuietHours"},
      {field<&Hours::enabled>("enabled"), shown<&start_of>("startHour").between(0, 23),
       shown<&end_of>("endHour").between(0, 23), field<&Hours::time_zone>("timezone").like("Europe/Berlin"),
       shown<&week_of>("week").left_out_when_null().means("Hours of each day, in place of the others")});
  return described;
}
template <>
const Entity& entity_of<AccountSettings>() {
  using Settings = AccountSettings;
  static const auto described = entity<Settings>(
      {.name = "AccountSettings"},
      {field<&Settings::rate_limit>("rateLimit"), field<&Settings::quiet_hours>("quietHours"),
       field<&Settings::auto_approve>("autoApprove"), field<&Settings::cooldown>("cooldown"),
       field<&Settings::warm_up>("warmUp"),
       field<&Settings::approval_hours>("approvalHours").between(1, std::int64_t{24} * 90)});
  return described;
}

}  // namespace linnet::record
