#include "jobs/runner.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "base/log.hpp"
#include "base/secret_box.hpp"
#include "jobs/job_store.hpp"

namespace linnet::jobs {
namespace {

using Steady = std::chrono::steady_clock;

// Jobs of one kind that are alive at once.
constexpr std::int64_t kMostKeys = 10'000;

// A job in the hands of this runner.
struct Working {
  Working(Job claimed, const BoundKind& bound_kind, std::function<void()> on_show)
      : job(std::move(claimed)), bound(bound_kind), context(job, stop.get_token(), std::move(on_show)) {}

  const Job job;
  const BoundKind& bound;
  std::stop_source stop;
  JobContext context;
  std::atomic<bool> is_lost{false};  // another has it: nothing more is written of it
  std::atomic<bool> is_called_off{false};
  std::atomic<bool> is_over{false};              // its end is being written down
  Steady::time_point beaten_at = Steady::now();  // the keeper's
  Beat beaten;                                   // the keeper's
};
using WorkingPointer = std::shared_ptr<Working>;
using KindAndKey = std::pair<std::string, std::string>;

bool is_same(const Beat& a, const Beat& b) {
  return a.done == b.done && a.total == b.total && a.note == b.note && a.position == b.position;
}

class RunningRunner final : public Runner {
 public:
  RunningRunner(store::Database& database, store::Writer& writer, Clock& clock, std::vector<BoundKind> bound,
                RunnerOptions options)
      : database_(database),
        writer_(writer),
        clock_(clock),
        bound_(std::move(bound)),
        options_(std::move(options)) {
    for (const auto& one : bound_) {
      kinds_.push_back(one.kind);
      if (!one.kind.has_keys && !one.kind.schedule.empty()) kept_[{std::string(one.kind.name), ""}] = false;
    }
  }

  ~RunningRunner() override {
    ask_to_end();
    for (auto& worker : workers_) worker.join();
    // Until now it gave the signs of life of those that were still at work.
    keeper_.request_stop();
    wake();
    if (keeper_.joinable()) keeper_.join();
  }

  Status run() {
    claimer_.holder = options_.holder;
    if (claimer_.holder.empty()) {
      LINNET_TRY(claimer_.holder, make_uuid_v4());
    }
    claimer_.is_gone = options_.is_gone;
    claimer_.is_there = options_.is_there;
    claimer_.kinds = kinds_;
    claimer_.is_alone = options_.is_alone;
    claimer_.is_busy_with = [this](JobId id) { return is_busy_with(id); };
    claimer_.has_enough_of = [this](const Kind& kind) { return has_enough_of(kind); };
    LINNET_CHECK(drop_old_schedules());
    claimer_.is_kept = [this](const Job& job) { return is_kept({job.kind, job.key}); };
    for (int i = 0; i < options_.threads; ++i) workers_.emplace_back([this] { work(); });
    keeper_ = std::jthread([this](const std::stop_token& stop) { keep_going(stop); });
    return {};
  }

  void wake() override {
    {
      const std::scoped_lock lock(mutex_);
      ++calls_;
    }
    woken_.notify_all();
  }

  Status keep(std::string_view kind, std::string_view key) override {
    const auto* const found = find_kind(kinds_, kind);
    if (found == nullptr || found->schedule.empty())
      return internal_error("there is no kind of jobs with a schedule called " + std::string(kind));
    const KindAndKey job{kind, key};
    bool has_started = false;
    {
      const std::scoped_lock lock(mutex_);
      has_started = kept_[job];
    }
    const auto now = clock_.now();
    LINNET_CHECK(writer_.write([&](store::Connection& connection) {
      return keep_schedule(connection, *found, key, now, !has_started);
    }));
    {
      const std::scoped_lock lock(mutex_);
      kept_[job] = true;
    }
    wake();
    return {};
  }

  Status drop(std::string_view kind, std::string_view key) override {
    {
      const std::scoped_lock lock(mutex_);
      kept_.erase({std::string(kind), std::string(key)});
    }
    const auto now = clock_.now();
    LINNET_CHECK(writer_.write(
        [&](store::Connection& connection) { return drop_schedule(connection, kind, key, now); }));
    wake();
    return {};
  }

  Status keep_only(std::string_view kind, const std::set<std::string>& keys) override {
    std::vector<Job> there;
    {
      LINNET_TRY(auto reader, database_.reader());
      LINNET_TRY(there, list(*reader, {.kind = std::string(kind), .is_alive = true, .limit = kMostKeys}));
    }
    for (const auto& job : there)
      if (!keys.contains(job.key)) LINNET_CHECK(drop(kind, job.key));
    for (const auto& key : keys) LINNET_CHECK(keep(kind, key));
    return {};
  }

  void ask_to_end() override {
    {
      const std::scoped_lock lock(mutex_);
      is_ending_ = true;
    }
    for (const auto& working : all_working()) working->stop.request_stop();
    queued_.notify_all();
    wake();
  }

