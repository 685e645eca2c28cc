// Which of the processes on a database ended, judged by one of them: by its own clock that nobody sets, and
// by what it saw itself, so that neither an outage nor another clock makes the living look dead.
#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>

#include "store/lease.hpp"

namespace linnet::store {

// Belongs to one thread.
class Silence {
 public:
  using Steady = std::chrono::steady_clock;

  // What all leases are like, and who shows no session, as seen just now.
  void look(const std::map<std::string, LeaseRow>& rows, const std::set<std::string>& without_session,
            Steady::time_point now);
  // The connection was cut: what was not seen meanwhile proves nothing.
  void begin_anew() { watched_.clear(); }
  // Has leases or had them, and gave no sign of life for long enough.
  [[nodiscard]] bool is_over(const std::string& process) const;

 private:
  struct Watched {
    Instant lease_until;
    Steady::time_point looked_at;
    Steady::duration silent{};
  };
  std::map<std::string, Watched> watched_;
};

}  // namespace linnet::store
