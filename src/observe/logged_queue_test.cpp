#include "observe/logged_queue.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace linnet::observe {
namespace {

std::unique_ptr<LoggedBatch> batch_of(std::int64_t event) {
  auto batch = std::make_unique<LoggedBatch>();
  batch->events.emplace_back().id = EventId(event);
  return batch;
}

// A replay and an obstacle hold the tables up at once; one that ends does not end the other.
TEST(LoggedQueue, NobodyWaitsForRoomWhileAnyoneHoldsTheTablesUp) {
  LoggedQueue queue(1, EventId(0), EventId(0));
  queue.add(batch_of(1));
  const LoggedQueue::HoldUp replay(queue);
  { const LoggedQueue::HoldUp obstacle(queue); }
  const auto begin = std::chrono::steady_clock::now();
  queue.add(batch_of(2));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
}

TEST(LoggedQueue, WithoutThatRoomIsWaitedForAWhile) {
  LoggedQueue queue(1, EventId(0), EventId(0));
  queue.add(batch_of(1));
  { const LoggedQueue::HoldUp over(queue); }
  const auto begin = std::chrono::steady_clock::now();
  queue.add(batch_of(2));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
}

}  // namespace
}  // namespace linnet::observe
