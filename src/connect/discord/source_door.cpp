#include <fmt/format.h>

#include <list>

#include "base/guarded.hpp"
#include "base/log.hpp"
#include "connect/discord/door.hpp"
#include "connect/discord/gateway_shard.hpp"
#include "connect/discord/slash_commands.hpp"
#include "connect/discord/snowflake.hpp"
#include "net/curl_transport.hpp"

namespace linnet::connect::discord {
namespace {

constexpr std::string_view kAllServers = "servers";
constexpr std::string_view kOneServer = "server:";
constexpr auto kLookBackOnFirstStart = std::chrono::hours{24};
constexpr std::int64_t kMostShards = 64;

Result<std::string> settle_gateway(const ServerAccess& /*server*/, const std::string& stream,
                                   const std::stop_token& /*stop*/) {
  if (stream == kAllServers) return stream;
  if (stream.starts_with(kOneServer) && is_snowflake(std::string_view(stream).substr(kOneServer.size())))
    return stream;
  return invalid(fmt::format(
      "stream: expected servers, or server:ID such as server:223456789012345678 (Copy Server ID in Discord), "
      "got \"{}\"",
      stream.substr(0, 80)));
}

// Which servers are followed.
class Interest {
 public:
  static Result<Interest> of(const std::set<std::string>& streams) {
    Interest interest;
    for (const auto& stream : streams) {
      if (stream == kAllServers)
        interest.all_ = true;
      else if (stream.starts_with(kOneServer))
        interest.servers_.insert(stream.substr(kOneServer.size()));
      else
        return invalid(
            fmt::format("stream: expected servers or server:ID, got \"{}\"", stream.substr(0, 80)));
    }
    return interest;
  }
  [[nodiscard]] bool has(std::string_view server) const {
    return all_ || servers_.find(server) != servers_.end();
  }
  [[nodiscard]] std::string name() const {
    if (all_) return std::string(kAllServers);
    return servers_.size() == 1 ? fmt::format("{}{}", kOneServer, *servers_.begin())
                                : fmt::format("{} servers", servers_.size());
  }

 private:
  bool all_ = false;
  std::set<std::string, std::less<>> servers_;
};

ConnectorHealth health_of(const SourceNeeds& needs, const Interest& interest) {
  ConnectorHealth health;
  health.id = needs.base_url + " gateway";
  health.instance = needs.base_url;
  health.platform = "discord";
  health.stream = interest.name();
  health.since = needs.clock.now();
  return health;
}

// The id of the message that a line of the log brought.
std::optional<std::uint64_t> message_in(std::string_view event, std::string_view line) {
  if (event != "MESSAGE_CREATE") return {};
  simdjson::ondemand::parser parser;
  const simdjson::padded_string text(line);
  simdjson::ondemand::document document;
  std::string_view id;
  if (parser.iterate(text).get(document) != simdjson::SUCCESS ||
      document["payload"]["id"].get_string().get(id) != simdjson::SUCCESS)
    return {};
  return parse_snowflake(id);
}

// All that the gateway tells the bot, on as many connections as Discord advises.
class GatewayReader final : public StreamReader {
 public:
  GatewayReader(const SourceNeeds& needs, EventSink& sink, std::optional<std::string> cursor,
                Interest interest)
      : needs_(needs),
        sink_(sink),
        cursor_(std::move(cursor)),
        rest_({transport_, needs.budget, needs.clock, needs.base_url}, needs.token),
        turns_(needs.clock),
        health_(health_of(needs, interest), needs.on_change),
        interest_(std::move(interest)) {}

  void remember(std::uint64_t message) { seen_.add(message); }
  [[nodiscard]] ConnectorHealth health() const override { return health_.snapshot(); }

  Status watch(const std::set<std::string>& streams) override {
    LINNET_TRY(auto interest, Interest::of(streams));
    health_.update([&](ConnectorHealth& health) { health.stream = interest.name(); });
    interest_.with([&](Interest& now) { now = std::move(interest); });
    // What a server looks like is told at the beginning of a session alone.
    shards_.with([](auto& shards) {
      for (auto& shard : shards) shard.begin_anew();
    });
    return {};
  }

  void run(const std::stop_token& stop) override {
    const auto count = shard_count(stop);
    if (!count) return;
    auto places =
        read_cursor(cursor_, static_cast<std::size_t>(*count), needs_.clock.now(), kLookBackOnFirstStart);
    places_.with([&](auto& now) { now = places; });
    std::vector<GatewayShard*> all;
    shards_.with([&](auto& shards) {
      for (std::int64_t i = 0; i < *count; ++i)
        all.push_back(&shards.emplace_back(needs_of({i, *count}), places[static_cast<std::size_t>(i)]));
    });
    // One that ends for good ends the others: it is begun again as a whole.
    std::stop_source any;
    const std::stop_callback pass_on(stop, [&] { any.request_stop(); });
    std::vector<std::jthread> threads;
    for (auto* const shard : all)
      threads.emplace_back([shard, &any] {
        shard->run(any.get_token());
        any.request_stop();
      });
    threads.clear();  // waits for them
    shards_.with([](auto& shards) { shards.clear(); });
  }

