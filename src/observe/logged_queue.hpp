// What is in the log already, on its way to the tables. It never holds the log up: what finds no room here is
// read from the log again.
#pragma once

#include <condition_variable>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/arena.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "model/sighting.hpp"

namespace linnet::observe {

struct LoggedBatch {
  Arena arena;
  std::vector<model::Event> events;
  std::size_t bytes = 0;  // of their lines
};

// One thread adds, one takes. Thread-safe.
class LoggedQueue {
 public:
  using Batches = std::vector<std::unique_ptr<LoggedBatch>>;
  struct Work {
    Batches batches;  // in the order of the log
    EventId up_to{};  // without batches: so far the log is to be read
  };

  LoggedQueue(std::size_t most_events, EventId applied, EventId logged);

  // Adds events that were logged; waits a moment for room while their taker keeps up.
  void add(std::unique_ptr<LoggedBatch> batch);
  // Another logged up to here, and it is to be applied by whoever takes from here.
  void hear_of(EventId logged);
  // Is told once everything that was added before is in the tables, or never will be.
  void add_waiting(std::promise<Status> waiting);

  // What is to be applied next, at most about `most` events, waiting for it; nullopt once closed. A few
  // events wait a moment for more.
  std::optional<Work> take(std::size_t most);
  // The tables hold everything up to here.
  void applied(EventId up_to);

  // While any of these lives, the tables are held up, and nobody waits for room.
  class HoldUp {
   public:
    explicit HoldUp(LoggedQueue& queue) : queue_(queue) { queue_.hold_up(1); }
    ~HoldUp() { queue_.hold_up(-1); }
    HoldUp(const HoldUp&) = delete;
    HoldUp& operator=(const HoldUp&) = delete;

   private:
    LoggedQueue& queue_;
  };
  void fail(const Error& error);
  void close();

 private:
  struct Waiting {
    EventId up_to;
    std::promise<Status> told;
  };

  [[nodiscard]] bool has_room(const LoggedBatch& batch) const;
  [[nodiscard]] bool has_work() const { return !batches_.empty() || logged_ > applied_; }
  Batches take_batches(std::size_t most);
  void hold_up(int change);

  const std::size_t most_events_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<LoggedBatch>> batches_;
  std::size_t events_ = 0;
  std::size_t bytes_ = 0;
  EventId applied_;
  EventId logged_;
  bool is_behind_;   // something was left out, and is not applied yet
  int held_up_ = 0;  // by how many
  bool is_closed_ = false;
  std::optional<Error> failure_;
  std::vector<Waiting> waiting_;
};

}  // namespace linnet::observe
