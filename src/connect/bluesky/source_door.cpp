#include <fmt/format.h>

#include "base/hash.hpp"
#include "connect/bluesky/door.hpp"
#include "connect/bluesky/handle_lookup.hpp"
#include "connect/bluesky/jetstream_connector.hpp"
#include "connect/bluesky/resolve_handle.hpp"
#include "connect/once_sink.hpp"
#include "net/curl_transport.hpp"

namespace linnet::connect::bluesky {
namespace {

Result<Interest> interest_of(const std::set<std::string>& streams) {
  Interest interest;
  for (const auto& stream : streams) LINNET_CHECK(interest.add(stream));
  return interest;
}

JetstreamOptions telling_renamed(JetstreamOptions options, HandleLookup& handles) {
  options.on_renamed = [&handles](const std::string& did) { handles.ask(did); };
  return options;
}

// All that is watched of the network, on one connection.
class JetstreamStreams final : public StreamReader {
 public:
  JetstreamStreams(const SourceNeeds& needs, EventSink& sink, const std::vector<std::uint64_t>& logged,
                   Interest interest, JetstreamOptions options)
      : once_(sink, logged),
        known_(needs.database, needs.instance),
        handles_(transport_, once_, needs.clock, {needs.base_url, needs.settings.plc_directory}),
        connector_(needs.base_url, once_, known_, needs.clock, needs.random, std::move(interest),
                   telling_renamed(std::move(options), handles_), needs.on_change) {}
  void run(const std::stop_token& stop) override { connector_.run(stop); }
  [[nodiscard]] ConnectorHealth health() const override { return connector_.health(); }

  Status watch(const std::set<std::string>& streams) override {
    LINNET_TRY(auto interest, interest_of(streams));
    connector_.watch(std::move(interest));
    return {};
  }

 private:
  OnceSink once_;
  StoredPosts known_;
  net::CurlTransport transport_;
  HandleLookup handles_;
  JetstreamConnector connector_;
};

class NetworkSource final : public Source {
 public:
  explicit NetworkSource(const SourceNeeds& needs) : needs_(needs) {}

  [[nodiscard]] std::string connection_of(const std::string& /*stream*/) const override {
    return "jetstream";
  }

  [[nodiscard]] Result<ConnectorHealth> at_rest(const std::set<std::string>& streams) const override {
    LINNET_TRY(const auto interest, interest_of(streams));
    ConnectorHealth health;
    health.id = jetstream_id(needs_.base_url);
    health.instance = needs_.base_url;
    health.platform = "bluesky";
    health.stream = interest.name();
    health.since = needs_.clock.now();
    return health;
  }

  Result<std::unique_ptr<StreamReader>> open(const std::set<std::string>& streams,
                                             ReaderPlace place) override {
    LINNET_TRY(auto interest, interest_of(streams));
    JetstreamOptions options;
    options.servers = needs_.settings.jetstream_servers;
    options.dictionary = needs_.settings.jetstream_dictionary;
    options.cursor = std::move(place.cursor);
    std::vector<std::uint64_t> logged;
    if (place.each_logged_lately)
      LINNET_CHECK(place.each_logged_lately([&](std::string_view /*event*/, std::string_view line) {
        logged.push_back(fast_hash(line));
        return Status();
      }));
    return std::unique_ptr<StreamReader>(std::make_unique<JetstreamStreams>(
        needs_, place.sink, logged, std::move(interest), std::move(options)));
  }

 private:
  const SourceNeeds needs_;
};

Result<std::unique_ptr<Source>> make_network_source(const SourceNeeds& needs) {
  return std::unique_ptr<Source>(std::make_unique<NetworkSource>(needs));
}

// account:ada.bsky.social as account:did:plc:…, which stays when the handle changes.
Result<std::string> settle_jetstream(const ServerAccess& server, const std::string& stream,
                                     const std::stop_token& stop) {
  constexpr std::string_view kAccount = "account:";
  if (!stream.starts_with(kAccount) || stream.starts_with("account:did:")) return normalise_stream(stream);
  auto handle = stream.substr(kAccount.size());
  if (handle.starts_with('@')) handle.erase(0, 1);
  LINNET_TRY(const auto did, resolve_handle(server.transport, server.budget, server.base_url, handle, stop));
  return normalise_stream(fmt::format("{}{}", kAccount, did));
}

}  // namespace

SourceDoor source_door() {
  SourceDoor door;
  door.needs_account = false;
  door.settle_stream = settle_jetstream;
  door.make = make_network_source;
  return door;
}

}  // namespace linnet::connect::bluesky
