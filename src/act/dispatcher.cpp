#include "act/dispatcher.hpp"

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "act/carry_out.hpp"
#include "act/next_job.hpp"
#include "act/records.hpp"
#include "base/log.hpp"
#include "govern/emergency_stop.hpp"
#include "govern/platforms.hpp"

namespace linnet::act {
namespace {

// Credentials are looked at this long before something is due, so that there is time to sign in again.
constexpr Duration kSoon = std::chrono::hours(4);

using Steady = std::chrono::steady_clock;

// Tells a failure that lasts once a minute. Not thread-safe.
class LastingFailure {
 public:
  explicit LastingFailure(std::string_view what) : what_(what) {}

  void tell(const Status& done) {
    if (done || done.error().kind == ErrorKind::cancelled) {
      said_.clear();
      return;
    }
    const auto now = Steady::now();
    if (done.error().message == said_ && now - said_at_ < std::chrono::minutes(1)) return;
    said_ = done.error().message;
    said_at_ = now;
    log::error("acting: {}: {}", what_, said_);
  }

 private:
  std::string_view what_;
  std::string said_;
  Steady::time_point said_at_{};
};

class RunningDispatcher final : public Dispatcher {
 public:
  RunningDispatcher(store::Database& database, store::Writer& writer, Clock& clock, const SecretBox& box,
                    Gate& gate, BlockCheck check, ConnectorFor connector_for, DispatcherOptions options)
      : database_(database),
        writer_(writer),
        clock_(clock),
        box_(box),
        gate_(gate),
        check_(std::move(check)),
        connector_for_(std::move(connector_for)),
        options_(options) {}

  ~RunningDispatcher() override {
    for (auto* const thread : {&keeper_, &stopper_}) {
      thread->request_stop();
      if (thread->joinable()) thread->join();
    }
    for (auto& [account, lane] : lanes_) lane->thread.request_stop();
    {
      const std::scoped_lock lock(mutex_);
      for (auto& [account, lane] : lanes_) lane->busy.request_stop();
    }
    wake();
    lanes_.clear();
    // Nobody has to wait until this worker is taken for dead.
    log_failure("worker", writer_.write([this](store::Connection& connection) {
      return store::run(connection, "DELETE FROM workers WHERE id = $1", {std::string_view(worker_)});
    }));
  }

  Status run() {
    if (options_.leases != nullptr) worker_ = options_.leases->process();
    if (worker_.empty()) {
      LINNET_TRY(worker_, make_uuid_v4());
    }
    keeper_ = std::jthread([this](const std::stop_token& stop) { keep(stop); });
    stopper_ = std::jthread([this](const std::stop_token& stop) { watch_for_stop(stop); });
    return {};
  }

  void wake() override {
    {
      const std::scoped_lock lock(mutex_);
      ++calls_;
    }
    woken_.notify_all();
  }

 private:
  struct AccountLane {
    connect::AccountId account;
    std::shared_ptr<connect::ActingConnector> connector;
    std::optional<Instant> checked_at;
    std::string credentials;  // sealed, as they were when the connector was made
    Instant rests_until{};    // nothing can be done by this process, though another may
    bool has_left = false;    // something in progress whose outcome was not written down
    std::stop_source busy;    // cuts what is in flight: the emergency stop, the end of the program
    std::shared_ptr<store::Claim> claim;  // null: nobody else works for the account
    std::jthread thread;                  // last: it uses the others
  };

  // By itself: whatever the keeper writes may have to wait for others who write.
  void watch_for_stop(const std::stop_token& stop) {
    LastingFailure failure("stop");
    while (!stop.stop_requested()) {
      failure.tell(obey_stop());
      std::unique_lock lock(mutex_);
      const auto seen = calls_;
      woken_.wait_for(lock, stop, options_.tick, [&] { return calls_ != seen; });
    }
  }

  // The keeper: signs of life, orphans, lateness, what the emergency stop has left to note, and a lane for
  // every account with work.
  void keep(const std::stop_token& stop) {
    Instant slow_at{};
    LastingFailure failure("watch");
    while (!stop.stop_requested()) {
      const auto now = clock_.now();
      if (now - slow_at >= std::chrono::seconds(1) || now < slow_at) {
        slow_at = now;
        failure.tell(keep_watch());
      }
      log_failure("lanes", open_lanes());
      std::unique_lock lock(mutex_);
      const auto seen = calls_;
      woken_.wait_for(lock, stop, options_.tick, [&] { return calls_ != seen; });
    }
  }

  static void log_failure(std::string_view what, const Status& done) {
    if (!done && done.error().kind != ErrorKind::cancelled)
      log::error("acting: {}: {}", what, done.error().message);
  }

