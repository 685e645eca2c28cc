#include "jobs/claim.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/instant_words.hpp"
#include "jobs/job_rows.hpp"
#include "jobs/job_store.hpp"

namespace linnet::jobs {
namespace {

constexpr std::string_view kDue =
    "ended_at IS NULL AND ((state = 'waiting' AND due_at <= $1) OR state = 'running') ORDER BY due_at, id";

// Alive as long as its process, or as its lease where nothing is known of that.
bool is_worked_at(const Job& job, const Claimer& claimer, Instant database_now) {
  if (job.state != State::running) return false;
  if (claimer.is_busy_with(job.id)) return true;
  if (job.holder != claimer.holder) {
    if (claimer.is_alone || claimer.is_gone(job.holder)) return false;
    if (claimer.is_there(job.holder)) return true;
  }
  return job.lease_until.value_or(Instant{}) >= database_now;
}

// The row tells what was from now on; one with a schedule waits in another.
Status close(store::Connection& connection, Job& job, const Kind& kind, State state, Instant now) {
  if (kind.is_private) job.input = "{}";
  LINNET_CHECK(end_row(connection, job, state, now));
  if (job.schedule.empty()) return {};
  Job next;
  next.kind = job.kind;
  next.key = job.key;
  next.lane = job.lane;
  next.schedule = job.schedule;
  next.zone = job.zone;
  next.missed = job.missed;
  next.created_at = next.planned_at = now;
  LINNET_TRY(next.due_at, next_time(job, now));
  LINNET_TRY(const auto id, insert(connection, next));
  (void)id;
  return {};
}

// Its process ended, or gave no sign of life for longer than its lease. True where it is to be taken over.
Result<bool> heed_cut_off(store::Connection& connection, Job& job, const Kind& kind, Instant now) {
  if (job.cancel_asked) {
    LINNET_CHECK(close(connection, job, kind, State::cancelled, now));
    return false;
  }
  if (kind.goes_on && job.tries <= kind.most_tries) return true;
  job.error =
      kind.goes_on
          ? fmt::format("it was begun {} times and cut off again, and is not tried once more", job.tries)
          : "the program that worked at it ended meanwhile, and it cannot go on where it was; ask for "
            "it again";
  LINNET_CHECK(close(connection, job, kind, State::failed, now));
  return false;
}

// True where it is to be run now.
Result<bool> heed_missed_time(store::Connection& connection, Job& job, const Kind& kind, Instant now) {
  const bool is_of_schedule = !job.schedule.empty() && job.asked_by.empty() && !job.started_at;
  if (!is_of_schedule || now - job.due_at <= kind.late_after) return true;
  const auto missed = in_words(job.due_at);
  switch (job.missed) {
    case Missed::run_once:
      job.note = fmt::format("in place of {}, which was missed", missed);
      return true;
    case Missed::skip: {
      LINNET_TRY(const auto next, next_time(job, now));
      begin_wait(job, next, now);
      job.note = fmt::format("{} was missed and left out", missed);
      break;
    }
    case Missed::ask:
      job.state = State::asking;
      job.note = fmt::format("{} was missed: run it now, or leave it out?", missed);
      break;
  }
  LINNET_CHECK(save(connection, job));
  return false;
}

Status take(store::Connection& connection, Job& job, const Claimer& claimer, const Kind& kind,
            Instant database_now, Instant now) {
  job.state = State::running;
  job.holder = claimer.holder;
  job.lease_until = database_now + kind.lease;
  ++job.tries;
  ++job.claims;
  job.started_at = job.started_at.value_or(now);
  job.result.clear();
  job.error.clear();
  return save(connection, job);
}

Result<std::optional<Job>> held_by(store::Connection& connection, const Job& claimed) {
  LINNET_TRY(auto now, find(connection, claimed.id));
  if (!now || now->state != State::running || now->holder != claimed.holder || now->claims != claimed.claims)
    return std::optional<Job>();
  return now;
}

void show(Job& job, const Beat& beat) {
  job.done = beat.done;
  job.total = beat.total;
  job.note = beat.note;
  job.position = beat.position;
}

// What is due, and what is said to be running.
struct Due {
  std::vector<Job> jobs;
  Instant database_now{};
};
Result<Due> look(store::Connection& connection, Instant now) {
  Due due;
  LINNET_TRY(due.jobs, select(connection, kDue, {to_micros(now)}));
  LINNET_TRY(due.database_now, database_now(connection));
  return due;
}

bool may_take(const Due& due, const Job& job, const Claimer& claimer) {
  const auto* const kind = find_kind(claimer.kinds, job.kind);
  if (kind == nullptr || claimer.has_enough_of(*kind) || is_worked_at(job, claimer, due.database_now))
    return false;
  const bool is_for_something = kind->has_keys && !job.schedule.empty() && job.state == State::waiting;
  if (is_for_something && !claimer.is_kept(job)) return false;
  return job.lane.empty() || std::none_of(due.jobs.begin(), due.jobs.end(), [&](const Job& other) {
           return other.id != job.id && other.lane == job.lane &&
                  is_worked_at(other, claimer, due.database_now);
         });
}

}  // namespace

Result<bool> may_claim(store::Connection& connection, const Claimer& claimer, Instant now) {
  LINNET_TRY(const auto due, look(connection, now));
  return std::any_of(due.jobs.begin(), due.jobs.end(),
                     [&](const Job& job) { return may_take(due, job, claimer); });
}

Result<std::optional<Job>> claim_next(store::Connection& connection, const Claimer& claimer, Instant now) {
  LINNET_TRY(auto due, look(connection, now));
  for (auto& job : due.jobs) {
    if (!may_take(due, job, claimer)) continue;
    const auto* const kind = find_kind(claimer.kinds, job.kind);
    // It told why the job waited.
    if (job.state == State::waiting) job.note.clear();
    LINNET_TRY(const bool is_wanted, job.state == State::running
                                         ? heed_cut_off(connection, job, *kind, now)
                                         : heed_missed_time(connection, job, *kind, now));
    if (!is_wanted) continue;
    LINNET_CHECK(take(connection, job, claimer, *kind, due.database_now, now));
    return std::optional(std::move(job));
  }
  return std::optional<Job>();
}

Result<Held> beat(store::Connection& connection, const Job& claimed, const Kind& kind, const Beat& beat) {
  LINNET_TRY(auto job, held_by(connection, claimed));
  if (!job) return Held::no;
  LINNET_TRY(const auto database_now, database_now(connection));
  const auto asked_to_stop = job->cancel_asked ? job->note : std::string();
  show(*job, beat);
  if (job->cancel_asked) job->note = asked_to_stop;
  job->lease_until = database_now + kind.lease;
  LINNET_CHECK(save(connection, *job));
  return job->cancel_asked ? Held::must_stop : Held::yes;
}

Result<std::optional<Job>> end(store::Connection& connection, const Job& claimed, const Kind& kind,
                               const Ending& ending, Instant now) {
  using How = Ending::How;
  LINNET_TRY(auto held, held_by(connection, claimed));
  if (!held) return std::optional<Job>();
  auto& job = *held;
  show(job, ending.last);
  job.result = ending.result;
  job.error = ending.error;
  auto how = ending.how;
  if (how == How::try_again && job.tries >= kind.most_tries) how = How::failed;
  if (how == How::nothing && job.schedule.empty()) how = How::done;
  // What was done was done; anything else ends here once somebody called it off.
  if (job.cancel_asked && how != How::done && how != How::failed) how = How::cancelled;
  if (how == How::given_back && !kind.goes_on) {
    how = How::failed;
    job.error = "the program ended while it was at work; ask for it again";
  }
  const auto wait = [&](Instant due_at) {
    wait_until(job, due_at, now);
    return save(connection, job);
  };
  switch (how) {
    case How::done:
      LINNET_CHECK(close(connection, job, kind, State::done, now));
      break;
    case How::failed:
      LINNET_CHECK(close(connection, job, kind, State::failed, now));
      break;
    case How::cancelled:
      LINNET_CHECK(close(connection, job, kind, State::cancelled, now));
      break;
    case How::nothing: {
      LINNET_TRY(const auto next, next_time(job, now));
      begin_wait(job, next, now);
      job.last_run_at = now;
      LINNET_CHECK(save(connection, job));
      break;
    }
    case How::try_again:
      LINNET_CHECK(wait(now + wait_after(kind, job.tries)));
      break;
    case How::put_off:
      --job.tries;
      LINNET_CHECK(wait(ending.until));
      break;
    case How::given_back:
      --job.tries;
      LINNET_CHECK(wait(now));
      break;
  }
  return held;
}

}  // namespace linnet::jobs
