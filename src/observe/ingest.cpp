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
#include "connect/mastodon/event_reader.hpp"
#include "observe/catch_up.hpp"
#include "observe/event_log.hpp"
#include "observe/projector.hpp"

namespace linnet::observe {
namespace {

constexpr std::size_t kMostInTransaction = 30'000;  // events
constexpr std::size_t kFewEvents = 1'000;           // fewer wait a moment for more
constexpr auto kProjectorLinger = std::chrono::milliseconds(50);

// A database server that does not answer is asked again after these.
constexpr Duration kFirstWait = std::chrono::milliseconds(50);
constexpr Duration kLongestWait = std::chrono::seconds(5);
constexpr int kAttemptsWhenClosing = 7;  // some six seconds

// How many batches may wait for the projector: two large ones, many small ones.
std::size_t waiting_batches(std::size_t batch_events) {
  return std::clamp<std::size_t>(4'000 / std::max<std::size_t>(batch_events, 1), 2, 1'000);
}

// What producers hand in: events of one submission, and what is to be done once they are on disk.
struct Submission {
  std::vector<RawEvent> events;
  std::optional<Cursor> cursor;
  std::optional<std::promise<Status>> on_disk;
  std::optional<std::promise<Status>> in_tables;
};

// What the log thread hands to the projector.
struct LoggedBatch {
  Arena arena;
  std::vector<model::Event> events;
  std::vector<std::promise<Status>> in_tables;
};

class IngestThreads final : public Ingest {
 public:
  IngestThreads(store::Database& database, store::Writer& writer, Clock& clock, const IngestOptions& options,
                Subscriber subscriber, std::unique_ptr<store::Connection> log)
      : database_(database),
        writer_(writer),
        clock_(clock),
        options_(options),
        subscriber_(std::move(subscriber)),
        log_(std::move(log)),
        log_writer_(*log_),
        projector_(ProjectorOptions{options.redact_on_delete}),
        submissions_(options.queue_events),
        logged_(waiting_batches(options.batch_events)) {}

  ~IngestThreads() override {
    closing_ = true;
    submissions_.close();
    if (log_thread_.joinable()) log_thread_.join();
    logged_.close();
    if (projector_thread_.joinable()) projector_thread_.join();
    const auto marked = log_writer_.mark_processed(figures().applied_up_to, clock_.now());
    if (!marked) log::warn("event log: {}", marked.error().message);
  }

  Status run() {
    LINNET_TRY(const auto applied, catch_up(database_, writer_, projector_, {}));
    figures_.with([&](IngestFigures& figures) { figures.logged = figures.applied_up_to = applied; });
    log_thread_ = std::thread([this] { log_events(); });
    projector_thread_ = std::thread([this] { project_events(); });
    return {};
  }

  Status submit(std::vector<RawEvent> events, std::optional<Cursor> cursor) override {
    return hand_in({std::move(events), std::move(cursor), {}, {}});
  }

  Status submit_durably(std::vector<RawEvent> events, std::optional<Cursor> cursor) override {
    Submission submission{std::move(events), std::move(cursor), std::promise<Status>(), {}};
    auto outcome = submission.on_disk->get_future();
    LINNET_CHECK(hand_in(std::move(submission)));
    return outcome.get();
  }

  Status drain() override {
    Submission submission{{}, {}, {}, std::promise<Status>()};
    auto outcome = submission.in_tables->get_future();
    LINNET_CHECK(hand_in(std::move(submission)));
    return outcome.get();
  }

  Status while_paused(const std::function<Status()>& work) override {
    const std::scoped_lock lock(projecting_);
    auto status = work();
    projector_.forget();
    return status;
  }

  [[nodiscard]] IngestFigures figures() const override {
    auto figures = figures_.with([](const IngestFigures& now) { return now; });
    const std::scoped_lock lock(room_mutex_);
    figures.queued = queued_;
    return figures;
  }

 private:
  Status hand_in(Submission submission) {
    if (auto failure = failure_.with([](const auto& error) { return error; })) return *failure;
    const auto count = submission.events.size();
    {
      std::unique_lock lock(room_mutex_);
      room_.wait(lock,
                 [&] { return queued_ == 0 || queued_ + count <= options_.queue_events || has_failed_; });
      queued_ += count;
    }
    if (submissions_.push(std::move(submission))) return {};
    return Error::of(ErrorKind::cancelled, "ingest is closing: no more events are taken");
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
    failure_.with([&](std::optional<Error>& failure) {
      if (!failure) {
        log::error("ingest stopped: {}", error.message);
        failure = error;
      }
    });
    {
      const std::scoped_lock lock(room_mutex_);
      has_failed_ = true;
    }
    room_.notify_all();
  }

  // --- the log thread