 private:
  // --- the keeper: signs of life, schedules, and what is due

  void keep_going(const std::stop_token& stop) {
    std::optional<Steady::time_point> schedules_seen_at;
    while (!stop.stop_requested()) {
      const auto seen = calls();
      beat_all();
      if (!is_ending()) {
        const auto now = Steady::now();
        if (!schedules_seen_at || now - *schedules_seen_at >= options_.look_after_schedules) {
          if (const auto done = keep_schedules(); done)
            schedules_seen_at = now;
          else
            log::error("jobs: {}", done.error().message);
        }
        if (const auto done = hand_out(); !done) log::error("jobs: {}", done.error().message);
      }
      std::unique_lock lock(mutex_);
      woken_.wait_for(lock, stop, options_.tick, [&] { return calls_ != seen; });
    }
  }

  // Of kinds that a setting, or an earlier version, had put on one.
  Status drop_old_schedules() {
    const auto now = clock_.now();
    return writer_.write([&](store::Connection& connection) -> Status {
      for (const auto& kind : kinds_) {
        if (!kind.schedule.empty()) continue;
        LINNET_TRY(const auto job, find_alive(connection, kind.name, ""));
        if (job && !job->schedule.empty()) LINNET_CHECK(drop_schedule(connection, kind.name, "", now));
      }
      return {};
    });
  }

  Status keep_schedules() {
    std::map<KindAndKey, bool> kept;
    {
      const std::scoped_lock lock(mutex_);
      kept = kept_;
    }
    const auto now = clock_.now();
    LINNET_CHECK(writer_.write([&](store::Connection& connection) -> Status {
      for (const auto& [job, has_started] : kept) {
        // In the writer's turn: what was dropped meanwhile is not put back.
        if (!is_kept(job)) continue;
        LINNET_CHECK(keep_schedule(connection, *find_kind(kinds_, job.first), job.second, now, !has_started));
      }
      return heed_clock_set_back(connection, now);
    }));
    const std::scoped_lock lock(mutex_);
    for (const auto& [job, has_started] : kept)
      if (const auto place = kept_.find(job); place != kept_.end()) place->second = true;
    return {};
  }

  // As many as there are threads that wait.
  Status hand_out() {
    while (has_idle_thread()) {
      const auto now = clock_.now();
      {
        LINNET_TRY(auto reader, database_.reader());
        LINNET_TRY(const bool is_worth_it, may_claim(*reader, claimer_, now));
        if (!is_worth_it) return {};
      }
      std::optional<Job> claimed;
      LINNET_CHECK(writer_.write([&](store::Connection& connection) -> Status {
        LINNET_TRY(claimed, claim_next(connection, claimer_, now));
        return {};
      }));
      if (!claimed) return {};
      begin(std::move(*claimed));
    }
    return {};
  }

  void begin(Job job) {
    options_.on_change(job);
    const auto bound = std::find_if(bound_.begin(), bound_.end(),
                                    [&](const BoundKind& one) { return one.kind.name == job.kind; });
    const auto id = job.id;
    auto working = std::make_shared<Working>(std::move(job), *bound, [this, id] { tell(id); });
    working->beaten = working->context.shown();
    {
      const std::scoped_lock lock(mutex_);
      if (!is_ending_) {
        working_.emplace(id, working);
        queue_.push_back(working);
      }
    }
    queued_.notify_one();
    // It was claimed while the end was asked for, and nobody has begun with it.
    if (is_ending() && !is_busy_with(id))
      write_ending(*working, {.how = Ending::How::given_back, .last = working->beaten});
  }

  void beat_all() {
    for (const auto& working : all_working()) {
      if (working->is_lost) continue;
      const auto shown = working->context.shown();
      const auto now = Steady::now();
      const auto lease = working->bound.kind.lease;
      const auto since = now - working->beaten_at;
      if (is_same(shown, working->beaten) ? since < lease / 4 && since < std::chrono::seconds(1)
                                          : since < options_.tick)
        continue;
      auto held = Held::yes;
      const auto done = writer_.write([&](store::Connection& connection) -> Status {
        LINNET_TRY(held, beat(connection, working->job, working->bound.kind, shown));
        return {};
      });
      if (done) {
        working->beaten_at = now;
        working->beaten = shown;
      } else if (since >= lease) {
        held = Held::no;  // whoever can write may have taken it
      }
      if (held == Held::must_stop) working->is_called_off = true;
      if (working->is_over) continue;
      if (held == Held::no && !working->is_lost.exchange(true))
        log::warn("jobs: {} {}: another has taken it over", working->job.kind, working->job.id.value());
      if (held != Held::yes) working->stop.request_stop();
    }
  }

  // --- the threads that work

  void work() {
    while (true) {
      WorkingPointer working;
      {
        std::unique_lock lock(mutex_);
        queued_.wait(lock, [&] { return !queue_.empty() || is_ending_; });
        if (queue_.empty()) return;
        working = std::move(queue_.front());
        queue_.pop_front();
      }
      run_one(*working);
      {
        const std::scoped_lock lock(mutex_);
        working_.erase(working->job.id);
      }
      wake();
    }
  }

