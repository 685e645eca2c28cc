#include "govern/sign_in_throttle.hpp"

#include <algorithm>

namespace linnet::govern {
namespace {

constexpr int kFreeTries = 5;
constexpr auto kLongest = std::chrono::minutes(15);
constexpr auto kForgotten = std::chrono::hours(1);
constexpr std::size_t kMostEntries = 10'000;

}  // namespace

Duration SignInThrottle::pause_after(int failures) {
  if (failures < kFreeTries) return Duration{0};
  const int doublings = std::min(failures - kFreeTries, 12);
  return std::min<Duration>(std::chrono::seconds(1 << doublings), kLongest);
}

Duration SignInThrottle::wait(const std::string& key, Instant now) const {
  const auto found = entries_.find(key);
  if (found == entries_.end() || now < found->second.last) return Duration{0};
  const auto until = found->second.last + pause_after(found->second.failures);
  return until > now ? until - now : Duration{0};
}

void SignInThrottle::on_failure(const std::string& key, Instant now) {
  if (entries_.size() >= kMostEntries) forget_old(now);
  auto& entry = entries_[key];
  if (now - entry.last > kForgotten) entry.failures = 0;
  ++entry.failures;
  entry.last = now;
}

void SignInThrottle::on_success(const std::string& key) {
  entries_.erase(key);
}

void SignInThrottle::forgive(const std::string& key) {
  const auto found = entries_.find(key);
  if (found != entries_.end() && --found->second.failures <= 0) entries_.erase(found);
}

void SignInThrottle::forget_old(Instant now) {
  std::erase_if(entries_, [&](const auto& item) { return now - item.second.last > kForgotten; });
  // Somebody tries with ever new names: the least guilty go.
  if (entries_.size() >= kMostEntries)
    std::erase_if(entries_, [](const auto& item) { return item.second.failures < kFreeTries; });
  if (entries_.size() >= kMostEntries) entries_.clear();
}

}  // namespace linnet::govern
