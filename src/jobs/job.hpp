// A job: what is to be done, when, by whom it is being done, and what came of it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/enum_names.hpp"
#include "base/ids.hpp"
#include "base/instant.hpp"
#include "store/record/entity.hpp"

namespace linnet::jobs {

using JobId = Id<struct JobTag, std::int64_t>;

enum class State {
  waiting,  // for its time, or for whoever runs jobs
  running,
  asking,  // its time was missed, and a person is to say whether it is run all the same
  done,
  failed,
  cancelled,
};
BOOST_DESCRIBE_ENUM(State, waiting, running, asking, done, failed, cancelled)
inline std::string_view to_string(State state) {
  return enum_name(state);
}
inline std::optional<State> parse_state(std::string_view name) {
  return parse_enum<State>(name);
}
constexpr bool is_alive(State state) {
  return state == State::waiting || state == State::running || state == State::asking;
}

// What becomes of times at which nobody could run it.
enum class Missed {
  run_once,  // one run in place of all of them, as soon as may be
  skip,      // none; the next time is waited for
  ask,       // a person is asked
};
BOOST_DESCRIBE_ENUM(Missed, run_once, skip, ask)
inline std::string_view to_string(Missed missed) {
  return enum_name(missed);
}

// What all jobs of one kind have in common. Data: what they do is bound to the name where they are run.
struct Kind {
  std::string_view name;
  std::string_view title;          // for people
  std::string_view lane = {};      // as in the table
  std::string_view schedule = {};  // five fields of cron; empty: only when it is asked for
  std::string_view zone = "UTC";
  Missed missed = Missed::run_once;
  Duration late_after = std::chrono::minutes(5);  // from when on its time is missed
  // Jobs come and go with what they are for (a server, say): Runner::keep says which there are.
  bool has_keys = false;
  // Also when whoever runs it starts, or begins with a new key, whatever its schedule.
  bool is_due_at_start = false;
  // How long whoever runs it may give no sign of life before another takes it over.
  Duration lease = std::chrono::seconds(30);
  int most_tries = 1;                             // with what may pass by itself, and when it is cut off
  Duration first_wait = std::chrono::minutes(1);  // before the second try; doubled each time, an hour at most
  bool goes_on = true;                            // after it was cut off; else it says that it was
  bool may_be_asked_for = true;
  std::string_view asked_for_by = {};  // where it may not be: the way that there is, for people
  bool is_private = false;             // its input names somebody: it is taken out when the job ends
  std::string_view right = "analyze";  // a permission: who may ask for it, and call it off
};

struct Job {
  JobId id{};
  std::string kind, key, lane;
  std::string input = "{}";
  std::string schedule, zone = "UTC";
  Missed missed = Missed::run_once;
  State state = State::waiting;
  Instant due_at{};
  Instant planned_at{};  // when that was settled, by the same clock
  std::int64_t tries = 0;
  std::int64_t claims = 0;
  std::string holder;
  std::optional<Instant> lease_until;
  bool cancel_asked = false;
  std::int64_t done = 0, total = 0;
  std::string note, position, result, error, asked_by;
  Instant created_at{};
  std::optional<Instant> started_at, last_run_at, ended_at;
};

// Nullptr when there is none of this name.
const Kind* find_kind(std::span<const Kind> kinds, std::string_view name);

// How long the next try waits after so many.
Duration wait_after(const Kind& kind, std::int64_t tries);

}  // namespace linnet::jobs

namespace linnet::record {

// As the table has it; what programs are shown of it is a JobView (job_json.hpp).
template <>
const Entity& entity_of<jobs::Job>();

}  // namespace linnet::record
