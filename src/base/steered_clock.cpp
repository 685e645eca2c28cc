#include "base/steered_clock.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

#include "base/log.hpp"

namespace linnet {
namespace {

constexpr Duration kLooksAtFile = std::chrono::milliseconds(20);

}  // namespace

Instant SteeredClock::now() const {
  return SystemClock().now() + Duration(offset_.load());
}

bool SteeredClock::sleep_until(Instant deadline, const std::stop_token& stop) {
  // A clock of this machine that is set is noticed within a second, one that a test moves at once.
  const Duration most = follower_.joinable() ? kLooksAtFile : Duration(std::chrono::seconds(1));
  for (auto left = deadline - now(); left > Duration{0}; left = deadline - now()) {
    if (!sleep_for(std::min(left, most), stop)) return false;
  }
  return !stop.stop_requested();
}

bool SteeredClock::sleep_for(Duration duration, const std::stop_token& stop) {
  return SystemClock().sleep_for(duration, stop);
}

Status SteeredClock::follow(const std::string& file) {
  std::optional<std::string> seen;
  LINNET_CHECK(look(file, seen));
  follower_ = std::jthread([this, file, seen](const std::stop_token& stop) mutable {
    while (sleep_for(kLooksAtFile, stop)) {
      // Between two states of the file: it is looked at again.
      if (const auto done = look(file, seen); !done) log::debug("{}", done.error().message);
    }
  });
  return {};
}

Status SteeredClock::look(const std::string& file, std::optional<std::string>& seen) {
  std::ifstream stream(file);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  if (seen == text) return {};
  LINNET_TRY(const auto moment, parse_zoned_instant(file, text));
  offset_ = (moment - SystemClock().now()).count();
  seen = std::move(text);
  return {};
}

}  // namespace linnet
