// What may be asked a minute and spent a month, whoever asks: also two processes at once.
#include "llm/limits.hpp"

#include <atomic>
#include <thread>

#include "llm/door_fixture.hpp"

namespace linnet::llm {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class LimitsTest : public DoorFixture {
 protected:
  std::optional<Refusal> take(const Provider& provider, std::int64_t tokens = 1) {
    std::optional<Refusal> refusal;
    const auto done = writer_->write([&](store::Connection& connection) -> Status {
      LINNET_TRY(refusal, take_from_limits(connection, provider, tokens));
      return {};
    });
    EXPECT_TRUE(done) << done.error().message;
    return refusal;
  }
  Provider provider(std::optional<std::int64_t> requests, std::optional<std::int64_t> tokens = {}) {
    ProviderChange given;
    given.requests_per_minute = requests;
    given.tokens_per_minute = tokens;
    add("mlx::one", given);
    auto reader = (*database_)->reader();
    return find_provider(**reader, "mlx::one").value();
  }
  void fail(const Failure& failure) {
    ASSERT_TRUE(writer_->write(
        [&](store::Connection& connection) { return note_failure(connection, "mlx::one", failure, 1.0); }));
  }
  ProviderHealth health() {
    auto reader = (*database_)->reader();
    return list_health(**reader).value().front();
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, LimitsTest, testing::Values(store::Engine::sqlite, store::Engine::postgres),
                         test::engine_name);

TEST_P(LimitsTest, AMinutesRequestsAreGoneWhenTheyWereMade) {
  const auto limited = provider(3);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(take(limited)) << i;
  const auto refused = take(limited);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->obstacle, Obstacle::requests);
  EXPECT_GT(refused->wait, seconds(15));
  EXPECT_LE(refused->wait, seconds(20)) << "a third of a minute";
  execute("UPDATE llm_buckets SET filled_at = filled_at - 20000000");
  EXPECT_FALSE(take(limited));
  EXPECT_TRUE(take(limited));
  execute("UPDATE llm_buckets SET filled_at = filled_at - 3600000000");
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(take(limited)) << "an hour does not save up more than a minute's";
  EXPECT_TRUE(take(limited));
}

TEST_P(LimitsTest, TokensAreCountedAndCorrected) {
  const auto limited = provider({}, 1'000);
  EXPECT_FALSE(take(limited, 600));
  const auto refused = take(limited, 600);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->obstacle, Obstacle::tokens);
  ASSERT_TRUE(writer_->write(
      [&](store::Connection& connection) { return correct_tokens(connection, limited, -500); }));
  EXPECT_FALSE(take(limited, 600)) << "it took fewer than was thought";
  EXPECT_TRUE(take(limited, 5'000)) << "more than a minute's worth waits for a full bucket";
  execute("UPDATE llm_buckets SET filled_at = filled_at - 60000000");
  EXPECT_FALSE(take(limited, 5'000));
}

TEST_P(LimitsTest, WhoFailsIsLeftAloneAndThenTriedByOne) {
  const auto one = provider({});
  fail({"away", true, {}});
  fail({"away", true, {}});
  EXPECT_FALSE(take(one)) << "two failures are none yet";
  fail({"away", true, {}});
  const auto refused = take(one);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->obstacle, Obstacle::circuit);
  EXPECT_LE(refused->wait, seconds(8));
  EXPECT_EQ(health().failures, 3);
  execute("UPDATE llm_health SET open_until = 1");
  EXPECT_FALSE(take(one)) << "one tries it";
  EXPECT_TRUE(take(one)) << "the others wait for what it finds";
  ASSERT_TRUE(writer_->write(
      [&](store::Connection& connection) { return note_answer(connection, "mlx::one", seconds(1)); }));
  EXPECT_FALSE(take(one));
  EXPECT_FALSE(take(one));
  for (int i = 0; i < 40; ++i) fail({"away", true, {}});
  EXPECT_LE(take(one)->wait, kLongestOpen);
}

TEST_P(LimitsTest, WhoAsksToBeLeftAloneIs) {
  const auto one = provider({});
  fail({"too many", false, seconds(90)});
  const auto refused = take(one);
  ASSERT_TRUE(refused);
  EXPECT_GT(refused->wait, seconds(80));
  EXPECT_EQ(health().failures, 0) << "it is no failure of its own";
}

TEST_P(LimitsTest, NothingIsReservedBeyondTheBudget) {
  set_limit(1'000);
  const auto reserve_one = [&](std::int64_t micros) {
    bool has_room = false;
    EXPECT_TRUE(writer_->write([&](store::Connection& connection) -> Status {
      LINNET_TRY(has_room, reserve(connection, "2026-08", micros));
      return {};
    }));
    return has_room;
  };
  EXPECT_TRUE(reserve_one(0)) << "what costs nothing needs no budget";
  EXPECT_TRUE(reserve_one(600));
  EXPECT_FALSE(reserve_one(500));
  EXPECT_TRUE(reserve_one(400));
  EXPECT_EQ(budget().reserved_micros, 1'000);
  ASSERT_TRUE(
      writer_->write([&](store::Connection& connection) { return settle(connection, "2026-08", 600, 100); }));
  EXPECT_EQ(budget().spent_micros, 100);
  EXPECT_EQ(budget().reserved_micros, 400);
  EXPECT_TRUE(reserve_one(500));
  EXPECT_FALSE(reserve_one(1));
}

// Each opens the database for itself, as two programs do.
TEST_P(LimitsTest, TwoProcessesTogetherNeverPassTheBudget) {
  if (GetParam() == store::Engine::sqlite) GTEST_SKIP() << "one program works on an embedded database";
  constexpr std::int64_t kLimit = 100'000;
  set_limit(kLimit);
  std::atomic<std::int64_t> reserved{0};
  std::atomic<std::int64_t> most{0};
  const auto work = [&](unsigned seed) {
    auto own = store::open_database(database_->location()).value();
    auto writer = store::Writer::start(*own).value();
    unsigned random = seed;
    for (int i = 0; i < 150; ++i) {
      random = random * 1'664'525U + 1'013'904'223U;
      const std::int64_t micros = 1 + random % 3'000;
      bool has_room = false;
      const auto done = writer->write([&](store::Connection& connection) -> Status {
        LINNET_TRY(has_room, reserve(connection, "2026-08", micros));
        return {};
      });
      ASSERT_TRUE(done) << done.error().message;
      if (!has_room) continue;
      reserved += micros;
      most = std::max(most.load(), reserved.load());
      // Some turn out to cost nothing, so that there is room again for whoever looks first.
      if (random % 3 != 0) continue;
      reserved -= micros;
      ASSERT_TRUE(writer->write(
          [&](store::Connection& connection) { return settle(connection, "2026-08", micros, 0); }));
    }
  };
  {
    std::jthread one(work, 1U);
    std::jthread other(work, 2U);
  }
  EXPECT_EQ(budget().reserved_micros, reserved.load());
  EXPECT_LE(budget().reserved_micros, kLimit);
  EXPECT_GT(most.load(), kLimit / 2) << "the test came near it";
}

TEST_P(LimitsTest, TwoProcessesTogetherKeepToTheRequestsAMinute) {
  if (GetParam() == store::Engine::sqlite) GTEST_SKIP() << "one program works on an embedded database";
  const auto limited = provider(20);
  std::atomic<int> taken{0};
  const auto work = [&] {
    auto own = store::open_database(database_->location()).value();
    auto writer = store::Writer::start(*own).value();
    for (int i = 0; i < 40; ++i) {
      ASSERT_TRUE(writer->write([&](store::Connection& connection) -> Status {
        LINNET_TRY(const auto refusal, take_from_limits(connection, limited, 1));
        if (!refusal) ++taken;
        return {};
      }));
    }
  };
  const auto begin = std::chrono::steady_clock::now();
  {
    std::jthread one(work);
    std::jthread other(work);
  }
  const auto passed = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  EXPECT_GE(taken.load(), 20);
  EXPECT_LE(taken.load(), 20 + static_cast<int>(passed / 3) + 1) << "one comes every three seconds";
}

TEST(Cost, IsRoundedUpAndHasTwoPrices) {
  ProviderCapabilities prices;
  EXPECT_EQ(cost_micros(prices, 1'000'000, 1'000'000), 0);
  prices.cost_per_1k_tokens = 0.00015;
  EXPECT_EQ(cost_micros(prices, 1'000, 0), 150);
  EXPECT_EQ(cost_micros(prices, 1, 0), 1) << "no call is free that is not";
  prices.cost_per_1k_output_tokens = 0.0006;
  EXPECT_EQ(cost_micros(prices, 1'000, 1'000), 750);
}

}  // namespace
}  // namespace linnet::llm
