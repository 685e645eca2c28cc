// The queue between threads: order, back-pressure and the end.
#include "base/bounded_queue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <numeric>
#include <thread>

namespace linnet {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(BoundedQueue, hands_out_in_order) {
  BoundedQueue<int> queue(3);
  EXPECT_TRUE(queue.push(1));
  EXPECT_TRUE(queue.push(2));
  EXPECT_EQ(queue.size(), 2U);
  EXPECT_EQ(queue.pop(), 1);
  EXPECT_EQ(queue.pop(), 2);
  EXPECT_EQ(queue.size(), 0U);
}

TEST(BoundedQueue, what_is_queued_outlives_the_close) {
  BoundedQueue<int> queue(3);
  queue.push(1);
  queue.close();
  EXPECT_FALSE(queue.push(2));
  EXPECT_EQ(queue.pop(), 1);
  EXPECT_EQ(queue.pop(), std::nullopt);
  EXPECT_THAT(queue.pop_batch(5, Duration{0}), IsEmpty());
}

TEST(BoundedQueue, a_batch_is_no_larger_than_asked) {
  BoundedQueue<int> queue(10);
  for (int i = 0; i < 5; ++i) queue.push(i);
  EXPECT_THAT(queue.pop_batch(3, std::chrono::seconds{60}), ElementsAre(0, 1, 2));
  EXPECT_THAT(queue.pop_batch(3, Duration{0}), ElementsAre(3, 4));
}

TEST(BoundedQueue, a_full_queue_makes_its_producer_wait) {
  BoundedQueue<int> queue(2);
  constexpr int kItems = 2'000;
  std::atomic<int> pushed = 0;
  std::jthread producer([&] {
    for (int i = 0; i < kItems; ++i) {
      queue.push(i);
      ++pushed;
    }
  });
  for (int i = 0; i < kItems; ++i) {
    ASSERT_EQ(queue.pop(), i);
    // Two queued, one taken by now, and one push that may have returned since.
    ASSERT_LE(pushed.load(), i + 4);
  }
}

TEST(BoundedQueue, closing_wakes_everyone) {
  BoundedQueue<int> full(1);
  full.push(1);
  BoundedQueue<int> empty(1);
  std::atomic<int> refused = 0;
  std::atomic<int> ended = 0;
  {
    std::jthread producer([&] { refused += full.push(2) ? 0 : 1; });
    std::jthread consumer([&] { ended += empty.pop() ? 0 : 1; });
    std::jthread batches([&] { ended += empty.pop_batch(4, std::chrono::seconds{60}).empty() ? 1 : 0; });
    while (full.waiting() < 1 || empty.waiting() < 2) std::this_thread::yield();
    full.close();
    empty.close();
  }
  EXPECT_EQ(refused, 1);
  EXPECT_EQ(ended, 2);
}

TEST(BoundedQueue, loses_and_repeats_nothing_between_many_threads) {
  BoundedQueue<int> queue(8);
  constexpr int kProducers = 4;
  constexpr int kEach = 5'000;
  std::atomic<std::int64_t> sum = 0;
  std::atomic<int> count = 0;
  std::vector<std::jthread> consumers;
  for (int i = 0; i < 3; ++i) {
    consumers.emplace_back([&] {
      for (auto batch = queue.pop_batch(7, Duration{0}); !batch.empty();
           batch = queue.pop_batch(7, Duration{0})) {
        sum += std::accumulate(batch.begin(), batch.end(), std::int64_t{0});
        count += static_cast<int>(batch.size());
      }
    });
  }
  {
    std::vector<std::jthread> producers;
    for (int p = 0; p < kProducers; ++p) {
      producers.emplace_back([&queue, p] {
        for (int i = 0; i < kEach; ++i) queue.push(p * kEach + i);
      });
    }
  }
  queue.close();
  consumers.clear();
  constexpr std::int64_t kAll = kProducers * kEach;
  EXPECT_EQ(count, kAll);
  EXPECT_EQ(sum, kAll * (kAll - 1) / 2);
}

}  // namespace
}  // namespace linnet
