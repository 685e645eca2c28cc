#include "observe/ingest.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

#include "base/bounded_queue.hpp"
#include "base/guarded.hpp"
#include "base/log.hpp"
#include "observe/event_log.hpp"
#include "observe/event_sieve.hpp"
#include "observe/log_survey.hpp"
#include "observe/logged_queue.hpp"
#include "observe/own_events.hpp"
#include "observe/submission.hpp"
#include "observe/sure_appender.hpp"
#include "observe/table_updater.hpp"

namespace linnet::observe {
namespace {

using Steady = std::chrono::steady_clock;

class IngestThreads final : public Ingest {
 public:
  IngestThreads(store::Database& database, store::Writer& writer, Clock& clock, const IngestOptions& options,
                Subscriber subscriber, std::unique_ptr<store::Connection> log, EventId applied,
                EventId logged)
      : database_(database),
        clock_(clock),
        options_(options),
        subscriber_(std::move(subscriber)),
        state_(clock, options.patience, options.on_stopped),
        appender_(std::move(log), state_),
        writer_(writer),
        updater_(database, writer, projector_options(options), true),
        submissions_(options.queue_events),
        logged_(most_logged(options.batch_events), applied, logged) {
    figures_.with([&](IngestFigures& figures) {
      figures.logged = logged;
      figures.applied_up_to = applied;
    });
    log_thread_ = std::thread([this] { log_events(); });
    projector_thread_ = std::thread([this] { project_events(); });
  }

  ~IngestThreads() override {
    hasten();
    submissions_.close();
    log_thread_.join();
    logged_.close();
    projector_thread_.join();
    if (!state_.is_late()) make_durable();
    if (durable_.load() == 0) return;
    const auto marked = appender_.mark_processed(EventId(durable_.load()), clock_.now());
    if (!marked) log::warn("event log: {}", marked.error().message);
  }

  Status submit(std::vector<RawEvent> events, std::optional<Cursor> cursor,
                std::optional<store::Fence> under) override {
    return hand_in({std::move(events), std::move(cursor), std::move(under), {}, {}}, {});
  }

  Status submit_durably(std::vector<RawEvent> events, std::optional<Cursor> cursor,
                        std::optional<store::Fence> under) override {
    Submission submission{std::move(events), std::move(cursor), std::move(under), std::promise<Status>(), {}};
    auto outcome = submission.on_disk->get_future();
    LINNET_CHECK(hand_in(std::move(submission), {}));
    return outcome.get();
  }

  Status submit_within(std::vector<RawEvent> events, Duration patience) override {
    const auto deadline = Steady::now() + patience;
    Submission submission{std::move(events), {}, {}, std::promise<Status>(), {}};
    auto outcome = submission.on_disk->get_future();
    LINNET_CHECK(hand_in(std::move(submission), deadline));
    if (outcome.wait_until(deadline) == std::future_status::ready) return outcome.get();
    return not_yet();
  }

  Status drain() override {
    Submission submission{{}, {}, {}, {}, std::promise<Status>()};
    auto outcome = submission.in_tables->get_future();
    LINNET_CHECK(hand_in(std::move(submission), {}));
    return outcome.get();
  }

  void hasten() override { state_.hasten(); }

  void heard(const AppliedBatch& batch) override {
    figures_.with(
        [&](IngestFigures& figures) { figures.applied_up_to = std::max(figures.applied_up_to, batch.last); });
    if (subscriber_) subscriber_(batch);
  }

  // One that is at work moves the mark.
  void look_after_others() override {
    const auto places = log_places(database_);
    if (!places) return;
    const auto [applied, logged] = *places;
    const bool is_left = applied < logged && std::exchange(seen_mark_, applied) == applied;
    if (is_left) logged_.hear_of(logged);
    if (applied >= logged) seen_mark_ = applied;
  }

  Status while_paused(const std::function<Status()>& work) override {
    const LoggedQueue::HoldUp held_up(logged_);
    std::unique_lock turn(turn_);
    const std::scoped_lock lock(projecting_);
    turn.unlock();
    auto status = work();
    updater_.forget();
    return status;
  }

  [[nodiscard]] IngestFigures figures() const override {
    auto figures = figures_.with([](const IngestFigures& now) { return now; });
    figures.logged = std::max(figures.logged, figures.applied_up_to);  // others log as well
    const std::scoped_lock lock(room_mutex_);
    figures.queued = queued_;
    return figures;
  }