  Status keep_watch() {
    // A stop that cannot be read, for another user raised it, keeps nothing else from being watched.
    auto noted = govern::note_stop(database_, writer_, clock_.now());
    LINNET_CHECK(adopt_orphans(writer_, clock_, ends_, worker_, options_));
    LINNET_CHECK(report_late(writer_, clock_, options_.late_after));
    LINNET_CHECK(recover_pace(writer_, clock_));
    LINNET_CHECK(gate_.expire_approvals());
    return noted;
  }

  Status open_lanes() {
    std::vector<std::string> accounts;
    {
      LINNET_TRY(auto reader, database_.reader());
      LINNET_TRY(accounts, accounts_with_work(*reader, clock_.now() + kSoon));
    }
    for (const auto& account : accounts) {
      if (lanes_.contains(account)) continue;
      auto lane = std::make_unique<AccountLane>();
      lane->account = connect::AccountId(account);
      if (options_.leases != nullptr) lane->claim = options_.leases->want("lane " + account);
      auto* const raw = lane.get();
      const std::scoped_lock lock(mutex_);
      lanes_.emplace(account, std::move(lane));
      raw->thread = std::jthread([this, raw](const std::stop_token& stop) { work(*raw, stop); });
    }
    return {};
  }

  // Cuts what is in flight: the stop takes effect at once, and what was cut is looked up when it is lifted.
  // While nobody can tell whether there is one, nothing begins; where that lasts, it counts as one.
  Status obey_stop() {
    const auto stopped = is_stopped();
    const auto now = Steady::now();
    if (stopped) {
      unknown_since_.reset();
    } else if (!unknown_since_) {
      unknown_since_ = now;
    }
    const bool must_cut = stopped ? *stopped : now - *unknown_since_ >= options_.unknown_stop_cuts_after;
    if (must_cut && !has_cut_) {
      const std::scoped_lock lock(mutex_);
      for (auto& [account, lane] : lanes_) lane->busy.request_stop();
    }
    has_cut_ = must_cut;
    const bool may_begin = stopped && !*stopped;
    if (may_begin_.exchange(may_begin) != may_begin && may_begin) wake();
    return stopped ? Status() : Status(stopped.error());
  }

  Result<bool> is_stopped() {
    const store::ReadsWithoutWaiting behind_nobody_who_reads;
    LINNET_TRY(auto reader, database_.reader());
    LINNET_TRY(const auto since, govern::stopped_since(*reader));
    return since.has_value();
  }

  // --- a lane

  void work(AccountLane& account, const std::stop_token& stop) {
    while (account.claim != nullptr && account.claim->wait(stop)) {
      work_while(account, stop, [&] { return account.claim->is_held(); });
      account.claim->give_back();
    }
    if (account.claim == nullptr) work_while(account, stop, [] { return true; });
  }

  void work_while(AccountLane& account, const std::stop_token& stop, const std::function<bool()>& may_go_on) {
    while (!stop.stop_requested() && may_go_on()) {
      const auto done = step(account, stop);
      if (!done) log_failure(account.account.value(), done.error());
      if (done && *done) continue;
      std::unique_lock lock(mutex_);
      const auto seen = calls_;
      woken_.wait_for(lock, stop, done ? options_.tick : std::chrono::seconds(2),
                      [&] { return calls_ != seen; });
    }
  }

  // True when something was done: there may be more.
  Result<bool> step(AccountLane& account, const std::stop_token& stop) {
    if (account.has_left) {
      LINNET_CHECK(adopt_own(writer_, clock_, ends_, worker_, account.account));
      account.has_left = false;
    }
    if (!may_begin_ || clock_.now() < account.rests_until) return false;
    LINNET_TRY(const auto job, next_job_of(account));
    if (!job) return false;
    LINNET_CHECK(drop_old_connector(account));
    LINNET_TRY(const auto off, why_platform_is_off(account));
    // What is to be sent is denied by the rules, with their reason; nothing else is asked there meanwhile.
    if (off && job->kind == Job::Kind::check_credentials) {
      account.checked_at = clock_.now();
      return true;
    }
    if (off && job->kind != Job::Kind::carry_out) return explain_absence(account, *job, *off);
    if (account.connector == nullptr) {
      auto connector = connector_for_(account.account);
      if (!connector) return explain_absence(account, *job, connector.error());
      account.connector = std::move(connector).value();
    }
    const auto cut = new_cut(account, stop);
    Lane lane{database_, writer_, clock_, box_, check_, options_, ends_, worker_, account.connector};
    switch (job->kind) {
      case Job::Kind::look_up:
        return heed_unreadable(*job, look_up(lane, job->attempt, cut));
      case Job::Kind::verify:
        return heed_unreadable(*job, verify(lane, job->attempt, cut));
      case Job::Kind::check_credentials: {
        account.checked_at = clock_.now();
        LINNET_CHECK(check_credentials(lane, account.account, cut));
        return true;
      }
      case Job::Kind::carry_out:
        break;
    }
    const auto sent = carry_out(lane, job->attempt, cut);
    account.has_left = !sent;
    return heed_unreadable(*job, sent ? Status() : Status(sent.error()));
  }

