#include "connect/mastodon/stream_connector.hpp"

#include <fmt/format.h>

#include <thread>

#include "base/guarded.hpp"
#include "base/hash.hpp"
#include "base/log.hpp"
#include "connect/event_line.hpp"
#include "connect/lately_seen.hpp"

namespace linnet::connect::mastodon {

// Which statuses were handed on, so that a gap does not bring again what the live stream brought, nor the
// other way round. It forgets the oldest; what is brought twice does no harm.
//
// Both threads hand on while they hold it, and mark as seen only what was taken: else a page could leave out
// what the other has yet to hand on, and store a cursor behind it.
struct StreamConnector::SeenStatuses {
  using Key = std::uint64_t;
  static Key key_of(std::string_view id, std::string_view edited_at) {
    return fast_hash(edited_at, fast_hash(id));
  }

  Guarded<LatelySeen> memory;
};

// From the opening of a stream to its end.
class StreamConnector::Connection {
 public:
  Connection(StreamConnector& owner, std::stop_source& ending) : owner_(owner), ending_(ending) {}

  void open(std::string_view transport) {
    const auto now = owner_.clock_.now();
    owner_.backoff_.on_connected(now);
    owner_.health_.update([&](ConnectorHealth& health) { health.transport = transport; });
    owner_.health_.enter(ConnectorState::live, now);
    progress_.with([&](Progress& progress) { progress.saved_at = now; });
    filling_ = std::jthread([this] { fill_gap(ending_.get_token()); });
  }

  Status take(LiveEvent event) {
    const bool is_status = !event.status_id.empty();
    if (is_status && !owner_.is_wanted(event.acct)) {
      const auto cursor = note(event.type == "update" ? event.status_id : std::string());
      return cursor ? hand_on({}, cursor) : Status();
    }
    return owner_.seen_->memory.with([&](LatelySeen& seen) -> Status {
      const auto key = SeenStatuses::key_of(event.status_id, event.edited_at);
      if (is_status && event.type == "update" && seen.contains(key)) {
        note(event.status_id);
        return {};
      }
      std::vector<std::string> lines;
      lines.push_back(std::move(event.line));
      // An edit bears the id of an old post: it says nothing about how far the stream has come.
      const auto cursor = note(event.type == "update" ? event.status_id : std::string());
      LINNET_CHECK(hand_on(std::move(lines), cursor));
      if (is_status) seen.add(key);
      return {};
    });
  }

  Status idle() {
    const auto cursor = note({});
    return cursor ? hand_on({}, cursor) : Status();
  }

  // Waits for the second thread, then saves how far the stream has come.
  void close() {
    ending_.request_stop();
    if (filling_.joinable()) filling_.join();
    const auto last = this->cursor().value_or("");
    const auto cursor = progress_.with([&](const Progress& progress) {
      const bool is_ahead = !progress.has_gap && id_less(last, progress.newest);
      return is_ahead ? std::optional(progress.newest) : std::nullopt;
    });
    if (cursor && !owner_.sink_error()) static_cast<void>(hand_on({}, cursor));
  }

 private:
  struct Progress {
    bool has_gap = true;
    std::string newest;  // of what came live
    Instant saved_at{};
  };

  // The cursor, when it is time to save it.
  std::optional<std::string> note(const std::string& status_id) {
    const auto now = owner_.clock_.now();
    const auto last = cursor().value_or("");
    return progress_.with([&](Progress& progress) -> std::optional<std::string> {
      if (id_less(progress.newest, status_id)) progress.newest = status_id;
      const bool is_time = now - progress.saved_at >= owner_.options_.save_cursor_every;
      if (progress.has_gap || !is_time || !id_less(last, progress.newest)) return std::nullopt;
      progress.saved_at = now;
      return progress.newest;
    });
  }

  Status hand_on(std::vector<std::string> lines, const std::optional<std::string>& cursor) {
    const auto count = lines.size();
    auto taken = owner_.sink_.accept(std::move(lines), cursor);
    if (!taken) {
      owner_.sink_error_.with([&](auto& error) { error = taken.error(); });
      ending_.request_stop();
      return taken;
    }
    if (cursor) cursor_.with([&](std::optional<std::string>& last) { last = *cursor; });
    if (count == 0) return taken;
    owner_.health_.update([&](ConnectorHealth& health) {
      health.events += count;
      health.last_event_at = owner_.clock_.now();
    });
    return taken;
  }

