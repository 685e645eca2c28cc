// Looking for something among what an account made last: page by page from the newest down, as far back as
// the order was first tried.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace linnet::connect {

// Servers' clocks and ours differ, and one answer tells its server's only roughly.
constexpr Duration kClockSkew = std::chrono::minutes(2);

template <typename Thing>
struct OwnPage {
  struct Made {
    std::string id;
    std::optional<Instant> at;  // by the server's clock
    Thing thing;
  };
  std::vector<Made> made;              // newest first
  std::optional<Instant> server_time;  // when it answered, by its own clock
  bool is_whole = true;                // nothing of it could not be read
  std::string next;                    // asks for what is older; empty: there is nothing
};

struct OwnWalk {
  std::int64_t searched = 0;
  bool is_whole = false;  // all that was made since then was seen: what was not found is not there
};

// Calls `on_made` for each thing once, until that says false. `ask` gets what the page before said of the
// next one, at first nothing.
template <typename Thing>
Result<OwnWalk> walk_own_newest(Instant first_tried_at, int most_pages, Clock& clock,
                                const std::function<Result<OwnPage<Thing>>(const std::string& next)>& ask,
                                const std::function<Result<bool>(const Thing& thing)>& on_made) {
  OwnWalk walk;
  bool is_whole = true;
  std::set<std::string> seen;  // some servers pass over where to go on, and send the newest again
  std::string next;
  for (int page = 0; page < most_pages; ++page) {
    LINNET_TRY(const auto answer, ask(next));
    is_whole = is_whole && answer.is_whole;
    // What was made bears the server's time, the order ours.
    const auto now = clock.now();
    const auto since = first_tried_at + (answer.server_time.value_or(now) - now) - kClockSkew;
    bool brings_nothing = true;
    for (const auto& made : answer.made) {
      if (!made.at) is_whole = false;
      if (made.at && *made.at < since) {
        walk.is_whole = is_whole && answer.server_time.has_value();
        return walk;
      }
      if (!seen.insert(made.id).second) continue;
      brings_nothing = false;
      ++walk.searched;
      LINNET_TRY(const bool goes_on, on_made(made.thing));
      walk.is_whole = is_whole;  // as far as it went
      if (!goes_on) return walk;
      walk.is_whole = false;
    }
    next = answer.next;
    if (next.empty()) {
      walk.is_whole = is_whole;
      return walk;
    }
    if (brings_nothing) return walk;  // and there is no way to what is older
  }
  return walk;  // too many to be sure
}

}  // namespace linnet::connect
