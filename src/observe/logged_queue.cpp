#include "observe/logged_queue.hpp"

#include <algorithm>
#include <chrono>

namespace linnet::observe {
namespace {

constexpr auto kRoomPatience = std::chrono::seconds(2);
constexpr auto kLinger = std::chrono::milliseconds(50);
constexpr std::size_t kFewEvents = 1'000;  // fewer wait a moment for more
constexpr std::size_t kMostBytes = 64U << 20U;

}  // namespace

LoggedQueue::LoggedQueue(std::size_t most_events, EventId applied, EventId logged)
    : most_events_(most_events), applied_(applied), logged_(logged), is_behind_(logged > applied) {}

bool LoggedQueue::has_room(const LoggedBatch& batch) const {
  return batches_.empty() ||
         (events_ + batch.events.size() <= most_events_ && bytes_ + batch.bytes <= kMostBytes);
}

void LoggedQueue::add(std::unique_ptr<LoggedBatch> batch) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kRoomPatience,
                    [&] { return has_room(*batch) || is_behind_ || held_up_ > 0 || failure_ || is_closed_; });
  logged_ = std::max(logged_, batch->events.back().id);
  is_behind_ = is_behind_ || !has_room(*batch);
  if (!is_behind_) {
    events_ += batch->events.size();
    bytes_ += batch->bytes;
    batches_.push_back(std::move(batch));
  }
  changed_.notify_all();
}

void LoggedQueue::hear_of(EventId logged) {
  const std::scoped_lock lock(mutex_);
  if (logged <= logged_) return;
  logged_ = logged;
  is_behind_ = true;
  changed_.notify_all();
}

void LoggedQueue::add_waiting(std::promise<Status> waiting) {
  const std::scoped_lock lock(mutex_);
  if (failure_) {
    waiting.set_value(*failure_);
  } else if (applied_ >= logged_) {
    waiting.set_value({});
  } else {
    waiting_.push_back({logged_, std::move(waiting)});
    changed_.notify_all();
  }
}

LoggedQueue::Batches LoggedQueue::take_batches(std::size_t most) {
  Batches taken;
  std::size_t events = 0;
  while (!batches_.empty() && (taken.empty() || events + batches_.front()->events.size() <= most)) {
    events += batches_.front()->events.size();
    bytes_ -= batches_.front()->bytes;
    taken.push_back(std::move(batches_.front()));
    batches_.pop_front();
  }
  events_ -= events;
  changed_.notify_all();
  return taken;
}

std::optional<LoggedQueue::Work> LoggedQueue::take(std::size_t most) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return has_work() || is_closed_; });
  if (!has_work()) return std::nullopt;
  if (batches_.empty()) return Work{{}, logged_};
  // The more posts a transaction holds, the fewer times the same pages of accounts and indexes are written.
  const auto suffices = [&] {
    return events_ >= kFewEvents || is_behind_ || is_closed_ || !waiting_.empty();
  };
  changed_.wait_for(lock, kLinger, suffices);
  return Work{take_batches(most), {}};
}

void LoggedQueue::applied(EventId up_to) {
  const std::scoped_lock lock(mutex_);
  applied_ = std::max(applied_, up_to);
  if (applied_ >= logged_) is_behind_ = false;
  const auto done = std::stable_partition(waiting_.begin(), waiting_.end(),
                                          [&](const Waiting& waiting) { return waiting.up_to > applied_; });
  for (auto waiting = done; waiting != waiting_.end(); ++waiting) waiting->told.set_value({});
  waiting_.erase(done, waiting_.end());
}

void LoggedQueue::hold_up(int change) {
  const std::scoped_lock lock(mutex_);
  held_up_ += change;
  changed_.notify_all();
}

void LoggedQueue::fail(const Error& error) {
  const std::scoped_lock lock(mutex_);
  if (!failure_) failure_ = error;
  for (auto& waiting : waiting_) waiting.told.set_value(error);
  waiting_.clear();
  changed_.notify_all();
}

void LoggedQueue::close() {
  const std::scoped_lock lock(mutex_);
  is_closed_ = true;
  changed_.notify_all();
}

}  // namespace linnet::observe
