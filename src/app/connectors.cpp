#include "app/connectors.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <thread>

#include "app/leased_reader.hpp"
#include "base/log.hpp"
#include "connect/account_store.hpp"
#include "connect/mastodon/count_poller.hpp"
#include "connect/mastodon/follows.hpp"
#include "connect/mastodon/stream_connector.hpp"
#include "govern/key_guard.hpp"
#include "govern/platforms.hpp"
#include "net/curl_transport.hpp"
#include "net/event_source.hpp"
#include "observe/ingest_sink.hpp"
#include "observe/logged_statuses.hpp"

namespace linnet::app {
namespace {

namespace mastodon = connect::mastodon;

constexpr auto kPlansEvery = std::chrono::seconds(3);

double random_share() {
  thread_local std::mt19937_64 engine{std::random_device{}()};
  return std::uniform_real_distribution<>(0, 1)(engine);
}

// A stream of a server, as long as this process follows it.
class StreamTurn final : public LeasedReader::Turn {
 public:
  StreamTurn(mastodon::ApiClient& client, net::EventSource& events, observe::IngestSink sink, Clock& clock,
             mastodon::StreamConnectorOptions options, LeasedReader::OnChange on_change)
      : sink_(std::move(sink)),
        connector_(client, events, sink_, clock, random_share, std::move(options), std::move(on_change)) {}
  void run(const std::stop_token& stop) override { connector_.run(stop); }
  [[nodiscard]] connect::ConnectorHealth health() const override { return connector_.health(); }

 private:
  observe::IngestSink sink_;
  mastodon::StreamConnector connector_;
};

using Stream = std::unique_ptr<LeasedReader>;

// All that is watched of Bluesky, whoever follows it.
struct Jetstream {
  Guarded<std::set<std::string>> wanted;
  Guarded<std::weak_ptr<JetstreamSource>> source;  // while this process does
  std::unique_ptr<LeasedReader> reader;            // last: it uses the others

  Status watch(const std::set<std::string>& streams) {
    wanted.with([&](auto& now) { now = streams; });
    const auto there = source.with([](const auto& now) { return now.lock(); });
    return there != nullptr ? there->watch(streams) : Status();
  }
};

// While nobody here follows it.
connect::ConnectorHealth followed_elsewhere(connect::ConnectorHealth health) {
  health.state = connect::ConnectorState::paused;
  health.last_error = "another process of Linnet on this database follows it";
  return health;
}

// One server that is watched. Its streams, its counts and the user's follows share one client, and one budget
// with whatever acts in the name of the account.
struct Server {
  InstanceId instance{};
  std::string base_url;
  std::string token;
  std::unique_ptr<mastodon::ApiClient> client;
  std::map<std::string, Stream> streams;  // by the name of the stream
  std::unique_ptr<observe::IngestSink> counts_sink;
  std::unique_ptr<mastodon::CountPoller> counts;
  std::mutex counting;  // held while counts are read
};

// What the user wants of one server.
struct Plan {
  std::string platform;
  std::string base_url;
  std::string token;
  std::string account;  // whose token it is; empty: read as a guest
  std::set<std::string> streams;
};

class RunningConnectors final : public Connectors {
 public:
  RunningConnectors(store::Database& database, store::Writer& writer, observe::Ingest& ingest, Clock& clock,
                    connect::RequestBudgets& budgets, store::Leases& leases, const SecretBox& box,
                    JetstreamSettings jetstream, OnChange on_change, KeepJobs keep_jobs)
      : database_(database),
        writer_(writer),
        ingest_(ingest),
        clock_(clock),
        budgets_(budgets),
        leases_(leases),
        accounts_(database, writer, clock, box),
        jetstream_(std::move(jetstream)),
        on_change_(std::move(on_change)),
        keep_jobs_(std::move(keep_jobs)) {}

  ~RunningConnectors() override {
    stop_following_plans();
    for (auto& [instance, server] : servers_) stop(*server);
    jetstreams_.clear();
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
    for (const auto& [instance, server] : servers_) {
      for (const auto& [name, stream] : server->streams) list.push_back(stream->health());
    }
    for (const auto& [instance, source] : jetstreams_) list.push_back(source->reader->health());
    return list;
  }

  Result<std::size_t> read_counts(std::string_view address, const std::stop_token& stop) override {
    const auto server = find_server([&](const Server& one) { return one.base_url == address; });
    if (server == nullptr) return not_found("this server is not watched");
    const std::scoped_lock lock(server->counting);
    return server->counts->poll_due(stop);
  }

