// What may be set for an account that acts: the document's AccountSettings, and what belongs beside them.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "govern/quiet_hours.hpp"

namespace linnet::govern {

// Most of each kind within any 60 minutes.
struct HourlyLimits {
  std::int64_t likes = 30;
  std::int64_t comments = 10;
  std::int64_t dms = 5;
  std::int64_t posts = 20;
  friend bool operator==(const HourlyLimits&, const HourlyLimits&) = default;
};

struct AutoApprove {
  bool likes = true;
  bool comments = false;
  bool dms = false;  // never the first message to somebody
  bool posts = false;
  friend bool operator==(const AutoApprove&, const AutoApprove&) = default;
};

// Seconds of rest after an action of each kind.
struct Cooldowns {
  std::int64_t after_like = 30;
  std::int64_t after_comment = 60;
  std::int64_t after_dm = 120;
  std::int64_t after_post = 0;
  friend bool operator==(const Cooldowns&, const Cooldowns&) = default;
};

struct AccountSettings {
  HourlyLimits rate_limit;
  std::optional<QuietHours> quiet_hours;
  AutoApprove auto_approve;
  Cooldowns cooldown;
  bool warm_up = true;               // few likes in the first days
  std::int64_t approval_hours = 72;  // a request for approval expires after these
  friend bool operator==(const AccountSettings&, const AccountSettings&) = default;
};

// The most that the platform itself allows or advises; settings never go above it.
HourlyLimits platform_ceiling(std::string_view platform);

// Reads {"rateLimit":{"likesPerHour",…},"quietHours":{…}|null,"autoApprove":{…}} and the rest; what is left
// out keeps its value in `base`. `quietHours.week` holds the hours of each day that has some
// ({"monday":[22,23]}), or null where every day has the same. `invalid` names the field, what was expected
// and what was given; so do unknown names.
Result<AccountSettings> parse_account_settings(std::string_view json, std::string_view platform,
                                               const AccountSettings& base = {});
boost::json::object to_json(const AccountSettings& settings);

}  // namespace linnet::govern
