#include "govern/account_settings.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/json_fields.hpp"
#include "base/local_time.hpp"
#include "connect/every_platform.hpp"

namespace linnet::govern {
namespace {

namespace json = boost::json;

using Fields = JsonFields;

Status read_limits(Fields& fields, HourlyLimits& limits, const HourlyLimits& most) {
  LINNET_CHECK(fields.integer("likesPerHour", limits.likes, 0, most.likes));
  LINNET_CHECK(fields.integer("commentsPerHour", limits.comments, 0, most.comments));
  LINNET_CHECK(fields.integer("dmsPerHour", limits.dms, 0, most.dms));
  return fields.integer("postsPerHour", limits.posts, 0, most.posts);
}

Status read_week(Fields& fields, QuietWeek& week) {
  for (std::size_t day = 0; day < week.size(); ++day) {
    std::vector<std::int64_t> hours;
    for (std::size_t hour = 0; hour < 24; ++hour) {
      if (week.at(day).test(hour)) hours.push_back(static_cast<std::int64_t>(hour));
    }
    LINNET_CHECK(fields.integers(kWeekdays.at(day), hours, 0, 23));
    week.at(day).reset();
    for (const auto hour : hours) week.at(day).set(static_cast<std::size_t>(hour));
  }
  return check_quiet_week(week);
}

Status read_quiet_hours(Fields& fields, QuietHours& hours) {
  std::int64_t start = hours.start_hour;
  std::int64_t end = hours.end_hour;
  LINNET_CHECK(fields.flag("enabled", hours.enabled));
  LINNET_CHECK(fields.integer("startHour", start, 0, 23));
  LINNET_CHECK(fields.integer("endHour", end, 0, 23));
  LINNET_CHECK(fields.text("timezone", hours.time_zone));
  if (fields.is_null("week")) hours.week.reset();
  LINNET_CHECK(fields.object("week", [&](Fields& inner) {
    if (!hours.week) hours.week = QuietWeek{};
    return read_week(inner, *hours.week);
  }));
  hours.start_hour = static_cast<int>(start);
  hours.end_hour = static_cast<int>(end);
  return check_time_zone("quietHours.timezone", hours.time_zone);
}

Status read_approvals(Fields& fields, AutoApprove& approve) {
  LINNET_CHECK(fields.flag("likes", approve.likes));
  LINNET_CHECK(fields.flag("comments", approve.comments));
  LINNET_CHECK(fields.flag("dms", approve.dms));
  return fields.flag("posts", approve.posts);
}

Status read_cooldowns(Fields& fields, Cooldowns& cooldown) {
  constexpr std::int64_t kDay = 86'400;
  LINNET_CHECK(fields.integer("afterLike", cooldown.after_like, 0, kDay));
  LINNET_CHECK(fields.integer("afterComment", cooldown.after_comment, 0, kDay));
  LINNET_CHECK(fields.integer("afterDm", cooldown.after_dm, 0, kDay));
  return fields.integer("afterPost", cooldown.after_post, 0, kDay);
}

Status read_all(Fields& fields, AccountSettings& settings, const HourlyLimits& most) {
  LINNET_CHECK(fields.object("rateLimit",
                             [&](Fields& inner) { return read_limits(inner, settings.rate_limit, most); }));
  if (fields.is_null("quietHours")) settings.quiet_hours.reset();
  LINNET_CHECK(fields.object("quietHours", [&](Fields& inner) {
    if (!settings.quiet_hours) settings.quiet_hours = QuietHours{};
    return read_quiet_hours(inner, *settings.quiet_hours);
  }));
  LINNET_CHECK(fields.object("autoApprove",
                             [&](Fields& inner) { return read_approvals(inner, settings.auto_approve); }));
  LINNET_CHECK(
      fields.object("cooldown", [&](Fields& inner) { return read_cooldowns(inner, settings.cooldown); }));
  LINNET_CHECK(fields.flag("warmUp", settings.warm_up));
  return fields.integer("approvalHours", settings.approval_hours, 1, std::int64_t{24} * 90);
}

}  // namespace

HourlyLimits platform_ceiling(std::string_view platform) {
  const auto ceiling = connect::ceiling_of(platform);
  return {ceiling.likes, ceiling.comments, ceiling.messages, ceiling.posts};
}

Result<AccountSettings> parse_account_settings(std::string_view text, std::string_view platform,
                                               const AccountSettings& base) {
  boost::system::error_code code;
  const auto value = json::parse(text.empty() ? "{}" : text, code);
  if (code || !value.is_object()) return invalid("settings: expected a JSON object");
  AccountSettings settings = base;
  Fields fields(value.as_object(), "");
  LINNET_CHECK(read_all(fields, settings, platform_ceiling(platform)));
  LINNET_CHECK(fields.nothing_else());
  return settings;
}

}  // namespace linnet::govern
