#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/instant.hpp"

namespace linnet {

// A queue between threads that holds at most `capacity` items: a producer that is too fast waits
// (back-pressure). Thread-safe for any number of producers and consumers.
template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  // Waits for room. False, and the item is dropped, once the queue is closed.
  bool push(T item) {
    std::unique_lock lock(mutex_);
    ++waiting_;
    has_room_.wait(lock, [&] { return closed_ || items_.size() < capacity_; });
    --waiting_;
    if (closed_) return false;
    items_.push_back(std::move(item));
    has_items_.notify_one();
    return true;
  }

  // Waits for an item; nullopt once the queue is closed and empty.
  std::optional<T> pop() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    has_items_.wait(lock, [&] { return closed_ || !items_.empty(); });
    --waiting_;
    if (items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    has_room_.notify_one();
    return item;
  }

  // Waits up to `patience` for an item; nullopt when none came, or the queue is closed and empty.
  std::optional<T> try_pop(Duration patience) {
    std::unique_lock lock(mutex_);
    if (items_.empty() && patience > Duration{0}) {
      has_items_.wait_for(lock, patience, [&] { return closed_ || !items_.empty(); });
    }
    if (items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    has_room_.notify_one();
    return item;
  }

  // Waits for the first item, then up to `linger` until there are `most`; empty once closed and drained.
  std::vector<T> pop_batch(std::size_t most, Duration linger) {
    std::unique_lock lock(mutex_);
    ++waiting_;
    has_items_.wait(lock, [&] { return closed_ || !items_.empty(); });
    --waiting_;
    if (linger > Duration{0} && items_.size() < most) {
      has_items_.wait_for(lock, linger, [&] { return closed_ || items_.size() >= most; });
    }
    std::vector<T> batch;
    while (!items_.empty() && batch.size() < most) {
      batch.push_back(std::move(items_.front()));
      items_.pop_front();
    }
    has_room_.notify_all();
    return batch;
  }

  // No more items are taken; what is queued is still handed out.
  void close() {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    has_room_.notify_all();
    has_items_.notify_all();
  }

  [[nodiscard]] std::size_t size() const {
    const std::scoped_lock lock(mutex_);
    return items_.size();
  }

  // How many wait for room or for a first item, now.
  [[nodiscard]] int waiting() const {
    const std::scoped_lock lock(mutex_);
    return waiting_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable has_room_;
  std::condition_variable has_items_;
  std::deque<T> items_;
  const std::size_t capacity_;
  bool closed_ = false;
  int waiting_ = 0;
};

}  // namespace linnet
