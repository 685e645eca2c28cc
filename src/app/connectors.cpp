#include "app/connectors.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <thread>

#include "base/log.hpp"
#include "connect/account_store.hpp"
#include "connect/mastodon/count_poller.hpp"
#include "connect/mastodon/follows.hpp"
#include "connect/mastodon/stream_connector.hpp"
#include "net/curl_transport.hpp"
#include "net/event_source.hpp"
#include "observe/ingest_sink.hpp"

namespace linnet::app {
namespace {

namespace mastodon = connect::mastodon;

constexpr auto kFollowsEvery = std::chrono::hours(6);

// What the streams of one server share.
struct Server {
  InstanceId instance{};
  std::string base_url;
  std::string token;
  std::unique_ptr<connect::RequestBudget> budget;
  std::unique_ptr<mastodon::ApiClient> client;
};

struct Stream {
  std::unique_ptr<observe::IngestSink> sink;
  std::unique_ptr<mastodon::StreamConnector> connector;
};

struct Poller {
  std::unique_ptr<observe::IngestSink> sink;
  std::unique_ptr<mastodon::CountPoller> poller;
};

double random_share() {
  thread_local std::mt19937_64 engine{std::random_device{}()};
  return std::uniform_real_distribution<>(0, 1)(engine);
}

class RunningConnectors final : public Connectors {
 public:
  RunningConnectors(store::Database& database, observe::Ingest& ingest, Clock& clock, OnChange on_change)
      : database_(database), ingest_(ingest), clock_(clock), on_change_(std::move(on_change)) {}

  ~RunningConnectors() override {
    for (auto& thread : threads_) thread.request_stop();
    threads_.clear();
  }

  Status run(store::Writer& writer, const std::string& data) {
    LINNET_TRY(auto box, SecretBox::open(data));
    connect::AccountStore accounts(database_, writer, clock_, std::move(box));
    LINNET_TRY(auto watches, accounts.list_watches());
    // The streams of a server share one client: one that is signed in serves them all.
    std::stable_partition(watches.begin(), watches.end(),
                          [](const auto& watch) { return watch.account.has_value(); });
    for (const auto& watch : watches) {
      if (!watch.is_active) continue;
      if (auto added = add_stream(accounts, watch); !added)
        log::error("{}: {}", watch.stream, added.error().safe);
    }
    for (auto& [key, server] : servers_) add_poller(*server);
    LINNET_TRY(const auto own, accounts.list());
    for (const auto& account : own) {
      const auto server = servers_.find(account.instance.value());
      if (account.is_active && server != servers_.end()) add_follows(*server->second, account, writer);
    }
    return {};
  }

  [[nodiscard]] std::vector<connect::ConnectorHealth> health() const override {
    std::vector<connect::ConnectorHealth> list;
    for (const auto& stream : streams_) list.push_back(stream->connector->health());
    return list;
  }

 private:
  Result<Server*> server_of(connect::AccountStore& accounts, const connect::Watch& watch) {
    auto& server = servers_[watch.instance.value()];
    if (server != nullptr) return server.get();
    auto made = std::make_unique<Server>();
    made->instance = watch.instance;
    LINNET_TRY(auto reader, database_.reader());
    LINNET_TRY(const auto url, store::query_text(*reader, "SELECT base_url FROM instances WHERE id = $1",
                                                 {watch.instance.value()}));
    made->base_url = url.value_or("");
    if (watch.account) {
      LINNET_TRY(const auto credentials, accounts.credentials(*watch.account));
      made->token = credentials.token;
    }
    made->budget = std::make_unique<connect::RequestBudget>(clock_);
    made->client = std::make_unique<mastodon::ApiClient>(transport_, *made->budget,
                                                         mastodon::ApiOptions{made->base_url, made->token});
    server = std::move(made);
    return server.get();
  }

  Status add_stream(connect::AccountStore& accounts, const connect::Watch& watch) {
    LINNET_TRY(auto kind, mastodon::StreamKind::parse(watch.stream));
    LINNET_TRY(Server * server, server_of(accounts, watch));
    const auto id = mastodon::connector_id(server->base_url, kind);
    mastodon::StreamConnectorOptions options{.kind = std::move(kind), .cursor = {}};
    LINNET_TRY(auto reader, database_.reader());
    LINNET_TRY(options.cursor, observe::load_cursor(*reader, id));
    options.backfill = 200;
    auto stream = std::make_unique<Stream>();
    stream->sink = std::make_unique<observe::IngestSink>(ingest_, server->instance, id);
    stream->connector = std::make_unique<mastodon::StreamConnector>(
        *server->client, events_, *stream->sink, clock_, random_share, std::move(options), on_change_);
    threads_.emplace_back(
        [connector = stream->connector.get()](const std::stop_token& stop) { connector->run(stop); });
    streams_.push_back(std::move(stream));
    return {};
  }

  void add_poller(Server& server) {
    auto poller = std::make_unique<Poller>();
    poller->sink =
        std::make_unique<observe::IngestSink>(ingest_, server.instance, server.base_url + " counts");
    poller->poller = std::make_unique<mastodon::CountPoller>(*server.client, database_, server.instance,
                                                             *poller->sink, clock_);
    threads_.emplace_back(
        [counts = poller->poller.get()](const std::stop_token& stop) { counts->run(stop); });
    pollers_.push_back(std::move(poller));
  }

  // Who follows the user's account, and whom it follows: read now and then, at the lowest priority.
  void add_follows(Server& server, const connect::Account& account, store::Writer& writer) {
    threads_.emplace_back([this, &server, &writer, account](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        const auto read = mastodon::read_follows(*server.client, writer, account.instance,
                                                 PlatformUserId(account.platform_user_id), clock_, stop);
        if (!read && read.error().kind != ErrorKind::cancelled)
          log::warn("{}: follows: {}", server.base_url, read.error().safe);
        if (!clock_.sleep_for(kFollowsEvery, stop)) return;
      }
    });
  }

  store::Database& database_;
  observe::Ingest& ingest_;
  Clock& clock_;
  OnChange on_change_;
  net::CurlTransport transport_;
  net::CurlEventSource events_;
  std::map<std::int64_t, std::unique_ptr<Server>> servers_;
  std::vector<std::unique_ptr<Stream>> streams_;
  std::vector<std::unique_ptr<Poller>> pollers_;
  std::vector<std::jthread> threads_;
};

}  // namespace

Result<std::unique_ptr<Connectors>> Connectors::start(store::Database& database, store::Writer& writer,
                                                      observe::Ingest& ingest, Clock& clock,
                                                      const std::string& data, OnChange on_change) {
  auto connectors = std::make_unique<RunningConnectors>(database, ingest, clock, std::move(on_change));
  LINNET_CHECK(connectors->run(writer, data));
  return std::unique_ptr<Connectors>(std::move(connectors));
}

}  // namespace linnet::app
