#include <mutex>

#include "connect/mastodon/backfill.hpp"
#include "connect/mastodon/count_poller.hpp"
#include "connect/mastodon/door.hpp"
#include "connect/mastodon/follows.hpp"
#include "connect/mastodon/handed_on.hpp"
#include "connect/mastodon/stream_connector.hpp"
#include "net/curl_transport.hpp"

namespace linnet::connect::mastodon {
namespace {

constexpr std::size_t kReadOnFirstStart = 200;  // statuses of each stream

class ServerStreamReader final : public StreamReader {
 public:
  ServerStreamReader(ApiClient& client, net::EventSource& events, const SourceNeeds& needs, EventSink& sink,
                     StreamConnectorOptions options)
      : connector_(client, events, sink, needs.clock, needs.random, std::move(options), needs.on_change) {}
  void run(const std::stop_token& stop) override { connector_.run(stop); }
  [[nodiscard]] ConnectorHealth health() const override { return connector_.health(); }

 private:
  StreamConnector connector_;
};

// One server that is watched, with a connection for each stream. Its streams, its counts and the user's
// follows share one client, and one budget with whatever acts in the name of the account.
class ServerSource final : public Source {
 public:
  explicit ServerSource(const SourceNeeds& needs)
      : needs_(needs),
        client_(transport_, needs.budget, ApiOptions{needs.base_url, needs.token}),
        counts_sink_(needs.make_sink(needs.base_url + " counts")),
        counts_(client_, needs.database, needs.instance, *counts_sink_, needs.clock) {}

  [[nodiscard]] std::string connection_of(const std::string& stream) const override { return stream; }

  [[nodiscard]] Result<ConnectorHealth> at_rest(const std::set<std::string>& streams) const override {
    LINNET_TRY(const auto kind, StreamKind::parse(*streams.begin()));
    ConnectorHealth health;
    health.id = connector_id(needs_.base_url, kind);
    health.instance = needs_.base_url;
    health.platform = "mastodon";
    health.stream = kind.name();
    health.since = needs_.clock.now();
    return health;
  }

  Result<std::unique_ptr<StreamReader>> open(const std::set<std::string>& streams,
                                             ReaderPlace place) override {
    LINNET_TRY(auto kind, StreamKind::parse(*streams.begin()));
    StreamConnectorOptions options{.kind = std::move(kind), .cursor = std::move(place.cursor)};
    options.backfill = kReadOnFirstStart;
    if (place.each_logged_lately)
      LINNET_CHECK(place.each_logged_lately([&](std::string_view event, std::string_view line) {
        if (auto status = status_handed_on(event, line)) options.handed_on.push_back(std::move(*status));
        return Status();
      }));
    return std::unique_ptr<StreamReader>(
        std::make_unique<ServerStreamReader>(client_, events_, needs_, place.sink, std::move(options)));
  }

  [[nodiscard]] bool is_asked_by_the_clock() const override { return true; }

  Result<std::size_t> read_counts(const std::stop_token& stop) override {
    const std::scoped_lock lock(counting_);
    return counts_.poll_due(stop);
  }

  Result<FollowsRead> read_follows(const PlatformUserId& account, const std::stop_token& stop) override {
    return mastodon::read_follows(client_, needs_.writer, needs_.instance, account, needs_.clock, stop);
  }

 private:
  const SourceNeeds needs_;
  net::CurlTransport transport_;
  net::CurlEventSource events_;
  ApiClient client_;
  std::unique_ptr<EventSink> counts_sink_;
  CountPoller counts_;
  std::mutex counting_;  // held while counts are read
};

Result<std::string> check_stream(const ServerAccess& /*server*/, const std::string& stream,
                                 const std::stop_token& /*stop*/) {
  LINNET_TRY(const auto kind, StreamKind::parse(stream));
  (void)kind;
  return stream;
}

Result<std::unique_ptr<Source>> make_server_source(const SourceNeeds& needs) {
  return std::unique_ptr<Source>(std::make_unique<ServerSource>(needs));
}

// A stream's name, or account:NAME for all that an account has posted.
Result<std::variant<StreamKind, AccountHistory>> parse_timeline(ApiClient& client, const std::string& text,
                                                                const std::stop_token& stop) {
  using Timeline = std::variant<StreamKind, AccountHistory>;
  if (constexpr std::string_view kAccount = "account:"; text.starts_with(kAccount)) {
    LINNET_TRY(const auto id, client.find_account_id(text.substr(kAccount.size()), stop));
    return Timeline(AccountHistory{id});
  }
  LINNET_TRY(auto kind, StreamKind::parse(text));
  return Timeline(std::move(kind));
}

Result<BackfillProgress> backfill_server(const ServerAccess& server, const std::string& token,
                                         const BackfillWanted& wanted, EventSink& sink,
                                         const std::function<double()>& random,
                                         const std::function<void(const BackfillProgress&)>& on_progress,
                                         const std::stop_token& stop) {
  ApiClient client(server.transport, server.budget, ApiOptions{server.base_url, token});
  LINNET_TRY(auto timeline, parse_timeline(client, wanted.timeline, stop));
  BackfillRequest request{.of = std::move(timeline), .resume = wanted.resume, .most = wanted.most};
  return backfill(client, sink, server.clock, random, request, on_progress, stop);
}

Result<FollowsRead> read_server_follows(const ServerAccess& server, const std::string& token,
                                        store::Writer& writer, InstanceId instance,
                                        const PlatformUserId& account, const std::stop_token& stop) {
  ApiClient client(server.transport, server.budget, ApiOptions{server.base_url, token});
  return read_follows(client, writer, instance, account, server.clock, stop);
}

}  // namespace

SourceDoor source_door() {
  SourceDoor door;
  door.default_stream = "public";
  door.settle_stream = check_stream;
  door.make = make_server_source;
  door.backfill = backfill_server;
  door.read_follows = read_server_follows;
  return door;
}

}  // namespace linnet::connect::mastodon