  [[nodiscard]] IngestHealth health() const override { return state_.health(); }
  [[nodiscard]] std::optional<Error> failure() const override { return state_.failure(); }

 private:
  Status hand_in(Submission submission, std::optional<Steady::time_point> deadline) {
    if (const auto failure = state_.failure()) return *failure;
    for (auto& event : submission.events) {
      // In the log, a line feed ends an event; in JSON, it stands for nothing.
      std::replace(event.line.begin(), event.line.end(), '\n', ' ');
    }
    const auto count = submission.events.size();
    {
      std::unique_lock lock(room_mutex_);
      const auto has_room = [&] {
        return queued_ == 0 || queued_ + count <= options_.queue_events || state_.is_stopped();
      };
      if (!deadline) room_.wait(lock, has_room);
      if (deadline && !room_.wait_until(lock, *deadline, has_room)) return not_yet();
      queued_ += count;
    }
    if (submissions_.push(std::move(submission))) return {};
    return Error::of(ErrorKind::cancelled, "ingest is closing: no more events are taken");
  }

  [[nodiscard]] Error not_yet() const {
    const auto health = state_.health();
    const auto reason = health.reason.empty() ? std::string("the disk is slow") : health.reason;
    return unavailable("the events are not on disk yet: " + reason +
                       "; send them again later, it does no harm if they have been written by then");
  }

  void give_room(std::size_t count) {
    {
      const std::scoped_lock lock(room_mutex_);
      queued_ -= count;
    }
    room_.notify_all();
  }

  // From the first failure on nothing more is taken: the connectors stop, and what was acknowledged is in the
  // log.
  void fail(const Error& error) {
    state_.stop(error);
    logged_.fail(error);
    {
      const std::scoped_lock lock(room_mutex_);  // whoever looked before waits by now
    }
    room_.notify_all();
  }

  // --- the log thread

  void log_events() {
    EventSieve sieve(options_.keep_followers_only);
    while (true) {
      auto first = submissions_.pop();
      if (!first) return;
      std::vector<Submission> group;
      gather(std::move(*first), group);
      for (auto& submission : group) count_read(submission);
      auto status = log_group(group, sieve);
      if (!status) fail(status.error());
      for (auto& submission : group) {
        if (submission.on_disk) submission.on_disk->set_value(status);
        if (submission.in_tables) submission.in_tables->set_value(status);
        give_room(submission.events.size());
      }
    }
  }

  // Takes what else is waiting, up to a batch; waits a little only while the batch is small.
  void gather(Submission first, std::vector<Submission>& group) {
    std::size_t events = first.events.size();
    group.push_back(std::move(first));
    const auto deadline = Steady::now() + options_.linger;
    while (events < options_.batch_events) {
      const auto left = std::chrono::duration_cast<Duration>(deadline - Steady::now());
      auto more = submissions_.try_pop(wants_answer(group.back()) ? Duration{0} : left);
      if (!more) return;
      events += more->events.size();
      group.push_back(std::move(*more));
    }
  }

  static bool wants_answer(const Submission& submission) {
    return submission.on_disk || submission.in_tables;
  }

  void count_read(const Submission& submission) {
    figures_.with([&](IngestFigures& figures) { figures.read += submission.events.size(); });
  }

  // Submissions stay whole, so that a cursor is saved together with all events before it.
  Status log_group(std::vector<Submission>& group, EventSieve& sieve) {
    if (const auto failure = state_.failure()) return *failure;
    for (std::size_t begin = 0; begin < group.size();) {
      std::size_t end = begin + 1;
      std::size_t events = group[begin].events.size();
      while (end < group.size() && events + group[end].events.size() <= options_.batch_events) {
        events += group[end++].events.size();
      }
      const auto together = std::span(group).subspan(begin, end - begin);
      auto logged = log_submissions(together, sieve);
      if (!logged && logged.error().kind == ErrorKind::cancelled) logged = log_one_by_one(together, sieve);
      LINNET_CHECK(logged);
      begin = end;
    }
    return {};
  }

