#include "store/leases.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

#include "base/log.hpp"
#include "base/secret_box.hpp"
#include "store/postgres/give_up.hpp"
#include "store/postgres/postgres_connection.hpp"
#include "store/silence.hpp"

namespace linnet::store {

namespace {

using Steady = std::chrono::steady_clock;

// What was offered and nobody took is offered again only after a while.
constexpr auto kOfferedFor = std::chrono::seconds(3);
constexpr auto kKeptUnwanted = std::chrono::minutes(1);
// Whoever writes under a lease is waited for, within a beat: the first of them for longer than the others.
constexpr auto kPatienceForRow = std::chrono::milliseconds(200);
constexpr auto kPatienceForMore = std::chrono::milliseconds(10);

std::string kind_of_lease(std::string_view name) {
  return std::string(name.substr(0, name.find(' ')));
}

using LeaseRows = std::map<std::string, LeaseRow>;
using Claims = std::vector<std::shared_ptr<Claim>>;

}  // namespace

class LeaseKeeper final : public Leases {
 public:
  LeaseKeeper(Database& database, const LeasesOptions& options, std::string process)
      : database_(database),
        options_(options),
        process_(std::move(process)),
        is_alone_(database.engine() == Engine::sqlite) {}

  ~LeaseKeeper() override {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
    if (is_alone_ || connection_ == nullptr) return;
    if (const auto done = give_leases_back(*connection_, process_); !done)
      log::warn("leases: {}", done.error().message);
  }

  Status run() {
    if (is_alone_) return {};
    LINNET_TRY(connection_, database_.connect_or_give_up(Part::tables));
    LINNET_CHECK(prepare_connection());
    LINNET_CHECK(beat());
    thread_ = std::jthread([this](const std::stop_token& stop) { keep(stop); });
    return {};
  }

  [[nodiscard]] const std::string& process() const override { return process_; }
  [[nodiscard]] int processes() const override { return processes_; }
  [[nodiscard]] bool is_gone(const std::string& process) const override {
    const std::scoped_lock lock(mutex_);
    return gone_.contains(process);
  }
  [[nodiscard]] bool is_there(const std::string& process) const override {
    if (process == process_) return true;
    const std::scoped_lock lock(mutex_);
    return there_.contains(process);
  }

  std::shared_ptr<Claim> want(std::string name) override {
    const std::scoped_lock lock(mutex_);
    std::erase_if(claims_, [](const auto& claim) { return claim.expired(); });
    for (const auto& claim : claims_) {
      if (auto there = claim.lock(); there && there->name() == name) return there;
    }
    auto claim = std::make_shared<Claim>(std::move(name));
    if (is_alone_) claim->hold_for_good({claim->name(), process_, 1});
    claims_.push_back(claim);
    ++calls_;
    woken_.notify_all();
    return claim;
  }

 private:
  // Whoever waits for a server that went away without a word does not notice that its time is over.
  Status prepare_connection() {
    if (auto* const postgres = dynamic_cast<PostgresConnection*>(connection_.get()))
      give_up_after(PQsocket(postgres->handle()),
                    std::chrono::duration_cast<std::chrono::milliseconds>(options_.length / 2));
    LINNET_CHECK(connection_->execute("SET statement_timeout = '2s'"));
    LINNET_CHECK(show_session(*connection_, process_));
    // A lease that a power cut takes back is one that nobody has.
    return connection_->set_durable(false);
  }

  void keep(const std::stop_token& stop) {
    std::string said;
    while (!stop.stop_requested()) {
      const auto done = beat();
      if (!done && done.error().message != said) log::warn("leases: {}", done.error().message);
      said = done ? std::string() : done.error().message;
      for (const auto& claim : claims()) claim->heed_time(Steady::now());
      std::unique_lock lock(mutex_);
      woken_.wait_for(lock, stop, options_.beat, [&] { return calls_ != seen_calls_; });
      seen_calls_ = calls_;
    }
  }

