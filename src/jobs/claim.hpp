// What whoever runs jobs does with the table: takes one, gives signs of life, and writes down what came of
// it. All of it within a transaction of the writer, whose turn keeps two from taking one job.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "jobs/job.hpp"
#include "store/connection.hpp"

namespace linnet::jobs {

struct Claimer {
  std::string holder;           // this one, and no other run of it
  std::span<const Kind> kinds;  // that it can run
  // Nobody else runs jobs on this database: what is said to be running elsewhere was cut off.
  bool is_alone = false;
  // Jobs that it still works at, whatever their lease says.
  std::function<bool(JobId)> is_busy_with = [](JobId) { return false; };
  // Others that are known to have ended, and those that are known to live, whatever their leases say: the
  // database's clock may be set, and be away for a while.
  std::function<bool(const std::string& holder)> is_gone = [](const std::string&) { return false; };
  std::function<bool(const std::string& holder)> is_there = [](const std::string&) { return false; };
  // Kinds of which it takes no more for now.
  std::function<bool(const Kind&)> has_enough_of = [](const Kind&) { return false; };
  // Of kinds with keys: whether what a job is for is there (Runner::keep).
  std::function<bool(const Job&)> is_kept = [](const Job&) { return true; };
};

// Whether there may be something to claim: one look, from any connection.
Result<bool> may_claim(store::Connection& connection, const Claimer& claimer, Instant now);

// The next job that is due, now running in the name of the claimer. On the way, jobs that were cut off are
// taken over or say why they are not, and times that were missed follow their rule.
Result<std::optional<Job>> claim_next(store::Connection& connection, const Claimer& claimer, Instant now);

// What a running job shows, and what becomes of it.
struct Beat {
  std::int64_t done = 0, total = 0;
  std::string note, position;
};
enum class Held {
  yes,
  must_stop,  // somebody called it off
  no,         // another took it over, or it was ended: nothing more may be written of it
};
Result<Held> beat(store::Connection& connection, const Job& claimed, const Kind& kind, const Beat& beat);

struct Ending {
  enum class How {
    done,
    nothing,     // it was looked, and there was nothing to do: not worth a row
    failed,      // for good
    try_again,   // failed by what may pass by itself
    put_off,     // not now: `until`
    given_back,  // whoever ran it ends; another goes on
    cancelled,
  } how = How::done;
  Beat last = {};
  std::string result = {};  // JSON
  std::string error = {};   // for people
  Instant until = {};
};
// What the job is now, or nullopt where it was held no more. One with a schedule waits for its next time
// then, in a row of its own.
Result<std::optional<Job>> end(store::Connection& connection, const Job& claimed, const Kind& kind,
                               const Ending& ending, Instant now);

}  // namespace linnet::jobs
