#include "app/connectors.hpp"

#include <fmt/format.h>

#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <thread>

#include "app/leased_reader.hpp"
#include "app/person_wishes.hpp"
#include "base/guarded.hpp"
#include "base/log.hpp"
#include "connect/account_store.hpp"
#include "connect/every_platform.hpp"
#include "govern/key_guard.hpp"
#include "govern/platforms.hpp"
#include "observe/ingest_sink.hpp"
#include "observe/logged_lately.hpp"

namespace linnet::app {
namespace {

constexpr auto kPlansEvery = std::chrono::seconds(3);

// A connection, as long as this process follows it.
class ReaderTurn final : public LeasedReader::Turn {
 public:
  explicit ReaderTurn(observe::IngestSink sink) : sink_(std::move(sink)) {}
  [[nodiscard]] connect::EventSink& sink() { return sink_; }
  // Before anything else is asked of it.
  void open(std::unique_ptr<connect::StreamReader> reader) { reader_ = std::move(reader); }
  void run(const std::stop_token& stop) override { reader_->run(stop); }
  [[nodiscard]] connect::ConnectorHealth health() const override { return reader_->health(); }
  Status watch(const std::set<std::string>& streams) { return reader_->watch(streams); }

 private:
  observe::IngestSink sink_;
  std::unique_ptr<connect::StreamReader> reader_;
};

// One connection that is watched, whichever process follows it.
struct Followed {
  std::set<std::string> streams;  // the supervisor's
  Guarded<std::set<std::string>> wanted;
  Guarded<std::weak_ptr<ReaderTurn>> turn;  // while this process follows it
  std::unique_ptr<LeasedReader> reader;     // last: it uses the others

  Status watch(const std::set<std::string>& now_wanted) {
    wanted.with([&](auto& now) { now = now_wanted; });
    const auto there = turn.with([](const auto& now) { return now.lock(); });
    if (there != nullptr) LINNET_CHECK(there->watch(now_wanted));
    streams = now_wanted;
    return {};
  }
};

// While nobody here follows it.
connect::ConnectorHealth followed_elsewhere(connect::ConnectorHealth health) {
  health.state = connect::ConnectorState::paused;
  health.last_error = "another process of Linnet on this database follows it";
  return health;
}

// One server, or network, that is watched.
struct Watched {
  InstanceId instance{};
  std::string base_url;
  std::string token;
  std::unique_ptr<connect::Source> source;
  std::map<std::string, std::unique_ptr<Followed>> followed;  // by the name of the connection
};

// What the user wants of one server.
struct Plan {
  std::string platform;
  std::string base_url;
  std::string token;
  std::string account;  // whose token it is; empty: read as a guest
  std::set<std::string> streams;
};

double random_share() {
  thread_local std::mt19937_64 engine{std::random_device{}()};
  return std::uniform_real_distribution<>(0, 1)(engine);
}

class RunningConnectors final : public Connectors {
 public:
  RunningConnectors(store::Database& database, store::Writer& writer, observe::Ingest& ingest, Clock& clock,
                    connect::RequestBudgets& budgets, store::Leases& leases, const SecretBox& box,
                    connect::PlatformSettings settings, OnChange on_change, KeepJobs keep_jobs)
      : database_(database),
        writer_(writer),
        ingest_(ingest),
        clock_(clock),
        budgets_(budgets),
        leases_(leases),
        accounts_(database, writer, clock, box),
        blocklist_(database, writer, clock),
        settings_(std::move(settings)),
        on_change_(std::move(on_change)),
        keep_jobs_(std::move(keep_jobs)) {}

  ~RunningConnectors() override {
    stop_following_plans();
    for (auto& [instance, watched] : watched_) stop(*watched);
  }

  void stop_following_plans() override {
    supervisor_.request_stop();
    if (supervisor_.joinable()) supervisor_.join();
  }

  void run() {
    supervisor_ = std::jthread([this](const std::stop_token& stop) {
      do {
        if (const auto done = follow_plans(); !done) log::error("connectors: {}", done.error().safe);
      } while (clock_.sleep_for(kPlansEvery, stop));
    });
  }

  [[nodiscard]] std::vector<connect::ConnectorHealth> health() const override {
    const std::scoped_lock lock(mutex_);
    std::vector<connect::ConnectorHealth> list;
    for (const auto& [instance, watched] : watched_)
      for (const auto& [name, followed] : watched->followed) list.push_back(followed->reader->health());
    return list;
  }

  Result<std::size_t> read_counts(std::string_view address, const std::stop_token& stop) override {
    const auto watched = find_watched([&](const Watched& one) { return one.base_url == address; });
    if (watched == nullptr) return not_found("this server is not watched");
    return watched->source->read_counts(stop);
  }

  Status read_follows(std::string_view id, const std::stop_token& stop) override {
    LINNET_TRY(const auto account, accounts_.find(std::string(id)));
    const auto watched = find_watched([&](const Watched& one) { return one.instance == account.instance; });
    if (watched == nullptr) return not_found("its server is not watched");
    LINNET_TRY(const auto read,
               watched->source->read_follows(PlatformUserId(account.platform_user_id), stop));
    (void)read;
    return {};
  }