  // Some of them were read under a lease that is lost: those are answered, and left out.
  Status log_one_by_one(std::span<Submission> submissions, EventSieve& sieve) {
    for (auto& submission : submissions) {
      const auto logged = log_submissions({&submission, 1}, sieve);
      if (logged) continue;
      if (logged.error().kind != ErrorKind::cancelled) return logged;
      for (auto* const told : {&submission.on_disk, &submission.in_tables}) {
        if (*told) std::exchange(*told, std::nullopt)->set_value(logged);
      }
    }
    return {};
  }

  // In pieces of at most a batch: one submission alone may be larger. Its cursor goes with the last.
  Status log_submissions(std::span<Submission> submissions, EventSieve& sieve) {
    std::vector<const RawEvent*> events;
    std::vector<LoggedCursor> cursors;
    std::vector<store::Fence> under;
    for (const auto& submission : submissions) {
      if (submission.under && std::find(under.begin(), under.end(), *submission.under) == under.end())
        under.push_back(*submission.under);
      for (const auto& event : submission.events) events.push_back(&event);
      if (submission.cursor) cursors.push_back({submission.cursor->connector, submission.cursor->position});
    }
    const std::size_t batch = std::max<std::size_t>(options_.batch_events, 1);
    for (std::size_t begin = 0; begin == 0 || begin < events.size(); begin += batch) {
      const auto count = std::min(batch, events.size() - begin);
      const bool is_last = begin + count >= events.size();
      LINNET_CHECK(log_batch(
          std::span(events).subspan(begin, count),
          is_last ? std::span<const LoggedCursor>(cursors) : std::span<const LoggedCursor>(), under, sieve));
    }
    for (auto& submission : submissions) {
      if (submission.in_tables) logged_.add_waiting(std::move(*submission.in_tables));
      submission.in_tables.reset();
    }
    return {};
  }

  Status log_batch(std::span<const RawEvent* const> events, std::span<const LoggedCursor> cursors,
                   std::span<const store::Fence> under, EventSieve& sieve) {
    if (events.empty() && cursors.empty()) return {};
    const Instant now = clock_.now();
    auto logged = std::make_unique<LoggedBatch>();
    std::vector<std::string_view> lines;
    lines.reserve(events.size());
    logged->events.reserve(events.size());
    std::string_view line;
    for (const auto* raw : events) {
      auto event = sieve.read(*raw, now, logged->arena, line);
      if (!event) continue;
      logged->events.push_back(std::move(*event));
      logged->bytes += line.size();
      lines.push_back(line);
    }
    const auto left_out = events.size() - logged->events.size();
    figures_.with([&](IngestFigures& figures) { figures.ignored += left_out; });
    if (logged->events.empty() && cursors.empty()) return {};
    LINNET_CHECK(appender_.append(logged->events, lines, cursors, now, under));
    if (logged->events.empty()) return {};
    own_.add(logged->events.front().id, logged->events.back().id);
    figures_.with([&](IngestFigures& figures) { figures.logged = logged->events.back().id; });
    logged_.add(std::move(logged));
    mark_now_and_then(now);
    return {};
  }

  // `processed_at` of an event is read off these marks; one a second is as fine as anyone looks. And where
  // the tables hold less than what is marked, an older copy of them was put back (lost_tables.hpp): so only
  // what a power cut leaves in them is marked.
  void mark_now_and_then(Instant now) {
    const EventId applied(durable_.load());
    if (Steady::now() - marked_at_ < std::chrono::seconds(1) || applied.value() == 0) return;
    marked_at_ = Steady::now();
    if (auto marked = appender_.mark_processed(applied, now); !marked)
      log::warn("{}", marked.error().message);
  }

  // --- the projector's thread

  void project_events() {
    while (auto work = logged_.take(kMostInTransaction)) {
      const auto status = work->batches.empty() ? follow_log(work->up_to) : project(work->batches);
      // What is left when the program must end is applied at the next start.
      if (state_.is_late()) return logged_.fail(Error::of(ErrorKind::cancelled, "ingest is closing"));
      if (!status) return fail(status.error());
    }
  }

  Status project(const LoggedQueue::Batches& batches) {
    std::vector<std::span<const model::Event>> events;
    for (const auto& batch : batches) events.emplace_back(batch->events);
    for (std::span<const std::span<const model::Event>> left = events; !left.empty();) {
      LINNET_TRY(const auto projected, surely([&] { return updater_.apply(left); }));
      if (projected.empty()) return follow_log(left.back().back().id);
      for (std::size_t i = 0; i < projected.size(); ++i) tell(projected[i], left[i].back().id);
      left = left.subspan(projected.size());
    }
    return {};
  }

