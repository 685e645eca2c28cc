#include "govern/sign_in_throttle.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>

namespace linnet::govern {
namespace {

constexpr int kFreeTries = 5;
constexpr auto kLongestPause = std::chrono::minutes(15);
constexpr auto kForgotten = std::chrono::hours(1);
constexpr std::size_t kMostEntries = 10'000;

}  // namespace

std::string throttled_address(const std::string& remote) {
  in6_addr address{};
  if (inet_pton(AF_INET6, remote.c_str(), &address) != 1 || IN6_IS_ADDR_V4MAPPED(&address) != 0)
    return remote;
  constexpr std::size_t kNetworkBytes = 8;
  std::fill(std::begin(address.s6_addr) + kNetworkBytes, std::end(address.s6_addr), std::uint8_t{0});
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(AF_INET6, &address, text.data(), text.size());
  return std::string(text.data()) + "/64";
}

Duration SignInThrottle::pause_after(int failures) {
  if (failures < kFreeTries) return Duration{0};
  const int doublings = std::min(failures - kFreeTries, 12);
  return std::min<Duration>(std::chrono::seconds(1 << doublings), kLongestPause);
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
