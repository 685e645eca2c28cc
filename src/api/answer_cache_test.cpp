#include "api/answer_cache.hpp"

#include <gtest/gtest.h>

namespace linnet::api {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Instant kNow(std::chrono::hours(1'000));

AnswerCache::Body body_of(std::size_t bytes) {
  return std::make_shared<const std::string>(bytes, 'x');
}

TEST(AnswerCache, GivesAnAnswerAgainForAMoment) {
  AnswerCache cache;
  cache.put("/a", body_of(3), kNow);
  EXPECT_NE(cache.find("/a", kNow + milliseconds(999)), nullptr);
  EXPECT_EQ(cache.find("/a", kNow + seconds(1)), nullptr);
  EXPECT_EQ(cache.find("/a", kNow - seconds(1)), nullptr) << "a clock that jumped back";
  EXPECT_EQ(cache.find("/b", kNow), nullptr);
  cache.put("/a", body_of(5), kNow + seconds(1));
  EXPECT_EQ(cache.find("/a", kNow + seconds(1))->size(), 5U);
}

TEST(AnswerCache, HoldsNoMoreThanItsBytes) {
  AnswerCache cache;
  for (int i = 0; i < 200; ++i) {
    cache.put("/" + std::to_string(i), body_of(AnswerCache::kLargest / 2), kNow);
    EXPECT_LE(cache.bytes(), AnswerCache::kMostBytes);
  }
  EXPECT_NE(cache.find("/199", kNow), nullptr) << "the oldest went";
  EXPECT_EQ(cache.find("/0", kNow), nullptr);
  for (int i = 0; i < 200'000; ++i) cache.put("/tiny" + std::to_string(i), body_of(2), kNow);
  EXPECT_LE(cache.bytes(), AnswerCache::kMostBytes) << "what is around each counts as well";
}

TEST(AnswerCache, ALargeAnswerIsNotKept) {
  AnswerCache cache;
  cache.put("/a", body_of(AnswerCache::kLargest), kNow);
  EXPECT_EQ(cache.find("/a", kNow), nullptr);
  EXPECT_EQ(cache.bytes(), 0U);
}

TEST(AnswerCache, GivesItsMemoryBack) {
  AnswerCache cache;
  for (int i = 0; i < 10; ++i) cache.put("/" + std::to_string(i), body_of(1000), kNow);
  cache.tidy(kNow + milliseconds(500));
  EXPECT_GT(cache.bytes(), 10'000U);
  cache.tidy(kNow + seconds(2));
  EXPECT_EQ(cache.bytes(), 0U);
}

}  // namespace
}  // namespace linnet::api