  Status take_page(std::vector<RawStatus> statuses, const std::optional<std::string>& cursor) {
    return owner_.seen_->memory.with([&](LatelySeen& seen) -> Status {
      std::vector<std::string> lines;
      std::vector<SeenStatuses::Key> keys;
      const auto now = owner_.clock_.now();
      for (const auto& status : statuses) {
        const auto key = SeenStatuses::key_of(status.id, status.edited_at);
        if (!owner_.is_wanted(status.acct) || seen.contains(key)) continue;
        keys.push_back(key);
        lines.push_back(make_event_line(now, "update", status.json));
      }
      if (lines.empty() && !cursor) return {};
      LINNET_CHECK(hand_on(std::move(lines), cursor));
      for (const auto key : keys) seen.add(key);
      owner_.health_.update([&](ConnectorHealth& health) { health.gap_events += keys.size(); });
      return {};
    });
  }

  Result<GapOutcome> fill_once(const std::stop_token& stop) {
    const GapFiller::OnPage on_page = [this](std::vector<RawStatus> statuses,
                                             const std::optional<std::string>& cursor) {
      return take_page(std::move(statuses), cursor);
    };
    const auto from = cursor();
    return from ? owner_.filler_.fill(*from, on_page, stop)
                : owner_.filler_.start(owner_.options_.backfill, on_page, stop);
  }

  // Again until it is done, or cannot be.
  void fill_gap(const std::stop_token& stop) {
    const bool is_first_start = !cursor();
    net::Backoff backoff(owner_.options_.backoff, owner_.random_);
    bool was_cut = false;
    bool was_refused = false;
    for (int looks = 0; looks < 2;) {
      const auto outcome = fill_once(stop);
      if (stop.stop_requested()) return;
      const auto now = owner_.clock_.now();
      if (outcome) {
        was_cut = was_cut || outcome->was_cut;
        if (++looks == 1 && !owner_.clock_.sleep_for(owner_.options_.settle, stop)) return;
        continue;
      }
      const auto& error = outcome.error();
      // A sign-in that is void now may hold again: the gap stays open, and the mark where it was, for whoever
      // comes next.
      if (error.kind == ErrorKind::denied) {
        if (!was_refused) report_lost(fmt::format("what was missed cannot be read now: {}", error.safe));
        was_refused = true;
        if (!owner_.clock_.sleep_for(owner_.options_.retry_refused_after, stop)) return;
        continue;
      }
      if (error.kind != ErrorKind::unavailable && error.kind != ErrorKind::rate_limited) {
        report_lost(fmt::format("what was missed cannot be read: {}", error.safe));
        break;
      }
      log::warn("{}: filling the gap: {}", owner_.options_.kind.name(), error.message);
      if (!owner_.clock_.sleep_for(backoff.on_failure(now), stop)) return;
    }
    if (was_cut) report_lost("the time away was too long: not all that was missed was read");
    progress_.with([](Progress& progress) { progress.has_gap = false; });
    owner_.health_.update([&](ConnectorHealth& health) { health.gaps_filled += is_first_start ? 0 : 1; });
    owner_.health_.announce();
  }

  void report_lost(std::string text) {
    log::warn("{} {}: {}", owner_.api_.base_url(), owner_.options_.kind.name(), text);
    owner_.health_.update([&](ConnectorHealth& health) {
      ++health.gaps_cut;
      health.last_error = std::move(text);
    });
  }

  [[nodiscard]] std::optional<std::string> cursor() const {
    return cursor_.with([](const std::optional<std::string>& last) { return last; });
  }