  // One attempt that is damaged must not keep the account from all that come after it.
  Result<bool> heed_unreadable(const Job& job, const Status& done) {
    if (!done && done.error().kind != ErrorKind::corrupt) return done.error();
    if (!done) LINNET_CHECK(settle_unreadable(writer_, clock_, job.attempt));
    return true;
  }

  // Somebody signed in again: what was made with the old credentials goes.
  Status drop_old_connector(AccountLane& account) {
    LINNET_TRY(auto reader, database_.reader());
    LINNET_TRY(const auto now, store::query_text(*reader, "SELECT credentials FROM accounts WHERE id = $1",
                                                 {std::string_view(account.account.value())}));
    if (now.value_or("") == account.credentials) return {};
    account.credentials = now.value_or("");
    account.connector.reset();
    account.checked_at.reset();
    account.rests_until = {};
    return {};
  }

  Result<std::optional<Error>> why_platform_is_off(const AccountLane& account) {
    LINNET_TRY(auto reader, database_.reader());
    LINNET_TRY(const auto platform, store::query_text(*reader, "SELECT platform FROM accounts WHERE id = $1",
                                                      {std::string_view(account.account.value())}));
    LINNET_TRY(const bool is_on, govern::is_platform_on(*reader, platform.value_or("")));
    if (is_on) return std::optional<Error>();
    return std::optional(Error::of(ErrorKind::denied, govern::platform_off_reason(platform.value_or(""))));
  }

  std::stop_token new_cut(AccountLane& account, const std::stop_token& stop) {
    const std::scoped_lock lock(mutex_);
    account.busy = std::stop_source();
    if (stop.stop_requested()) account.busy.request_stop();
    return account.busy.get_token();
  }

  Result<std::optional<Job>> next_job_of(const AccountLane& account) {
    LINNET_TRY(auto reader, database_.reader());
    const auto now = clock_.now();
    const bool is_unchecked = !account.checked_at || now - *account.checked_at > options_.credentials_every;
    return next_job(*reader, account.account, now, is_unchecked ? std::optional(now + kSoon) : std::nullopt);
  }

  // Without a connector nothing can be done: the attempt says why, and is tried again later.
  Result<bool> explain_absence(AccountLane& account, const Job& job, const Error& why) {
    // What is due says so itself; what is only near needs no asking several times a second.
    if (job.kind == Job::Kind::check_credentials) account.checked_at = clock_.now();
    // What is sealed with another key than this process has is put off for nobody who has that key.
    const bool is_own_trouble = why.kind == ErrorKind::corrupt;
    constexpr auto kPause = std::chrono::seconds(30);
    if (is_own_trouble && job.kind == Job::Kind::check_credentials) return false;
    if (is_own_trouble) account.rests_until = clock_.now() + kPause;
    if (is_own_trouble && job.kind != Job::Kind::carry_out) return false;
    if (job.kind == Job::Kind::look_up || job.kind == Job::Kind::verify) {
      const auto later = to_micros(clock_.now() + std::chrono::minutes(5));
      LINNET_CHECK(writer_.write([&](store::Connection& connection) {
        return store::run(connection, "UPDATE action_attempts SET verify_at = $2 WHERE id = $1",
                          {std::string_view(job.attempt.value()), later});
      }));
      return false;
    }
    LINNET_CHECK(writer_.write([&](store::Connection& connection) {
      const auto now = clock_.now();
      return put_off_due(connection, account.account, why, now, is_own_trouble ? now : now + kPause);
    }));
    return false;
  }

  store::Database& database_;
  store::Writer& writer_;
  Clock& clock_;
  SecretBox box_;
  Gate& gate_;
  BlockCheck check_;
  ConnectorFor connector_for_;
  const DispatcherOptions options_;
  RequestEnds ends_;
  std::string worker_;
  std::mutex mutex_;  // of calls_, the map of lanes, and each lane's `busy`
  std::condition_variable_any woken_;
  std::uint64_t calls_ = 0;
  std::atomic<bool> may_begin_{false};  // nothing is known before the first look
  bool has_cut_ = false;                // this and the next: of the thread that watches for the stop
  std::optional<Steady::time_point> unknown_since_;
  std::map<std::string, std::unique_ptr<AccountLane>> lanes_;
  std::jthread keeper_;
  std::jthread stopper_;
};

}  // namespace

Result<std::unique_ptr<Dispatcher>> Dispatcher::start(store::Database& database, store::Writer& writer,
                                                      Clock& clock, const SecretBox& box, Gate& gate,
                                                      BlockCheck check, ConnectorFor connector_for,
                                                      DispatcherOptions options) {
  auto dispatcher = std::make_unique<RunningDispatcher>(database, writer, clock, box, gate, std::move(check),
                                                        std::move(connector_for), options);
  LINNET_CHECK(dispatcher->run());
  return std::unique_ptr<Dispatcher>(std::move(dispatcher));
}

}  // namespace linnet::act
