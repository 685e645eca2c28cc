#include "govern/request_limits.hpp"

#include <algorithm>

namespace linnet::govern {
namespace {

constexpr auto kMinute = std::chrono::minutes(1);
constexpr std::size_t kMostRemembered = 10'000;

bool has_ended(Instant begins, Instant now) {
  return now < begins || now - begins >= kMinute;
}

}  // namespace

RequestAllowance RequestLimits::take(std::string_view key, std::int64_t per_minute, Instant now) {
  return minutes_.with([&](Minutes& minutes) {
    auto found = minutes.find(key);
    if (found == minutes.end()) {
      if (minutes.size() >= kMostRemembered) forget_old(minutes, now);
      found = minutes.emplace(std::string(key), Minute{now, 0}).first;
    }
    auto& minute = found->second;
    if (has_ended(minute.begins, now)) minute = {now, 0};
    const bool is_allowed = minute.requests < per_minute;
    if (is_allowed) ++minute.requests;
    return RequestAllowance{per_minute, std::max<std::int64_t>(0, per_minute - minute.requests),
                            minute.begins + kMinute, is_allowed};
  });
}

RequestAllowance RequestLimits::look(std::string_view key, std::int64_t per_minute, Instant now) const {
  return minutes_.with([&](const Minutes& minutes) {
    const auto found = minutes.find(key);
    const bool counts = found != minutes.end() && !has_ended(found->second.begins, now);
    const Minute minute = counts ? found->second : Minute{now, 0};
    return RequestAllowance{per_minute, std::max<std::int64_t>(0, per_minute - minute.requests),
                            minute.begins + kMinute, true};
  });
}

void RequestLimits::forget_old(Minutes& minutes, Instant now) {
  std::erase_if(minutes, [&](const auto& item) { return has_ended(item.second.begins, now); });
}

}  // namespace linnet::govern
