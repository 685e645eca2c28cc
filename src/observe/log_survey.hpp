// What can be read of the event log, and whether it belongs to the tables beside it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "observe/event_log.hpp"
#include "store/database.hpp"

namespace linnet::observe {

struct LogSurvey {
  EventId first{};    // 0: it is empty
  EventId last{};     // the last number that was given out
  EventId applied{};  // what the tables hold
  std::vector<LogDamage> damage;
  std::vector<LogDamage> known_gaps;  // that somebody has agreed to

  // The log was lost, or an older one was put back.
  [[nodiscard]] bool is_behind() const { return last < applied; }
  // Everything that ever came in is there.
  [[nodiscard]] bool is_whole() const {
    return first.value() == 1 && damage.empty() && known_gaps.empty() && !is_behind();
  }
};

// How far the tables are, and the log, of one moment.
struct LogPlaces {
  EventId applied{};
  EventId logged{};
};
Result<LogPlaces> log_places(store::Database& database);

// Reads the whole log.
Result<LogSurvey> survey_log(store::Connection& connection);

// `corrupt` when the log ends before what the tables hold: numbers would be given out again, and what came in
// under them would never be applied.
Status refuse_log_behind(EventId last, EventId applied);

// Lets numbers go on after what the tables hold, and notes what is missing; returns that, nullopt when
// nothing is. Posts stay as they are.
Result<std::optional<LogDamage>> go_on_after_loss(store::Database& database, Instant now);

// "events 6 to 10 (does not decompress), event 300 (not in the log)".
std::string in_words(std::span<const LogDamage> damage);

}  // namespace linnet::observe