 private:
  // Whoever works with it keeps it while it is dropped here.
  template <typename Is>
  std::shared_ptr<Watched> find_watched(Is is) const {
    const std::scoped_lock lock(mutex_);
    for (const auto& [instance, watched] : watched_)
      if (is(*watched)) return watched;
    return nullptr;
  }

  // What the user added or removed since the last look, here or by a command, is taken up without a restart.
  Status follow_plans() {
    LINNET_TRY(auto plans, read_plans());
    for (auto place = watched_.begin(); place != watched_.end();) {
      const auto plan = plans.find(place->first);
      // Another account: everything begins again in its name.
      const bool goes_on = plan != plans.end() && plan->second.token == place->second->token;
      place = goes_on ? std::next(place) : drop(place);
    }
    for (const auto& [instance, plan] : plans) {
      if (const auto done = take_up(InstanceId(instance), plan); !done) log::error("{}", done.error().safe);
    }
    return keep_jobs();
  }

  // Of each server that is watched, and of each of the user's accounts there.
  Status keep_jobs() {
    std::map<std::string, std::set<std::string>> wanted{{"counts", {}}, {"follows", {}}};
    LINNET_TRY(const auto own, accounts_.list());
    for (const auto& [instance, watched] : watched_) {
      if (!watched->source->is_asked_by_the_clock()) continue;
      wanted["counts"].insert(watched->base_url);
      for (const auto& account : own)
        if (account.is_active && account.instance == watched->instance)
          wanted["follows"].insert(account.id.value());
    }
    if (wanted == kept_jobs_) return {};
    for (const auto& [kind, keys] : wanted) LINNET_CHECK(keep_jobs_(kind, keys));
    kept_jobs_ = std::move(wanted);
    return {};
  }

  Result<std::map<std::int64_t, Plan>> read_plans() {
    LINNET_TRY(const auto watches, accounts_.list_watches());
    std::map<std::int64_t, Plan> plans;
    for (const auto& watch : watches) {
      if (!watch.is_active) continue;
      auto& plan = plans[watch.instance.value()];
      plan.streams.insert(watch.stream);
      if (!watch.account || !plan.token.empty()) continue;
      // One that is switched off reads nothing in its name; the stream goes on as a guest's, where it can.
      LINNET_TRY(const auto owner, accounts_.find(watch.account->value()));
      if (!owner.is_active) continue;
      // One stream of a server that is signed in signs in them all.
      const auto credentials = accounts_.credentials(*watch.account);
      if (credentials) {
        plan.token = credentials->token;
        plan.account = watch.account->value();
      } else {
        log::error("{}: {}", watch.stream, credentials.error().safe);
      }
    }
    LINNET_TRY(auto reader, database_.reader());
    LINNET_CHECK(store::for_each_row(*reader, "SELECT id, platform, base_url FROM instances", {},
                                     [&](const store::Statement& row) {
                                       const auto plan = plans.find(row.integer(0));
                                       if (plan == plans.end()) return;
                                       plan->second.platform = row.text(1);
                                       plan->second.base_url = row.text(2);
                                     }));
    LINNET_CHECK(drop_switched_off(*reader, plans));
    return plans;
  }

  // Of a platform that is switched off nothing is read.
  static Status drop_switched_off(store::Connection& reader, std::map<std::int64_t, Plan>& plans) {
    for (auto plan = plans.begin(); plan != plans.end();) {
      LINNET_TRY(const bool is_on, govern::is_platform_on(reader, plan->second.platform));
      plan = is_on ? std::next(plan) : plans.erase(plan);
    }
    return {};
  }

  using AllWatched = std::map<std::int64_t, std::shared_ptr<Watched>>;

  // Ended without the lock: whoever asks how connectors fare does not wait for that.
  AllWatched::iterator drop(AllWatched::iterator place) {
    stop(*place->second);
    const std::scoped_lock lock(mutex_);
    return watched_.erase(place);
  }

  static void stop(Watched& watched) {
    for (auto& [name, followed] : watched.followed) followed->reader->request_stop();
    for (auto& [name, followed] : watched.followed) followed->reader->stop();
  }

  Status take_up(InstanceId instance, const Plan& plan) {
    auto place = watched_.find(instance.value());
    if (place == watched_.end()) {
      auto watched = std::make_shared<Watched>();
      watched->instance = instance;
      watched->base_url = plan.base_url;
      watched->token = plan.token;
      LINNET_TRY(watched->source, make_source(instance, plan));
      const std::scoped_lock lock(mutex_);
      place = watched_.emplace(instance.value(), std::move(watched)).first;
    }
    return follow(*place->second, plan.streams);
  }