  StreamConnector& owner_;
  std::stop_source& ending_;
  Guarded<Progress> progress_;
  Guarded<std::optional<std::string>>& cursor_ = owner_.cursor_;
  std::jthread filling_;
};

std::string connector_id(std::string_view base_url, const StreamKind& kind) {
  return fmt::format("{} {}", base_url, kind.name());
}

StreamConnector::StreamConnector(ApiClient& api, net::EventSource& events, EventSink& sink, Clock& clock,
                                 std::function<double()> random, StreamConnectorOptions options,
                                 std::function<void(const ConnectorHealth&)> on_change)
    : api_(api),
      events_(events),
      sink_(sink),
      clock_(clock),
      options_(std::move(options)),
      health_(
          [&] {
            ConnectorHealth health;
            health.id = connector_id(api.base_url(), options_.kind);
            health.instance = api.base_url();
            health.stream = options_.kind.name();
            health.since = clock.now();
            return health;
          }(),
          std::move(on_change)),
      backoff_(options_.backoff, random),
      random_(std::move(random)),
      filler_(api, options_.kind, options_.gap),
      cursor_(options_.cursor),
      seen_(std::make_unique<SeenStatuses>()) {
  seen_->memory.with([&](LatelySeen& seen) {
    for (const auto& [id, edited_at] : options_.handed_on) seen.add(SeenStatuses::key_of(id, edited_at));
  });
  options_.handed_on.clear();
}

StreamConnector::~StreamConnector() = default;

ConnectorHealth StreamConnector::health() const {
  auto health = health_.snapshot();
  health.rate_limit = api_.budget().view();
  return health;
}

Status StreamConnector::connect_once(const std::stop_token& stop) {
  if (options_.kind.needs_account() && api_.token().empty()) {
    return Error::of(ErrorKind::denied,
                     fmt::format("the stream {} needs a signed-in account: run: linnet account "
                                 "add mastodon {}",
                                 options_.kind.name(), api_.base_url()));
  }
  if (!live_) {
    LINNET_TRY(const auto instance, api_.instance(stop));
    auto live = options_.live;
    live.streaming_url = instance.streaming_url;
    live.token = api_.token();
    live.sign_in_hint = fmt::format("run: linnet account add mastodon {}", api_.base_url());
    live_ = std::make_unique<LiveStream>(events_, api_.budget(), clock_, std::move(live));
  }
  std::stop_source ending;
  const std::stop_callback pass_on(stop, [&] { ending.request_stop(); });
  Connection connection(*this, ending);
  LiveStreamHandlers handlers;
  handlers.on_open = [&](std::string_view transport) { connection.open(transport); };
  handlers.on_event = [&](LiveEvent event) { return connection.take(std::move(event)); };
  handlers.on_idle = [&] { return connection.idle(); };
  auto ended = live_->follow(options_.kind, handlers, ending.get_token());
  connection.close();
  return ended;
}

void StreamConnector::rest_after(const Error& error, const std::stop_token& stop) {
  const auto now = clock_.now();
  const bool is_refused = error.kind == ErrorKind::denied || error.kind == ErrorKind::not_found;
  const auto wait = backoff_.on_failure(now, is_refused ? options_.retry_refused_after : Duration{0});
  log::warn("{} {}: {}; trying again in {} s", api_.base_url(), options_.kind.name(), error.message,
            std::chrono::duration_cast<std::chrono::seconds>(wait).count());
  health_.update([](ConnectorHealth& health) { ++health.reconnects; });
  health_.enter(is_refused ? ConnectorState::failed : ConnectorState::backing_off, now, error.safe);
  // The server may have moved its streams elsewhere.
  static constexpr int kAskAgainAfter = 5;
  if (backoff_.failures() % kAskAgainAfter == 0) live_.reset();
  clock_.sleep_for(wait, stop);
}

void StreamConnector::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    health_.enter(ConnectorState::connecting, clock_.now(), health_.snapshot().last_error);
    const auto ended = connect_once(stop);
    if (stop.stop_requested()) break;
    if (const auto error = sink_error()) {
      health_.enter(ConnectorState::failed, clock_.now(),
                    fmt::format("what comes in cannot be stored: {}", error->safe));
      return;
    }
    rest_after(ended.error(), stop);
  }
  health_.enter(ConnectorState::stopped, clock_.now());
}

}  // namespace linnet::connect::mastodon