  // What a job meets in a library, or lacks in memory, ends it and not the program, which would begin with
  // the same job again.
  static Status run_handler(Working& working) {
    try {
      return working.bound.run(working.context);
    } catch (const std::exception& error) {
      return internal_error(error.what());
    }
  }

  void run_one(Working& working) {
    const auto outcome =
        is_ending() ? Status(Error::of(ErrorKind::cancelled, "the program ends")) : run_handler(working);
    if (working.is_lost) return;
    working.is_over = true;
    auto ending = working.context.ending_of(outcome);
    const auto& kind = working.bound.kind;
    using How = Ending::How;
    const bool was_cut = ending.how == How::cancelled || ending.how == How::try_again;
    if (was_cut && !working.is_called_off && is_ending()) {
      ending.how = How::given_back;
      ending.error.clear();
    }
    if (ending.how == How::failed || ending.how == How::try_again)
      log::error("jobs: {} {}: {}", kind.name, working.job.id.value(),
                 outcome.ok() ? ending.error : outcome.error().message);
    write_ending(working, ending);
  }

  // It was done, so that it is not done again for a lock or a server that is away for a moment.
  void write_ending(const Working& working, const Ending& ending) {
    constexpr int kTries = 5;
    for (int i = 0; i < kTries; ++i) {
      std::optional<Job> ended;
      const auto written = writer_.write([&](store::Connection& connection) -> Status {
        LINNET_TRY(ended, end(connection, working.job, working.bound.kind, ending, clock_.now()));
        return {};
      });
      if (written) {
        if (ended) options_.on_change(*ended);
        return;
      }
      log::error("jobs: {} {}: {}", working.job.kind, working.job.id.value(), written.error().message);
      if (is_ending()) return;
      std::this_thread::sleep_for(std::chrono::seconds(1));
    }
  }

  void tell(JobId id) {
    WorkingPointer working;
    {
      const std::scoped_lock lock(mutex_);
      const auto found = working_.find(id);
      if (found == working_.end()) return;
      working = found->second;
    }
    const auto shown = working->context.shown();
    auto job = working->job;
    job.done = shown.done;
    job.total = shown.total;
    job.note = shown.note;
    options_.on_change(job);
  }

  // --- what they share

  [[nodiscard]] std::vector<WorkingPointer> all_working() {
    const std::scoped_lock lock(mutex_);
    std::vector<WorkingPointer> all;
    for (const auto& [id, working] : working_) all.push_back(working);
    return all;
  }
  [[nodiscard]] bool is_kept(const KindAndKey& job) {
    const std::scoped_lock lock(mutex_);
    return kept_.contains(job);
  }
  [[nodiscard]] bool is_busy_with(JobId id) {
    const std::scoped_lock lock(mutex_);
    return working_.contains(id);
  }
  [[nodiscard]] bool has_enough_of(const Kind& kind) {
    const std::scoped_lock lock(mutex_);
    const auto same = std::count_if(working_.begin(), working_.end(),
                                    [&](const auto& one) { return one.second->job.kind == kind.name; });
    return same >= options_.most_of_a_kind;
  }
  [[nodiscard]] bool has_idle_thread() {
    const std::scoped_lock lock(mutex_);
    return !is_ending_ && working_.size() < workers_count();
  }
  [[nodiscard]] std::size_t workers_count() const { return static_cast<std::size_t>(options_.threads); }
  [[nodiscard]] bool is_ending() {
    const std::scoped_lock lock(mutex_);
    return is_ending_;
  }
  [[nodiscard]] std::uint64_t calls() {
    const std::scoped_lock lock(mutex_);
    return calls_;
  }

  store::Database& database_;
  store::Writer& writer_;
  Clock& clock_;
  const std::vector<BoundKind> bound_;
  const RunnerOptions options_;
  std::vector<Kind> kinds_;
  Claimer claimer_;

  std::mutex mutex_;
  // Under the mutex.
  // By kind and key: whether it has been put on its schedule by this runner.
  std::map<KindAndKey, bool> kept_;
  std::map<JobId, WorkingPointer> working_;
  std::deque<WorkingPointer> queue_;
  std::uint64_t calls_ = 0;
  bool is_ending_ = false;
  std::condition_variable_any woken_;   // the keeper
  std::condition_variable_any queued_;  // the workers
  std::vector<std::jthread> workers_;
  std::jthread keeper_;
};

}  // namespace

Result<std::unique_ptr<Runner>> Runner::start(store::Database& database, store::Writer& writer, Clock& clock,
                                              std::vector<BoundKind> kinds, RunnerOptions options) {
  auto runner =
      std::make_unique<RunningRunner>(database, writer, clock, std::move(kinds), std::move(options));
  LINNET_CHECK(runner->run());
  return std::unique_ptr<Runner>(std::move(runner));
}

}  // namespace linnet::jobs
