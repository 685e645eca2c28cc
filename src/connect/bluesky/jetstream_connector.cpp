#include "connect/bluesky/jetstream_connector.hpp"

#include <fmt/format.h>

#include <charconv>

#include "base/instant_words.hpp"
#include "base/log.hpp"
#include "net/url.hpp"

namespace linnet::connect::bluesky {
namespace {

constexpr Duration kTick = std::chrono::seconds{1};
// A message that is larger than was asked for is left out; one larger than this ends the connection.
constexpr std::size_t kLargestFrame = 16U << 20U;
// A clock may be wrong by a day; a place further ahead would make the server leave out all before it.
constexpr Duration kFurthestAhead = std::chrono::days{1};
// How long Jetstream keeps events at least, and how late the first may be after so long a time away.
constexpr Duration kKept = std::chrono::hours{24};
constexpr Duration kHole = std::chrono::hours{1};

std::optional<Instant> parse_place(const std::optional<std::string>& cursor) {
  std::int64_t micros = 0;
  if (!cursor) return {};
  const auto [end, error] = std::from_chars(cursor->data(), cursor->data() + cursor->size(), micros);
  if (error != std::errc() || end != cursor->data() + cursor->size()) return {};
  return from_micros(micros);
}

ConnectorHealth first_health(const std::string& network, const Interest& interest, Instant now) {
  ConnectorHealth health;
  health.id = jetstream_id(network);
  health.instance = network;
  health.platform = "bluesky";
  health.stream = interest.name();
  health.since = now;
  return health;
}

}  // namespace

// From the opening of a connection to its end.
struct JetstreamConnector::Following {
  Instant began{};
  std::optional<Instant> asked_from;  // what came before `began` was missed
  bool is_first_message = true;
  bool is_behind = false;
  Instant saved_at{};
  Instant handed_on_at{};
  Watched watched;
};

std::string jetstream_id(std::string_view network) {
  return fmt::format("{} jetstream", network);
}

JetstreamConnector::JetstreamConnector(std::string network, EventSink& sink, KnownPosts& known, Clock& clock,
                                       std::function<double()> random, Interest interest,
                                       JetstreamOptions options,
                                       std::function<void(const ConnectorHealth&)> on_change)
    : network_(std::move(network)),
      sink_(sink),
      clock_(clock),
      options_(std::move(options)),
      health_(first_health(network_, interest, clock.now()), std::move(on_change)),
      backoff_(options_.backoff, std::move(random)),
      sieve_(known),
      watched_(Watched{std::move(interest)}),
      place_(parse_place(options_.cursor)),
      saved_place_(place_) {}

void JetstreamConnector::watch(Interest interest) {
  health_.update([&](ConnectorHealth& health) { health.stream = interest.name(); });
  watched_.with([&](Watched& watched) {
    watched.interest = std::move(interest);
    ++watched.version;
  });
}

void JetstreamConnector::run_uncompressed(std::string because) {
  log::info("{}: not compressed: {}", jetstream_id(network_), because);
  decompressor_.reset();
  uncompressed_because_ = std::move(because);
}

void JetstreamConnector::load_dictionary() {
  if (options_.dictionary.empty()) return run_uncompressed("no jetstream_dictionary is set");
  auto made = FrameDecompressor::with_dictionary_file(options_.dictionary);
  if (!made) return run_uncompressed(made.error().safe);
  decompressor_ = std::move(*made);
}

Result<net::WebSocketClient> JetstreamConnector::connect(const std::stop_token& stop, Following& following) {
  net::QueryParameters parameters{{"requireHello", "true"},
                                  {"maxMessageSizeBytes", std::to_string(options_.max_message_bytes)}};
  if (decompressor_) parameters.emplace_back("compress", "true");
  if (place_) {
    following.asked_from = *place_ - options_.overlap;
    parameters.emplace_back("cursor", std::to_string(to_micros(*following.asked_from)));
  }
  net::WebSocketRequest request;
  request.url = net::with_query(server(), parameters);
  request.ping_every = options_.ping_every;
  request.max_message_bytes = kLargestFrame;
  return net::WebSocketClient::connect(request, stop);
}

// The lists go by message: ten thousand accounts would fit no address.
Status JetstreamConnector::say_interest(net::WebSocketClient& socket, Following& following,
                                        const std::stop_token& stop) {
  following.watched = watched_.with([](const Watched& watched) { return watched; });
  return socket.send_text(options_update(following.watched.interest, options_.max_message_bytes), stop);
}

Status JetstreamConnector::follow(const std::stop_token& stop) {
  Following following;
  following.began = following.saved_at = following.handed_on_at = clock_.now();
  LINNET_TRY(auto socket, connect(stop, following));
  LINNET_CHECK(say_interest(socket, following, stop));
  following.is_behind = following.asked_from.has_value();
  backoff_.on_connected(following.began);
  health_.update([&](ConnectorHealth& health) {
    health.transport = decompressor_ ? "websocket, zstd"
                                     : fmt::format("websocket, not compressed: {}", uncompressed_because_);
  });
  health_.enter(ConnectorState::live, following.began);
  while (true) {
    const auto wait = pending_.empty() ? kTick : options_.hand_on_after;
    LINNET_TRY(const auto message, socket.read(wait, stop));
    if (message) LINNET_CHECK(take(*message, following));
    LINNET_CHECK(hand_on(following, false));
    const auto version = watched_.with([](const Watched& watched) { return watched.version; });
    if (version != following.watched.version) LINNET_CHECK(say_interest(socket, following, stop));
  }
}

Status JetstreamConnector::take(const net::WebSocketMessage& message, Following& following) {
  if (!message.binary) return take_text(message.data, following);
  if (!decompressor_) return invalid("the server sends compressed messages that were not asked for");
  const auto text = decompressor_->decompress(message.data, options_.max_message_bytes);
  if (text) return take_text(*text, following);
  if (text.error().kind == ErrorKind::conflict) {
    run_uncompressed(fmt::format("{}: the server uses another dictionary", options_.dictionary));
    return unavailable("beginning again without compression");
  }
  leave_out(text.error().safe);
  return {};
}

// One message is lost, and said to be; those behind it are not.
void JetstreamConnector::leave_out(const std::string& because) {
  auto text = fmt::format("a message was left out: {}", because);
  log::warn("{}: {}", jetstream_id(network_), text);
  health_.update([&](ConnectorHealth& health) { health.last_error = std::move(text); });
}

Status JetstreamConnector::take_text(std::string_view text, Following& following) {
  if (text.size() > options_.max_message_bytes) {
    leave_out(fmt::format("more than {} bytes", options_.max_message_bytes));
    return {};
  }
  JetstreamMessage message;
  if (const auto error = reader_.read(text, message)) {
    pending_.push_back(line_of_unreadable(text, clock_.now()));
    return {};
  }
  if (message.at - clock_.now() > kFurthestAhead) {
    leave_out(fmt::format("it is of {}, which lies ahead", in_words(message.at)));
    return {};
  }
  LINNET_TRY(auto lines, sieve_.sift(message, text, following.watched.interest));
  for (const auto& did : sieve_.take_renamed()) {
    if (options_.on_renamed) options_.on_renamed(did);
  }
  const auto count = lines.size();
  for (auto& line : lines) pending_.push_back(std::move(line));
  note_place(message.at, following);
  if (following.is_behind && count > 0)
    health_.update([&](ConnectorHealth& health) { health.gap_events += count; });
  return {};
}

void JetstreamConnector::note_place(Instant at, Following& following) {
  if (following.is_first_message && following.asked_from && !following.watched.interest.is_accounts_alone() &&
      following.began - *following.asked_from > kKept && at - *following.asked_from > kHole) {
    health_.update([&](ConnectorHealth& health) {
      ++health.gaps_cut;
      health.last_error =
          fmt::format("the time away was too long: what happened before {} is lost", in_words(at));
    });
  }
  following.is_first_message = false;
  if (!place_ || at > *place_) place_ = at;
  if (!following.is_behind || at < following.began) return;
  following.is_behind = false;
  health_.update([](ConnectorHealth& health) { ++health.gaps_filled; });
  health_.announce();
}

// Lines go in batches, the place every few seconds: it waits until all is on disk.
Status JetstreamConnector::hand_on(Following& following, bool is_last) {
  const auto now = clock_.now();
  const bool saves =
      place_ && place_ != saved_place_ && (is_last || now - following.saved_at >= options_.save_cursor_every);
  const bool is_due =
      is_last || pending_.size() >= options_.batch || now - following.handed_on_at >= options_.hand_on_after;
  if (!saves && (pending_.empty() || !is_due)) return {};
  const auto count = pending_.size();
  const auto cursor = saves ? std::optional(std::to_string(to_micros(*place_))) : std::nullopt;
  auto taken = sink_.accept(std::exchange(pending_, {}), cursor);
  if (!taken) {
    sink_error_ = taken.error();
    return taken;
  }
  following.handed_on_at = now;
  if (saves) {
    saved_place_ = place_;
    following.saved_at = now;
  }
  if (count == 0) return {};
  health_.update([&](ConnectorHealth& health) {
    health.events += count;
    health.last_event_at = now;
  });
  return {};
}

void JetstreamConnector::rest_after(const Error& error, const std::stop_token& stop) {
  const auto now = clock_.now();
  const bool is_refused = error.kind == ErrorKind::denied || error.kind == ErrorKind::not_found;
  // Where there are others, one that refuses is passed over.
  ++server_;
  const bool rests = is_refused && server_ % options_.servers.size() == 0;
  const auto wait = backoff_.on_failure(now, rests ? options_.retry_refused_after : Duration{0});
  log::warn("{}: {}; trying {} in {} s", jetstream_id(network_), error.message, server(),
            std::chrono::duration_cast<std::chrono::seconds>(wait).count());
  health_.update([](ConnectorHealth& health) { ++health.reconnects; });
  health_.enter(is_refused ? ConnectorState::failed : ConnectorState::backing_off, now, error.safe);
  clock_.sleep_for(wait, stop);
}

void JetstreamConnector::run(const std::stop_token& stop) {
  load_dictionary();
  while (!stop.stop_requested()) {
    health_.enter(ConnectorState::connecting, clock_.now(), health_.snapshot().last_error);
    const auto ended = follow(stop);
    // What was read is handed on before the next connection begins behind it.
    Following last;
    if (!sink_error_) static_cast<void>(hand_on(last, true));
    if (sink_error_) {
      health_.enter(ConnectorState::failed, clock_.now(),
                    fmt::format("what comes in cannot be stored: {}", sink_error_->safe));
      return;
    }
    if (!stop.stop_requested()) rest_after(ended.error(), stop);
  }
  health_.enter(ConnectorState::stopped, clock_.now());
}

}  // namespace linnet::connect::bluesky