 private:
  // How many shards Discord advises; nothing when stopped before it said so.
  std::optional<std::int64_t> shard_count(const std::stop_token& stop) {
    net::Backoff backoff({}, needs_.random);
    while (!stop.stop_requested()) {
      health_.enter(ConnectorState::connecting, needs_.clock.now(), health_.snapshot().last_error);
      const auto told = rest_.ask({"GET", "/gateway/bot"}, stop);
      if (told && told->is_object()) {
        const auto* const shards = told->as_object().if_contains("shards");
        const auto advised = shards != nullptr && shards->is_int64() ? shards->as_int64() : 1;
        return std::clamp<std::int64_t>(advised, 1, kMostShards);
      }
      if (stop.stop_requested()) break;
      const auto error = told ? unavailable("Discord does not say where its gateway is") : told.error();
      const bool is_refused = error.kind == ErrorKind::denied;
      health_.enter(is_refused ? ConnectorState::failed : ConnectorState::backing_off, needs_.clock.now(),
                    error.safe);
      const Duration least = is_refused ? Duration(std::chrono::minutes{30}) : Duration{0};
      needs_.clock.sleep_for(backoff.on_failure(needs_.clock.now(), least), stop);
    }
    health_.enter(ConnectorState::stopped, needs_.clock.now());
    return {};
  }

  ShardNeeds needs_of(const ShardName& shard) {
    ShardNeeds made{needs_.clock, rest_,         seen_, health_, turns_, needs_.token,
                    shard,        needs_.random, {},    {},      {},     {}};
    made.is_watched = [this](std::string_view server) {
      return interest_.with([&](const Interest& interest) { return interest.has(server); });
    };
    made.hand_on = [this, index = static_cast<std::size_t>(shard.index)](std::vector<std::string> lines,
                                                                         const ShardPlace& place) {
      return places_.with([&](auto& places) -> Status {
        auto next = places;
        next[index] = place;
        LINNET_CHECK(sink_.accept(std::move(lines), to_cursor(next)));
        places = std::move(next);
        return {};
      });
    };
    if (!needs_.heed_wish) return made;
    made.on_interaction = [this](std::string_view data, const std::stop_token& stop) {
      const auto interaction = read_interaction(data);
      if (!interaction) return;
      if (const auto told = answer(rest_, *interaction, needs_.heed_wish, stop); !told)
        log::warn("discord: a command was heeded, but not answered: {}", told.error().message);
    };
    if (shard.index > 0) return made;
    made.on_ready = [this](std::string_view application, const std::stop_token& stop) {
      const auto known = register_commands(rest_, std::string(application), stop);
      if (!known) log::warn("discord: the bot's commands could not be made known: {}", known.error().message);
    };
    return made;
  }

  const SourceNeeds needs_;
  EventSink& sink_;
  const std::optional<std::string> cursor_;
  net::CurlTransport transport_;
  RestClient rest_;
  IdentifyTurns turns_;
  SeenMessages seen_;
  HealthBoard health_;
  Guarded<Interest> interest_;
  Guarded<std::vector<ShardPlace>> places_;  // held while lines are handed on
  Guarded<std::list<GatewayShard>> shards_;
};

class GatewaySource final : public Source {
 public:
  explicit GatewaySource(const SourceNeeds& needs) : needs_(needs) {}

  [[nodiscard]] std::string connection_of(const std::string& /*stream*/) const override { return "gateway"; }

  [[nodiscard]] Result<ConnectorHealth> at_rest(const std::set<std::string>& streams) const override {
    LINNET_TRY(const auto interest, Interest::of(streams));
    return health_of(needs_, interest);
  }

  Result<std::unique_ptr<StreamReader>> open(const std::set<std::string>& streams,
                                             ReaderPlace place) override {
    LINNET_TRY(auto interest, Interest::of(streams));
    auto reader =
        std::make_unique<GatewayReader>(needs_, place.sink, std::move(place.cursor), std::move(interest));
    if (place.each_logged_lately)
      LINNET_CHECK(place.each_logged_lately([&](std::string_view event, std::string_view line) {
        if (const auto message = message_in(event, line)) reader->remember(*message);
        return Status();
      }));
    return std::unique_ptr<StreamReader>(std::move(reader));
  }

 private:
  const SourceNeeds needs_;
};

Result<std::unique_ptr<Source>> make_gateway_source(const SourceNeeds& needs) {
  return std::unique_ptr<Source>(std::make_unique<GatewaySource>(needs));
}

}  // namespace

SourceDoor source_door() {
  SourceDoor door;
  door.default_stream = kAllServers;
  door.settle_stream = settle_gateway;
  door.make = make_gateway_source;
  door.backfill = read_back;
  return door;
}

}  // namespace linnet::connect::discord
