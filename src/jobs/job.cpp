#include "jobs/job.hpp"

#include <algorithm>
#include <array>

namespace linnet::jobs {
namespace {

constexpr std::array<std::string_view, 6> kStates{"waiting", "running", "asking",
                                                  "done",    "failed",  "cancelled"};
constexpr std::array<std::string_view, 3> kMissed{"run_once", "skip", "ask"};

template <typename Enum, std::size_t N>
std::optional<Enum> parse(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto* const found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

}  // namespace

std::string_view to_string(State state) {
  return kStates[static_cast<std::size_t>(state)];
}
std::optional<State> parse_state(std::string_view name) {
  return parse<State>(kStates, name);
}
std::string_view to_string(Missed missed) {
  return kMissed[static_cast<std::size_t>(missed)];
}
std::optional<Missed> parse_missed(std::string_view name) {
  return parse<Missed>(kMissed, name);
}

const Kind* find_kind(std::span<const Kind> kinds, std::string_view name) {
  const auto found =
      std::find_if(kinds.begin(), kinds.end(), [&](const Kind& kind) { return kind.name == name; });
  return found == kinds.end() ? nullptr : &*found;
}

Duration wait_after(const Kind& kind, std::int64_t tries) {
  constexpr Duration kLongest = std::chrono::hours(1);
  constexpr std::int64_t kMostDoublings = 20;
  const auto doublings = std::clamp<std::int64_t>(tries - 1, 0, kMostDoublings);
  return std::min(kLongest, kind.first_wait * (std::int64_t{1} << doublings));
}

}  // namespace linnet::jobs
