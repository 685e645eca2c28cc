// How many requests a token or a session may send a minute.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/guarded.hpp"
#include "base/instant.hpp"

namespace linnet::govern {

// What is left of a minute after one request.
struct RequestAllowance {
  std::int64_t limit = 0;
  std::int64_t remaining = 0;
  Instant reset_at{};  // when the minute ends, and the next one begins anew
  bool is_allowed = true;
};

// Counts in minutes that begin with the first request. Thread-safe. A clock that jumps back begins a new
// minute, so that nobody waits longer than one.
class RequestLimits {
 public:
  // Counts one request of `key` at `now`, unless its minute is used up.
  RequestAllowance take(std::string_view key, std::int64_t per_minute, Instant now);
  // What is left for a request that was counted before; it is allowed.
  [[nodiscard]] RequestAllowance look(std::string_view key, std::int64_t per_minute, Instant now) const;

 private:
  struct Minute {
    Instant begins{};
    std::int64_t requests = 0;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using Minutes = std::unordered_map<std::string, Minute, Hash, std::equal_to<>>;
  static void forget_old(Minutes& minutes, Instant now);

  Guarded<Minutes> minutes_;
};

}  // namespace linnet::govern
