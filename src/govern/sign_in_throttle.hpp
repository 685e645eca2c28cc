// Slows down guessing: after a few failures each further try has to wait, twice as long each time.
#pragma once

#include <string>
#include <unordered_map>

#include "base/instant.hpp"

namespace linnet::govern {

// By what an address is slowed down: an IPv6 network of 64 bits is one, as whoever has one address in it has
// all.
std::string throttled_address(const std::string& remote);

// One for names and one for addresses. Not thread-safe. Forgets what is old, and nobody is locked out for
// good; a clock that jumps back frees whoever waited.
class SignInThrottle {
 public:
  // How long `key` has to wait at `now`; zero: it may try.
  [[nodiscard]] Duration wait(const std::string& key, Instant now) const;
  void on_failure(const std::string& key, Instant now);
  void on_success(const std::string& key);
  // Takes one failure back.
  void forgive(const std::string& key);

 private:
  struct Entry {
    int failures = 0;
    Instant last{};
  };
  static Duration pause_after(int failures);
  void forget_old(Instant now);

  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace linnet::govern
