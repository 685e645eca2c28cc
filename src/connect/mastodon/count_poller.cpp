#include "connect/mastodon/count_poller.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "base/log.hpp"
#include "connect/event_line.hpp"
#include "connect/mastodon/poll_schedule.hpp"
#include "net/backoff.hpp"

namespace linnet::connect::mastodon {
namespace {

constexpr std::string_view kYoungPosts =
    "SELECT id, created_at, last_extracted_at FROM posts "
    "WHERE instance_id = $1 AND created_at > $2 AND created_at <= $3 AND deleted_at IS NULL "
    "AND reblog_of_id IS NULL AND (visibility IS NULL OR visibility <> 'direct') ORDER BY created_at";

constexpr Duration kTick = std::chrono::seconds{5};

}  // namespace

CountPoller::CountPoller(ApiClient& api, store::Database& database, InstanceId instance, EventSink& sink,
                         Clock& clock, CountPollerOptions options)
    : api_(api), database_(database), instance_(instance), sink_(sink), clock_(clock), options_(options) {}

CountPollerFigures CountPoller::figures() const {
  return figures_.with([](const CountPollerFigures& figures) { return figures; });
}

std::size_t CountPoller::batch_size() const {
  return std::max<std::size_t>(1, std::min(options_.batch, api_.batch_limit()));
}

Status CountPoller::reload(Instant now) {
  if (loaded_at_ && now - *loaded_at_ < options_.reload_every) return {};
  const auto horizon = now + options_.reload_every;
  // Of those that are due before the horizon, the ones due longest: the greatest is thrown out first.
  std::priority_queue<Due> kept;
  LINNET_TRY(auto reader, database_.reader());
  LINNET_CHECK(store::for_each_row(
      *reader, kYoungPosts,
      {instance_.value(), to_micros(now - kPolledFor - std::chrono::hours{6}), to_micros(now)},
      [&](const store::Statement& row) {
        const auto id = row.text(0);
        auto last_read = row.instant(2);
        if (const auto known = polled_.find(std::string(id)); known != polled_.end()) {
          last_read = std::max(last_read, known->second);
        }
        const auto due = next_poll(row.instant(1), last_read, id);
        if (!due || *due > horizon) return;
        if (kept.size() >= options_.queue_limit && !(*due < kept.top().at)) return;
        kept.push({*due, std::string(id)});
        if (kept.size() > options_.queue_limit) kept.pop();
      }));
  queue_ = {};
  for (; !kept.empty(); kept.pop()) queue_.push(kept.top());
  // The tables have what was read before the last reload.
  if (loaded_at_)
    std::erase_if(polled_, [&](const auto& one) { return now - one.second > std::chrono::hours{1}; });
  std::erase_if(missing_since_, [&](const auto& one) { return now - one.second > kPolledFor; });
  loaded_at_ = now;
  figures_.with([&](CountPollerFigures& figures) { figures.waiting = queue_.size(); });
  return {};
}

Result<std::size_t> CountPoller::poll_due(const std::stop_token& stop) {
  std::size_t polled = 0;
  while (!stop.stop_requested()) {
    const auto now = clock_.now();
    LINNET_CHECK(reload(now));
    if (queue_.empty() || queue_.top().at > now) return polled;
    std::vector<std::string> ids;
    const auto oldest = queue_.top().at;
    std::vector<Due> taken;
    while (!queue_.empty() && queue_.top().at <= now && ids.size() < batch_size()) {
      taken.push_back(queue_.top());
      ids.push_back(queue_.top().id);
      queue_.pop();
    }
    const bool may_fill_up = ids.size() < batch_size() && now - oldest < options_.fill_up_for;
    auto done = may_fill_up ? Status() : poll(ids, stop);
    if (may_fill_up || !done) {
      for (auto& due : taken) queue_.push(std::move(due));
      if (!done) return done.error();
      return polled;
    }
    polled += ids.size();
    figures_.with([&](CountPollerFigures& figures) { figures.waiting = queue_.size(); });
  }
  return Error::of(ErrorKind::cancelled, "stopped");
}

Status CountPoller::poll(const std::vector<std::string>& ids, const std::stop_token& stop) {
  LINNET_TRY(const auto batch, api_.statuses(ids, Priority::background, stop));
  const auto now = clock_.now();
  std::vector<std::string> lines;
  for (const auto& status : batch.statuses) {
    lines.push_back(make_event_line(now, "update", status.json));
    missing_since_.erase(status.id);
  }
  const auto found = batch.statuses.size();
  if (!batch.missing.empty()) LINNET_CHECK(look_for_missing(batch, stop, found, lines));
  if (!lines.empty()) {
    auto taken = sink_.accept(std::move(lines), std::nullopt);
    if (!taken) {
      sink_is_closed_ = true;
      return taken;
    }
  }
  for (const auto& id : ids) polled_[id] = now;
  figures_.with([&](CountPollerFigures& figures) {
    figures.polled += found;
    ++figures.calls;
  });
  return {};
}

// A batch leaves out what is deleted, and on some servers what it does not care to load.
Status CountPoller::look_for_missing(const ApiClient::Batch& batch, const std::stop_token& stop,
                                     std::size_t found, std::vector<std::string>& lines) {
  std::size_t wrongly_missing = 0;
  for (const auto& id : batch.missing) {
    const auto now = clock_.now();
    bool is_gone = std::find(batch.gone.begin(), batch.gone.end(), id) != batch.gone.end();
    if (!batch.one_by_one) {
      LINNET_TRY(const auto alone, api_.statuses_one_by_one({id}, Priority::background, stop));
      if (!alone.statuses.empty()) {
        lines.push_back(make_event_line(now, "update", alone.statuses.front().json));
        missing_since_.erase(id);
        ++wrongly_missing;
        continue;
      }
      is_gone = !alone.gone.empty();
    }
    if (!is_deleted(id, is_gone, found + wrongly_missing > 0, now)) continue;
    lines.push_back(make_event_line(now, "delete", json_quote(id)));
    missing_since_.erase(id);
    figures_.with([](CountPollerFigures& figures) { ++figures.deleted; });
  }
  if (wrongly_missing > 0 && wrongly_missing >= batch.missing.size() / 2) api_.distrust_batches();
  return {};
}

bool CountPoller::is_deleted(const std::string& id, bool is_gone, bool server_shows_others, Instant now) {
  if (is_gone) return true;
  const auto [known, is_first] = missing_since_.try_emplace(id, now);
  if (!server_shows_others) return false;
  return !is_first && now - known->second >= options_.confirm_missing_after;
}

void CountPoller::run(const std::stop_token& stop) {
  net::Backoff backoff({}, [] { return 1.0; });
  while (!stop.stop_requested()) {
    const auto polled = poll_due(stop);
    if (stop.stop_requested() || sink_is_closed_) return;
    auto wait = kTick;
    if (!polled) {
      figures_.with([&](CountPollerFigures& figures) {
        ++figures.errors;
        figures.last_error = polled.error().safe;
      });
      log::warn("reading counts from {}: {}", api_.base_url(), polled.error().message);
      wait = std::max(wait, backoff.on_failure(clock_.now()));
    } else if (*polled > 0) {
      backoff = net::Backoff({}, [] { return 1.0; });
      figures_.with([](CountPollerFigures& figures) { figures.last_error.clear(); });
    }
    clock_.sleep_for(wait, stop);
  }
}

}  // namespace linnet::connect::mastodon