  void log_events() {
    connect::mastodon::EventReader reader;
    while (true) {
      auto first = submissions_.pop();
      if (!first) return;
      std::vector<Submission> group;
      gather(std::move(*first), group);
      for (auto& submission : group) count_read(submission);
      auto status = log_group(group, reader);
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
    const auto deadline = clock_.now() + options_.linger;
    while (events < options_.batch_events) {
      auto more = submissions_.try_pop(wants_answer(group.back()) ? Duration{0} : deadline - clock_.now());
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
  Status log_group(std::vector<Submission>& group, connect::mastodon::EventReader& reader) {
    if (auto failure = failure_.with([](const auto& error) { return error; })) return *failure;
    for (std::size_t begin = 0; begin < group.size();) {
      std::size_t end = begin + 1;
      std::size_t events = group[begin].events.size();
      while (end < group.size() && events + group[end].events.size() <= options_.batch_events) {
        events += group[end++].events.size();
      }
      LINNET_CHECK(log_submissions(std::span(group).subspan(begin, end - begin), reader));
      begin = end;
    }
    return {};
  }

  // In pieces of at most a batch: one submission alone may be larger. Its cursor goes with the last.
  Status log_submissions(std::span<Submission> submissions, connect::mastodon::EventReader& reader) {
    std::vector<const RawEvent*> events;
    std::vector<LoggedCursor> cursors;
    for (const auto& submission : submissions) {
      for (const auto& event : submission.events) events.push_back(&event);
      if (submission.cursor) cursors.push_back({submission.cursor->connector, submission.cursor->position});
    }
    const std::size_t batch = std::max<std::size_t>(options_.batch_events, 1);
    for (std::size_t begin = 0; begin == 0 || begin < events.size(); begin += batch) {
      const auto count = std::min(batch, events.size() - begin);
      const bool is_last = begin + count >= events.size();
      auto logged = std::make_unique<LoggedBatch>();
      LINNET_CHECK(
          log_batch(std::span(events).subspan(begin, count),
                    is_last ? std::span<const LoggedCursor>(cursors) : std::span<const LoggedCursor>(),
                    reader, *logged));
      if (is_last) take_waiting(submissions, *logged);
      if (!logged->events.empty() || !logged->in_tables.empty()) logged_.push(std::move(logged));
    }
    return {};
  }

  static void take_waiting(std::span<Submission> submissions, LoggedBatch& logged) {
    for (auto& submission : submissions) {
      if (!submission.in_tables) continue;
      logged.in_tables.push_back(std::move(*submission.in_tables));
      submission.in_tables.reset();
    }
  }

  Status log_batch(std::span<const RawEvent* const> events, std::span<const LoggedCursor> cursors,
                   connect::mastodon::EventReader& reader, LoggedBatch& logged) {
    if (events.empty() && cursors.empty()) return {};
    const Instant now = clock_.now();
    std::vector<std::string_view> lines;
    lines.reserve(events.size());
    logged.events.reserve(events.size());
    for (const auto* raw : events) {
      auto& event = logged.events.emplace_back(reader.read(raw->line, now, logged.arena));
      event.instance = raw->instance;
      lines.emplace_back(raw->line);
    }
    LINNET_CHECK(append_surely(logged.events, lines, cursors, now));
    if (events.empty()) return {};
    figures_.with([&](IngestFigures& figures) { figures.logged = logged.events.back().id; });
    mark_now_and_then(now);
    return {};
  }

  // A database server may be started anew: what was not committed when it went is written when it is back,
  // and what was is not written again.
  Status append_surely(std::span<model::Event> events, std::span<const std::string_view> lines,
                       std::span<const LoggedCursor> cursors, Instant now) {
    auto status = log_writer_.append(events, lines, cursors, now);
    for (int attempt = 0; !status && !log_->is_alive(); ++attempt) {
      if (!wait_for_server(attempt, status.error())) return status;
      if (!log_->reconnect()) continue;
      const auto is_there = log_writer_.has_appended();
      if (!is_there) continue;
      if (is_there.value()) return {};
      status = log_writer_.append(events, lines, cursors, now);
    }
    return status;
  }

  // Waits before the next attempt, longer each time; false once ingest is closing and has waited long enough.
  bool wait_for_server(int attempt, const Error& error) {
    if (attempt == 0) log::warn("waiting for the database: {}", error.safe);
    if (closing_ && attempt >= kAttemptsWhenClosing) return false;
    std::this_thread::sleep_for(std::min<Duration>(kFirstWait * (1 << std::min(attempt, 10)), kLongestWait));
    return true;
  }

  // `processed_at` of an event is read off these marks; one a second is as fine as anyone looks.
  void mark_now_and_then(Instant now) {
    const auto applied = figures().applied_up_to;
    if (now - marked_at_ < std::chrono::seconds(1) || applied.value() == 0) return;
    marked_at_ = now;
    if (auto marked = log_writer_.mark_processed(applied, now); !marked)
      log::warn("{}", marked.error().message);
  }

  // --- the projector's thread

  void project_events() {
    while (auto first = logged_.pop()) {
      std::vector<std::unique_ptr<LoggedBatch>> batches;
      batches.push_back(std::move(*first));
      gather_logged(batches);
      auto status = project(batches);
      if (!status) fail(status.error());
      for (auto& batch : batches) {
        for (auto& waiting : batch->in_tables) waiting.set_value(status);
      }
    }
  }

  // What the log is ahead by goes into one transaction, and a few events wait for more: the more posts it
  // holds, the fewer times the same pages of accounts and indexes are written.
  void gather_logged(std::vector<std::unique_ptr<LoggedBatch>>& batches) {
    std::size_t events = batches.front()->events.size();
    const auto deadline = std::chrono::steady_clock::now() + kProjectorLinger;
    while (events < kMostInTransaction && batches.back()->in_tables.empty()) {
      const auto left = std::chrono::duration_cast<Duration>(deadline - std::chrono::steady_clock::now());
      auto more = logged_.try_pop(events < kFewEvents ? left : Duration{0});
      if (!more) return;
      events += (*more)->events.size();
      batches.push_back(std::move(*more));
    }
  }

  Status project(std::span<const std::unique_ptr<LoggedBatch>> batches) {
    if (auto failure = failure_.with([](const auto& error) { return error; })) return *failure;
    const std::scoped_lock lock(projecting_);
    std::vector<ProjectedBatch> projected;
    LINNET_CHECK(apply_surely(batches, projected));
    for (std::size_t i = 0; i < batches.size(); ++i) {
      if (!batches[i]->events.empty()) tell(projected[i], batches[i]->events.back().id);
    }
    return {};
  }

  // The mark is part of the transaction: one that was committed although the answer was lost is not applied
  // twice.
  Status apply_surely(std::span<const std::unique_ptr<LoggedBatch>> batches,
                      std::vector<ProjectedBatch>& projected) {
    for (int attempt = 0;; ++attempt) {
      projected.assign(batches.size(), {});
      auto status = writer_.write_rebuildable([&](store::Connection& connection) -> Status {
        for (std::size_t i = 0; i < batches.size(); ++i) {
          if (batches[i]->events.empty()) continue;
          LINNET_CHECK(apply_logged(database_, connection, projector_, batches[i]->events, projected[i]));
        }
        return {};
      });
      if (status) return {};
      projector_.forget();
      const bool may_pass =
          database_.engine() == store::Engine::postgres && status.error().kind == ErrorKind::unavailable;
      if (!may_pass || !wait_for_server(attempt, status.error())) return status;
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
  }

  store::Database& database_;
  store::Writer& writer_;
  Clock& clock_;
  const IngestOptions options_;
  Subscriber subscriber_;
  std::unique_ptr<store::Connection> log_;
  EventLogWriter log_writer_;
  std::mutex projecting_;  // held while the projector, or a replay in its place, works
  Projector projector_;
  Instant marked_at_{};

  std::atomic<bool> closing_{false};

  mutable std::mutex room_mutex_;
  std::condition_variable room_;
  std::size_t queued_ = 0;
  bool has_failed_ = false;

  Guarded<IngestFigures> figures_;
  Guarded<std::optional<Error>> failure_;
  BoundedQueue<Submission> submissions_;
  BoundedQueue<std::unique_ptr<LoggedBatch>> logged_;
  std::thread log_thread_;
  std::thread projector_thread_;
};

}  // namespace

Result<std::unique_ptr<Ingest>> Ingest::start(store::Database& database, store::Writer& writer, Clock& clock,
                                              const IngestOptions& options, Subscriber subscriber) {
  LINNET_TRY(auto log, database.connect(store::Part::log));
  auto ingest = std::make_unique<IngestThreads>(database, writer, clock, options, std::move(subscriber),
                                                std::move(log));
  LINNET_CHECK(ingest->run());
  return std::unique_ptr<Ingest>(std::move(ingest));
}

Result<std::optional<std::string>> load_cursor(store::Connection& connection, std::string_view connector) {
  return store::query_text(connection, "SELECT cursor FROM connector_cursors WHERE connector = $1",
                           {connector});
}

Result<InstanceId> find_or_add_instance(store::Writer& writer, std::string_view base_url,
                                        std::string_view platform, Instant now) {
  InstanceId id;
  LINNET_CHECK(writer.write([&](store::Connection& connection) -> Status {
    LINNET_CHECK(store::run(connection,
                            "INSERT INTO instances (base_url, platform, created_at) VALUES ($1, $2, $3) "
                            "ON CONFLICT (base_url) DO NOTHING",
                            {base_url, platform, to_micros(now)}));
    LINNET_TRY(const auto found,
               store::query_integer(connection, "SELECT id FROM instances WHERE base_url = $1", {base_url}));
    id = InstanceId(found.value_or(0));
    return {};
  }));
  return id;
}

}  // namespace linnet::observe