  Claims claims() {
    const std::scoped_lock lock(mutex_);
    Claims alive;
    for (const auto& claim : claims_) {
      if (auto there = claim.lock()) alive.push_back(std::move(there));
    }
    return alive;
  }

  Status beat() {
    if (!connection_->is_alive()) {
      judge_anew();
      LINNET_CHECK(connection_->reconnect());
      LINNET_CHECK(prepare_connection());
    }
    const auto wanted = claims();
    LINNET_CHECK(renew(wanted));
    LINNET_TRY(const auto without_session, holders_without_session(*connection_));
    LINNET_TRY(auto rows, read_leases(*connection_));
    silence_.look(rows, without_session, Steady::now());
    LINNET_CHECK(end_those_who_ended(without_session, rows));
    count_processes(rows);
    LINNET_CHECK(take_what_is_free(wanted, rows));
    share(wanted, rows);
    return {};
  }

  // Whoever ended may have come back while nothing was seen of it.
  void judge_anew() {
    silence_.begin_anew();
    const std::scoped_lock lock(mutex_);
    gone_.clear();
  }

  Status renew(const Claims& wanted) {
    const auto until = Steady::now() + options_.length - options_.margin;
    LINNET_TRY(const auto held, renew_leases(*connection_, process_, options_.length));
    const auto own = lease_of_process(process_);
    if (!held.contains(own)) {
      LINNET_CHECK(forget_old_leases(*connection_));
      LINNET_TRY(const auto taken, take(own, kPatienceForRow));
      (void)taken;
    }
    auto left = held;
    left.erase(own);
    for (const auto& claim : wanted) {
      const auto fence = claim->fence();
      if (!fence) continue;
      const auto place = held.find(claim->name());
      if (place == held.end() || place->second != fence->token) {
        claim->lose();
      } else {
        claim->extend(fence->token, until);
        left.erase(claim->name());
      }
    }
    return give_back(left);
  }

  // Whoever was killed need not be waited for. One that was only cut off has shown another session by then,
  // or finds that its leases are another's.
  Status end_those_who_ended(const std::set<std::string>& without_session, LeaseRows& rows) {
    for (const auto& holder : without_session) {
      if (!silence_.is_over(holder)) continue;
      LINNET_CHECK(end_leases_of(*connection_, holder));
      for (auto& [name, row] : rows) row.is_alive = row.is_alive && row.holder != holder;
    }
    return {};
  }

  // What nothing here works under any more.
  Status give_back(const std::map<std::string, std::int64_t>& left) {
    for (const auto& [name, token] : left) {
      LINNET_CHECK(give_lease_back(*connection_, {name, process_, token}));
      if (asked_back_.erase(name) > 0) offered_[name] = Steady::now();
    }
    return {};
  }

  Result<std::optional<Fence>> take(const std::string& name, std::chrono::milliseconds patience) {
    LINNET_TRY(auto transaction, Transaction::begin(*connection_));
    LINNET_CHECK(connection_->execute(fmt::format("SET LOCAL lock_timeout = {}", patience.count())));
    LINNET_TRY(auto fence, take_lease(*connection_, name, process_, options_.length));
    LINNET_CHECK(transaction.commit());
    return fence;
  }

  void count_processes(const LeaseRows& rows) {
    const auto count = std::count_if(rows.begin(), rows.end(), [](const auto& row) {
      return row.second.is_alive && row.first == lease_of_process(row.second.holder);
    });
    processes_ = std::max(1, static_cast<int>(count));
    std::set<std::string> gone;
    std::set<std::string> there;
    for (const auto& [name, row] : rows) {
      const auto process = process_of_lease(name);
      if (!process) continue;
      if (silence_.is_over(*process)) {
        gone.insert(*process);
      } else if (row.holder == *process) {
        there.insert(*process);
      }
    }
    const std::scoped_lock lock(mutex_);
    gone_ = std::move(gone);
    there_ = std::move(there);
  }