  Status read_follows(std::string_view id, const std::stop_token& stop) override {
    LINNET_TRY(const auto account, accounts_.find(std::string(id)));
    const auto server = find_server([&](const Server& one) { return one.instance == account.instance; });
    if (server == nullptr) return not_found("its server is not watched");
    LINNET_TRY(const auto read,
               mastodon::read_follows(*server->client, writer_, account.instance,
                                      PlatformUserId(account.platform_user_id), clock_, stop));
    (void)read;
    return {};
  }

 private:
  // Whoever works with it keeps it while it is dropped here.
  template <typename Is>
  std::shared_ptr<Server> find_server(Is is) const {
    const std::scoped_lock lock(mutex_);
    for (const auto& [instance, server] : servers_)
      if (is(*server)) return server;
    return nullptr;
  }

  // What the user added or removed since the last look, here or by a command, is taken up without a restart.
  Status follow_plans() {
    LINNET_TRY(auto plans, read_plans());
    for (auto place = servers_.begin(); place != servers_.end();) {
      auto& [instance, server] = *place;
      const auto plan = plans.find(instance);
      // Another account: everything begins again in its name.
      if (plan == plans.end() || plan->second.token != server->token) {
        place = drop(place);
        continue;
      }
      drop_streams(*server, plan->second.streams);
      ++place;
    }
    drop_jetstreams(plans);
    for (const auto& [instance, plan] : plans) {
      const InstanceId id(instance);
      auto done = plan.platform == "bluesky" ? take_up_bluesky(id, plan) : take_up(id, plan);
      if (!done) log::error("{}", done.error().safe);
    }
    return keep_jobs();
  }

  // Of each server that is watched, and of each of the user's accounts there.
  Status keep_jobs() {
    std::map<std::string, std::set<std::string>> wanted{{"counts", {}}, {"follows", {}}};
    LINNET_TRY(const auto own, accounts_.list());
    for (const auto& [instance, server] : servers_) {
      wanted["counts"].insert(server->base_url);
      for (const auto& account : own)
        if (account.is_active && account.instance == server->instance)
          wanted["follows"].insert(account.id.value());
    }
    if (wanted == kept_jobs_) return {};
    for (const auto& [kind, keys] : wanted) LINNET_CHECK(keep_jobs_(kind, keys));
    kept_jobs_ = std::move(wanted);
    return {};
  }

  // Ended without the lock: whoever asks how connectors fare does not wait for that.
  void drop_jetstreams(const std::map<std::int64_t, Plan>& plans) {
    std::vector<std::unique_ptr<Jetstream>> dropped;
    const std::scoped_lock lock(mutex_);
    for (auto place = jetstreams_.begin(); place != jetstreams_.end();) {
      if (plans.contains(place->first)) {
        ++place;
        continue;
      }
      dropped.push_back(std::move(place->second));
      place = jetstreams_.erase(place);
    }
  }

