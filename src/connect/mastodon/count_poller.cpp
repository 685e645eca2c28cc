#include "connect/mastodon/count_poller.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_text.hpp"
#include "base/log.hpp"
#include "connect/event_line.hpp"
#include "connect/mastodon/poll_schedule.hpp"

namespace linnet::connect::mastodon {
namespace {

constexpr std::string_view kYoungPosts =
    R"(SELECT id, created_at, last_extracted_at FROM posts
       WHERE instance_id = $1 AND created_at > $2 AND created_at <= $3 AND deleted_at IS NULL
         AND reblog_of_id IS NULL AND (visibility IS NULL OR visibility <> 'direct') ORDER BY created_at)";

// So many by themselves, one after the other: then it is the server that has trouble.
constexpr int kMostInARow = 3;

bool concerns_all(const Error& error) {
  return error.kind == ErrorKind::cancelled || error.kind == ErrorKind::rate_limited;
}

// The first time at the next look, then later and later.
Duration wait_after(int failures) {
  if (failures < 2) return Duration{0};
  return std::min<Duration>(std::chrono::minutes(1) * (1 << std::min(failures - 2, 10)),
                            std::chrono::hours{6});
}

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
        auto due = next_poll(row.instant(1), last_read, id);
        if (!due) return;
        due = not_before(std::string(id), *due);
        if (*due > horizon) return;
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
  std::erase_if(trouble_, [&](const auto& one) { return now - one.second.last > kPolledFor; });
  loaded_at_ = now;
  figures_.with([&](CountPollerFigures& figures) { figures.waiting = queue_.size(); });
  return {};
}

Result<std::size_t> CountPoller::poll_due(const std::stop_token& stop) {
  std::size_t polled = 0;
  Round round;
  Status done;
  while (done && !stop.stop_requested()) {
    const auto now = clock_.now();
    LINNET_CHECK(reload(now));
    if (queue_.empty() || queue_.top().at > now) break;
    const auto oldest = queue_.top().at;
    auto taken = take_batch(now);
    if (!trouble_.contains(taken.front().id) && taken.size() < batch_size() &&
        now - oldest < options_.fill_up_for) {
      for (auto& due : taken) queue_.push(std::move(due));
      break;
    }
    const auto size = taken.size();
    const auto failed_before = round.failed.size();
    done = poll_apart(std::move(taken), stop, round);
    if (done) polled += size - (round.failed.size() - failed_before);
    figures_.with([&](CountPollerFigures& figures) { figures.waiting = queue_.size(); });
  }
  for (auto& due : round.failed) queue_.push({not_before(due.id, due.at), std::move(due.id)});
  if (stop.stop_requested()) return Error::of(ErrorKind::cancelled, "stopped");
  if (!done) return done.error();
  if (round.error && polled == 0) return *round.error;
  figures_.with([&](CountPollerFigures& figures) {
    if (round.error) ++figures.errors;
    if (round.error || polled > 0) figures.last_error = round.error ? round.error->safe : std::string();
  });
  return polled;
}

std::vector<CountPoller::Due> CountPoller::take_batch(Instant now) {
  std::vector<Due> taken;
  while (!queue_.empty() && queue_.top().at <= now && taken.size() < batch_size()) {
    // What failed before goes by itself.
    const bool is_troubled = trouble_.contains(queue_.top().id);
    if (is_troubled && !taken.empty()) break;
    taken.push_back(queue_.top());
    queue_.pop();
    if (is_troubled) break;
  }
  return taken;
}

Status CountPoller::poll_apart(std::vector<Due> batch, const std::stop_token& stop, Round& round) {
  std::vector<std::string> ids;
  ids.reserve(batch.size());
  for (const auto& due : batch) ids.push_back(due.id);
  round.left_out.clear();
  auto done = poll(ids, stop, round);
  if (done) {
    for (auto& due : batch) {
      if (round.left_out.contains(due.id)) {
        round.failed.push_back(std::move(due));
      } else {
        trouble_.erase(due.id);
      }
    }
    round.in_a_row = 0;
    return {};
  }
  const bool is_alone = batch.size() == 1;
  const bool ends_round =
      sink_is_closed_ || concerns_all(done.error()) || (!is_alone && done.error().kind == ErrorKind::denied);
  if (ends_round) {
    for (auto& due : batch) queue_.push(std::move(due));
    return done;
  }
  if (is_alone) {
    note_trouble(batch.front().id, done.error());
    round.error = done.error();
    round.failed.push_back(std::move(batch.front()));
    return ++round.in_a_row >= kMostInARow ? done : Status();
  }
  const auto middle = batch.begin() + static_cast<std::ptrdiff_t>(batch.size() / 2);
  std::vector<Due> rest(std::make_move_iterator(middle), std::make_move_iterator(batch.end()));
  batch.erase(middle, batch.end());
  done = poll_apart(std::move(batch), stop, round);
  if (done) return poll_apart(std::move(rest), stop, round);
  for (auto& due : rest) queue_.push(std::move(due));
  return done;
}

void CountPoller::note_trouble(const std::string& id, const Error& error) {
  auto& trouble = trouble_[id];
  trouble.last = clock_.now();
  if (++trouble.failures == 1) log::warn("counts of the post {} on {}: {}", id, api_.base_url(), error.safe);
}

Instant CountPoller::not_before(const std::string& id, Instant due) const {
  const auto found = trouble_.find(id);
  if (found == trouble_.end()) return due;
  return std::max(due, found->second.last + wait_after(found->second.failures));
}

Status CountPoller::poll(const std::vector<std::string>& ids, const std::stop_token& stop, Round& round) {
  LINNET_TRY(const auto batch, api_.statuses(ids, Priority::background, stop));
  const auto now = clock_.now();
  std::vector<std::string> lines;
  for (const auto& status : batch.statuses) {
    lines.push_back(make_event_line(now, "update", status.json));
    missing_since_.erase(status.id);
  }
  const auto found = batch.statuses.size();
  if (!batch.missing.empty()) LINNET_CHECK(look_for_missing(batch, stop, found, lines, round));
  if (!lines.empty()) {
    auto taken = sink_.accept(std::move(lines), std::nullopt);
    if (!taken) {
      sink_is_closed_ = true;
      return taken;
    }
  }
  for (const auto& id : ids) {
    if (!round.left_out.contains(id)) polled_[id] = now;
  }
  figures_.with([&](CountPollerFigures& figures) {
    figures.polled += found;
    ++figures.calls;
  });
  return {};
}

// A batch leaves out what is deleted, and on some servers what it does not care to load.
Status CountPoller::look_for_missing(const ApiClient::Batch& batch, const std::stop_token& stop,
                                     std::size_t found, std::vector<std::string>& lines, Round& round) {
  std::size_t wrongly_missing = 0;
  for (const auto& id : batch.missing) {
    const auto now = clock_.now();
    bool is_gone = std::find(batch.gone.begin(), batch.gone.end(), id) != batch.gone.end();
    if (!batch.one_by_one) {
      const auto alone = api_.statuses_one_by_one({id}, Priority::background, stop);
      if (!alone && concerns_all(alone.error())) return alone.error();
      if (!alone) {
        // It neither is there nor is it not; the others of the batch were read.
        note_trouble(id, alone.error());
        round.left_out.insert(id);
        round.error = alone.error();
        continue;
      }
      if (!alone->statuses.empty()) {
        lines.push_back(make_event_line(now, "update", alone->statuses.front().json));
        missing_since_.erase(id);
        ++wrongly_missing;
        continue;
      }
      is_gone = !alone->gone.empty();
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

}  // namespace linnet::connect::mastodon
