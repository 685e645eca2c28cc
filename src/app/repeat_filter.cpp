#include "app/repeat_filter.hpp"

#include <fmt/format.h>

namespace linnet::app {
namespace {

constexpr auto kMoment = std::chrono::seconds(30);
constexpr std::size_t kMostRemembered = 500;

}  // namespace

void RepeatFilter::sink_it_(const spdlog::details::log_msg& message) {
  if (message.level < spdlog::level::warn) return next_->log(message);
  const auto now = Clock::now();
  if (said_.size() > kMostRemembered) forget_old(now);
  const std::string text(message.payload.data(), message.payload.size());
  const auto [place, is_new] = said_.try_emplace(text, Said{now, 0});
  auto& said = place->second;
  if (!is_new && now - said.at < kMoment) {
    ++said.more;
    return;
  }
  if (said.more == 0) {
    said.at = now;
    return next_->log(message);
  }
  const auto counted = fmt::format("{} (said {} times more since)", text, said.more);
  said = {now, 0};
  auto again = message;
  again.payload = counted;
  next_->log(again);
}

void RepeatFilter::forget_old(Clock::time_point now) {
  std::erase_if(said_, [&](const auto& entry) { return now - entry.second.at >= kMoment; });
  if (said_.size() > kMostRemembered) said_.clear();
}

}  // namespace linnet::app