  // Where the log is ahead of what was handed on, or others wrote to it as well.
  Status follow_log(EventId up_to) {
    for (EventId applied; applied < up_to && !state_.is_late();) {
      LINNET_TRY(const auto step, surely([&] { return updater_.advance(up_to); }));
      applied = step.up_to;
      tell(step.projected, applied);
    }
    return {};
  }

  // Again and again, while what is in the way may pass.
  template <typename Work>
  auto surely(Work work) -> decltype(work()) {
    std::optional<LoggedQueue::HoldUp> held_up;
    while (true) {
      auto outcome = [&] {
        std::unique_lock turn(turn_);
        const std::scoped_lock lock(projecting_);
        turn.unlock();
        return work();
      }();
      if (outcome) {
        state_.goes_on(IngestStep::tables);
        return outcome;
      }
      if (outcome.error().kind != ErrorKind::unavailable) return outcome;
      if (!held_up) held_up.emplace(logged_);
      if (!state_.wait_out(IngestStep::tables, outcome.error())) return outcome;
    }
  }

  void tell(const ProjectedBatch& projected, EventId applied_up_to) {
    figures_.with([&](IngestFigures& figures) {
      figures.applied += projected.figures.applied;
      figures.unchanged += projected.figures.unchanged;
      figures.stale += projected.figures.stale;
      figures.failed += projected.figures.failed;
      figures.ignored += projected.figures.ignored;
      figures.applied_up_to = applied_up_to;
    });
    if (subscriber_) subscriber_(projected.changes);
    logged_.applied(applied_up_to);
    if (Steady::now() - made_durable_at_ >= std::chrono::seconds(1)) make_durable();
  }

  // What the tables took in until now is on disk with the next commit that is; that one has to change
  // something.
  void make_durable() {
    made_durable_at_ = Steady::now();
    const auto applied = figures().applied_up_to.value();
    if (applied == durable_.load()) return;
    const auto done = writer_.write([&](store::Connection& connection) {
      return store::run(connection,
                        "INSERT INTO projection_marks (name, position) VALUES ('durable', $1) ON CONFLICT "
                        "(name) DO UPDATE SET position = excluded.position",
                        {applied});
    });
    if (done) durable_ = applied;
  }

  ProjectorOptions projector_options(const IngestOptions& options) {
    ProjectorOptions made{options.redact_on_delete};
    made.keeps_ledger = options.keeps_ledger;
    if (options.counts_own_alone) made.counts = [this](EventId event) { return own_.contains(event); };
    return made;
  }

  store::Database& database_;
  EventId seen_mark_{-1};  // of whoever looks after others
  Clock& clock_;
  const IngestOptions options_;
  const Subscriber subscriber_;
  OwnEvents own_;
  IngestState state_;

  SureAppender appender_;  // of the log thread, until that has ended
  Steady::time_point marked_at_{};
  std::mutex projecting_;  // held while the projector, or a replay in its place, works
  std::mutex turn_;  // taken before it, so that who waits for it comes next: the projector asks again at once
  store::Writer& writer_;
  TableUpdater updater_;
  Steady::time_point made_durable_at_{};  // of the projector's thread, until that has ended
  std::atomic<std::int64_t> durable_{0};  // the last event that the tables hold after a power cut as well

  mutable std::mutex room_mutex_;
  std::condition_variable room_;
  std::size_t queued_ = 0;

  Guarded<IngestFigures> figures_;
  BoundedQueue<Submission> submissions_;
  LoggedQueue logged_;
  std::thread log_thread_;
  std::thread projector_thread_;
};

}  // namespace

Result<std::unique_ptr<Ingest>> Ingest::start(store::Database& database, store::Writer& writer, Clock& clock,
                                              const IngestOptions& options, Subscriber subscriber) {
  LINNET_TRY(const auto places, log_places(database));
  LINNET_CHECK(refuse_log_behind(places.logged, places.applied));
  LINNET_TRY(auto log, database.connect(store::Part::log));
  LINNET_CHECK(log->hold_up_nobody());
  return std::unique_ptr<Ingest>(std::make_unique<IngestThreads>(database, writer, clock, options,
                                                                 std::move(subscriber), std::move(log),
                                                                 places.applied, places.logged));
}

}  // namespace linnet::observe