  Status take_up_bluesky(InstanceId instance, const Plan& plan) {
    const auto place = jetstreams_.find(instance.value());
    if (place != jetstreams_.end()) return place->second->watch(plan.streams);
    LINNET_TRY(auto at_rest, JetstreamSource::at_rest(plan.base_url, plan.streams, clock_.now()));
    auto source = std::make_unique<Jetstream>();
    LINNET_CHECK(source->watch(plan.streams));
    auto begin = [this, instance, base_url = plan.base_url, raw = source.get()](
                     const store::Fence& under) -> Result<std::shared_ptr<LeasedReader::Turn>> {
      const auto streams = raw->wanted.with([](const auto& now) { return now; });
      LINNET_TRY(auto made, JetstreamSource::make({database_, ingest_, clock_, instance, base_url}, streams,
                                                  jetstream_, random_share, on_change_, under));
      raw->source.with([&](auto& now) { now = made; });
      // What was changed in between is found at the next look at the plans.
      return std::shared_ptr<LeasedReader::Turn>(std::move(made));
    };
    source->reader = std::make_unique<LeasedReader>(leases_, clock_, followed_elsewhere(std::move(at_rest)),
                                                    std::move(begin), on_change_);
    const std::scoped_lock lock(mutex_);
    jetstreams_.emplace(instance.value(), std::move(source));
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

  using Servers = std::map<std::int64_t, std::shared_ptr<Server>>;

  Servers::iterator drop(Servers::iterator place) {
    stop(*place->second);
    const std::scoped_lock lock(mutex_);
    return servers_.erase(place);
  }

  static void stop(Server& server) {
    for (auto& [name, stream] : server.streams) stream->request_stop();
    for (auto& [name, stream] : server.streams) stream->stop();
  }

  void drop_streams(Server& server, const std::set<std::string>& wanted) {
    for (auto stream = server.streams.begin(); stream != server.streams.end();) {
      if (wanted.contains(stream->first)) {
        ++stream;
        continue;
      }
      stream->second->stop();
      const std::scoped_lock lock(mutex_);
      stream = server.streams.erase(stream);
    }
  }

  Status take_up(InstanceId instance, const Plan& plan) {
    auto server = servers_.find(instance.value());
    if (server == servers_.end()) {
      LINNET_TRY(auto made, make_server(instance, plan));
      make_counts(*made);
      const std::scoped_lock lock(mutex_);
      server = servers_.emplace(instance.value(), std::move(made)).first;
    }
    for (const auto& name : plan.streams) {
      if (server->second->streams.contains(name)) continue;
      LINNET_TRY(auto stream, make_stream(*server->second, name));
      const std::scoped_lock lock(mutex_);
      server->second->streams.emplace(name, std::move(stream));
    }
    return {};
  }

  Result<std::shared_ptr<Server>> make_server(InstanceId instance, const Plan& plan) {
    auto server = std::make_shared<Server>();
    server->instance = instance;
    server->base_url = plan.base_url;
    server->token = plan.token;
    server->client =
        std::make_unique<mastodon::ApiClient>(transport_, budgets_.of(plan.base_url, plan.account),
                                              mastodon::ApiOptions{server->base_url, server->token});
    return server;
  }

  // The server outlives its streams.
  Result<Stream> make_stream(Server& server, const std::string& name) {
    LINNET_TRY(const auto kind, mastodon::StreamKind::parse(name));
    connect::ConnectorHealth at_rest;
    at_rest.id = mastodon::connector_id(server.base_url, kind);
    at_rest.instance = server.base_url;
    at_rest.stream = kind.name();
    at_rest.since = clock_.now();
    return std::make_unique<LeasedReader>(
        leases_, clock_, followed_elsewhere(at_rest),
        [this, &server, kind, id = at_rest.id](const store::Fence& under) {
          return begin_stream(server, kind, id, under);
        },
        on_change_);
  }

  // From where the one before came to, whichever process that was.
  Result<std::shared_ptr<LeasedReader::Turn>> begin_stream(Server& server, const mastodon::StreamKind& kind,
                                                           const std::string& id, const store::Fence& under) {
    mastodon::StreamConnectorOptions options{.kind = kind, .cursor = {}};
    LINNET_TRY(auto reader, database_.reader());
    LINNET_TRY(options.cursor, observe::load_cursor(*reader, id));
    LINNET_TRY(auto logged, observe::statuses_logged_lately(*reader, server.instance, id));
    for (auto& status : logged)
      options.handed_on.emplace_back(std::move(status.id), std::move(status.edited_at));
    options.backfill = 200;
    return std::shared_ptr<LeasedReader::Turn>(std::make_shared<StreamTurn>(
        *server.client, events_, observe::IngestSink(ingest_, server.instance, id, under), clock_,
        std::move(options), on_change_));
  }

  void make_counts(Server& server) {
    server.counts_sink =
        std::make_unique<observe::IngestSink>(ingest_, server.instance, server.base_url + " counts");
    server.counts = std::make_unique<mastodon::CountPoller>(*server.client, database_, server.instance,
                                                            *server.counts_sink, clock_);
  }

  store::Database& database_;
  store::Writer& writer_;
  observe::Ingest& ingest_;
  Clock& clock_;
  connect::RequestBudgets& budgets_;
  store::Leases& leases_;
  connect::AccountStore accounts_;
  const JetstreamSettings jetstream_;
  OnChange on_change_;
  KeepJobs keep_jobs_;
  net::CurlTransport transport_;
  net::CurlEventSource events_;
  // Held to change what stands below, and to read it elsewhere; the supervisor alone changes it.
  mutable std::mutex mutex_;
  Servers servers_;
  std::map<std::int64_t, std::unique_ptr<Jetstream>> jetstreams_;
  std::optional<std::map<std::string, std::set<std::string>>> kept_jobs_;  // the supervisor's
  std::jthread supervisor_;
};

}  // namespace

Result<std::unique_ptr<Connectors>> Connectors::start(store::Database& database, store::Writer& writer,
                                                      observe::Ingest& ingest, Clock& clock,
                                                      connect::RequestBudgets& budgets, store::Leases& leases,
                                                      const std::string& data,
                                                      const JetstreamSettings& jetstream, OnChange on_change,
                                                      KeepJobs keep_jobs) {
  LINNET_TRY(const auto box, govern::open_secret_box(database, data));
  auto connectors =
      std::make_unique<RunningConnectors>(database, writer, ingest, clock, budgets, leases, box, jetstream,
                                          std::move(on_change), std::move(keep_jobs));
  connectors->run();
  return std::unique_ptr<Connectors>(std::move(connectors));
}

}  // namespace linnet::app