  Status follow(Watched& watched, const std::set<std::string>& streams) {
    std::map<std::string, std::set<std::string>> connections;
    for (const auto& stream : streams) connections[watched.source->connection_of(stream)].insert(stream);
    drop_all_but(watched, connections);
    for (const auto& [name, wanted] : connections) {
      const auto place = watched.followed.find(name);
      if (place == watched.followed.end()) {
        LINNET_CHECK(begin(watched, name, wanted));
      } else if (place->second->streams != wanted) {
        LINNET_CHECK(place->second->watch(wanted));
      }
    }
    return {};
  }

  void drop_all_but(Watched& watched, const std::map<std::string, std::set<std::string>>& wanted) {
    for (auto place = watched.followed.begin(); place != watched.followed.end();) {
      if (wanted.contains(place->first)) {
        ++place;
        continue;
      }
      place->second->reader->stop();
      const std::scoped_lock lock(mutex_);
      place = watched.followed.erase(place);
    }
  }

  // The watched outlives its readers.
  Status begin(Watched& watched, const std::string& connection, const std::set<std::string>& streams) {
    LINNET_TRY(auto at_rest, watched.source->at_rest(streams));
    auto followed = std::make_unique<Followed>();
    LINNET_CHECK(followed->watch(streams));
    auto begin_turn = [this, &watched, id = at_rest.id, raw = followed.get()](
                          const store::Fence& under) -> Result<std::shared_ptr<LeasedReader::Turn>> {
      LINNET_TRY(auto turn, open(watched, id, raw->wanted.with([](const auto& now) { return now; }), under));
      // What was changed in between is found at the next look at the plans.
      raw->turn.with([&](auto& now) { now = turn; });
      return std::shared_ptr<LeasedReader::Turn>(std::move(turn));
    };
    followed->reader = std::make_unique<LeasedReader>(leases_, clock_, followed_elsewhere(std::move(at_rest)),
                                                      std::move(begin_turn), on_change_);
    const std::scoped_lock lock(mutex_);
    watched.followed.emplace(connection, std::move(followed));
    return {};
  }

  // From where the one before came to, whichever process that was.
  Result<std::shared_ptr<ReaderTurn>> open(Watched& watched, const std::string& id,
                                           const std::set<std::string>& streams, const store::Fence& under) {
    LINNET_TRY(auto reader, database_.reader());
    LINNET_TRY(auto cursor, observe::load_cursor(*reader, id));
    auto turn = std::make_shared<ReaderTurn>(observe::IngestSink(ingest_, watched.instance, id, under));
    const auto each_logged = [&](const connect::OnLogged& on_logged) {
      return observe::each_logged_lately(
          *reader, watched.instance, id,
          [&](const observe::LoggedEvent& event) { return on_logged(event.type, event.line); });
    };
    LINNET_TRY(auto opened, watched.source->open(streams, {turn->sink(), std::move(cursor), each_logged}));
    turn->open(std::move(opened));
    return turn;
  }

  Result<std::unique_ptr<connect::Source>> make_source(InstanceId instance, const Plan& plan) {
    const auto* const door = connect::find_platform(plan.platform);
    if (door == nullptr) return invalid(fmt::format("{}: Linnet cannot watch it yet", plan.platform));
    const connect::SourceNeeds needs{
        database_,
        writer_,
        clock_,
        budgets_.of(plan.base_url, plan.account),
        settings_,
        instance,
        plan.base_url,
        plan.token,
        [this, instance](const std::string& reader) -> std::unique_ptr<connect::EventSink> {
          return std::make_unique<observe::IngestSink>(ingest_, instance, reader);
        },
        random_share,
        on_change_,
        [this, platform = plan.platform](const connect::PersonWish& wish) {
          return heed_wish(database_, writer_, clock_, blocklist_, platform, wish);
        }};
    return door->sources.make(needs);
  }

  store::Database& database_;
  store::Writer& writer_;
  observe::Ingest& ingest_;
  Clock& clock_;
  connect::RequestBudgets& budgets_;
  store::Leases& leases_;
  connect::AccountStore accounts_;
  govern::Blocklist blocklist_;
  const connect::PlatformSettings settings_;
  OnChange on_change_;
  KeepJobs keep_jobs_;
  // Held to change what stands below, and to read it elsewhere; the supervisor alone changes it.
  mutable std::mutex mutex_;
  AllWatched watched_;
  std::optional<std::map<std::string, std::set<std::string>>> kept_jobs_;  // the supervisor's
  std::jthread supervisor_;
};

}  // namespace

Result<std::unique_ptr<Connectors>> Connectors::start(store::Database& database, store::Writer& writer,
                                                      observe::Ingest& ingest, Clock& clock,
                                                      connect::RequestBudgets& budgets, store::Leases& leases,
                                                      const std::string& data,
                                                      const connect::PlatformSettings& settings,
                                                      OnChange on_change, KeepJobs keep_jobs) {
  LINNET_TRY(const auto box, govern::open_secret_box(database, data));
  auto connectors = std::make_unique<RunningConnectors>(database, writer, ingest, clock, budgets, leases, box,
                                                        settings, std::move(on_change), std::move(keep_jobs));
  connectors->run();
  return std::unique_ptr<Connectors>(std::move(connectors));
}

}  // namespace linnet::app