  // One whose row another works under holds up neither the others nor the next sign of life.
  Status put_off(const std::string& name, const Error& error) {
    if (!connection_->is_alive()) return error;
    if (not_taken_.insert(name).second)
      log::warn("leases: {} is not taken yet, and tried again: {}", name, error.message);
    return {};
  }

  Status take_what_is_free(const Claims& wanted, LeaseRows& rows) {
    auto patience = kPatienceForRow;
    for (const auto& claim : wanted) {
      if (claim->fence() || is_offered(claim->name())) continue;
      const auto row = rows.find(claim->name());
      if (row != rows.end() && row->second.is_alive && row->second.holder != process_) continue;
      const auto until = Steady::now() + options_.length - options_.margin;
      auto taken = take(claim->name(), patience);
      if (!taken) {
        LINNET_CHECK(put_off(claim->name(), taken.error()));
        patience = kPatienceForMore;
        continue;
      }
      not_taken_.erase(claim->name());
      auto& fence = *taken;
      if (!fence) continue;
      if (offered_.erase(claim->name()) > 0) kept_[claim->name()] = Steady::now();
      rows[claim->name()] = {process_, true, {}};
      claim->hold(std::move(*fence), until);
    }
    return {};
  }

  [[nodiscard]] bool is_offered(const std::string& name) const {
    const auto place = offered_.find(name);
    return place != offered_.end() && Steady::now() - place->second < kOfferedFor;
  }

  // Of each kind one is offered to the others, where this process has more than its share.
  void share(const Claims& wanted, const LeaseRows& rows) {
    std::map<std::string, int> all;
    for (const auto& [name, row] : rows) all[kind_of_lease(name)] += row.is_alive ? 1 : 0;
    std::map<std::string, std::vector<Claim*>> own;
    for (const auto& claim : wanted) {
      if (claim->is_held()) own[kind_of_lease(claim->name())].push_back(claim.get());
    }
    const auto now = Steady::now();
    std::erase_if(kept_, [&](const auto& kept) { return now - kept.second > kKeptUnwanted; });
    for (const auto& [kind, held] : own) {
      const int share = (all[kind] + processes_ - 1) / processes_;
      if (static_cast<int>(held.size()) <= share) continue;
      const auto place = std::find_if(held.begin(), held.end(),
                                      [&](const Claim* claim) { return !kept_.contains(claim->name()); });
      if (place == held.end()) continue;
      asked_back_.insert((*place)->name());
      (*place)->ask_back();
    }
  }

  Database& database_;
  const LeasesOptions options_;
  const std::string process_;
  const bool is_alone_;
  std::atomic<int> processes_{1};

  // The keeper's.
  std::unique_ptr<Connection> connection_;
  Silence silence_;
  std::set<std::string> asked_back_;
  std::set<std::string> not_taken_;                    // as was said already
  std::map<std::string, Steady::time_point> offered_;  // given back, so that others take them
  std::map<std::string, Steady::time_point> kept_;     // offered, and nobody took them
  std::uint64_t seen_calls_ = 0;

  mutable std::mutex mutex_;
  std::set<std::string> gone_;   // processes
  std::set<std::string> there_;  // the others
  std::vector<std::weak_ptr<Claim>> claims_;
  std::uint64_t calls_ = 0;
  std::condition_variable_any woken_;
  std::jthread thread_;  // last: it uses the others
};

Result<std::unique_ptr<Leases>> Leases::start(Database& database, const LeasesOptions& options) {
  LINNET_TRY(auto process, make_uuid_v4());
  auto keeper = std::make_unique<LeaseKeeper>(database, options, std::move(process));
  LINNET_CHECK(keeper->run());
  return std::unique_ptr<Leases>(std::move(keeper));
}

}  // namespace linnet::store
