// What a call costs, also one whose answer never came.
#include "llm/door_fixture.hpp"

namespace linnet::llm {
namespace {

class DoorCostTest : public DoorFixture {};

INSTANTIATE_TEST_SUITE_P(Engines, DoorCostTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

TEST_P(DoorCostTest, TheBudgetIsNotPassedByACall) {
  ProviderChange paid;
  paid.cost_per_1k_tokens = 1;  // a thousandth, or 1,000 micros, a token
  add("mlx::paid", paid);
  models_.answer(
      [](const net::HttpRequest&) -> Result<net::HttpResponse> { return chat_saying("x", 100, 10); });
  auto question = plainly("Hello?");
  question.may_be_cached = false;
  question.parameters.max_tokens = 10;
  const auto without = ask(question);
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().kind, ErrorKind::rate_limited);
  EXPECT_THAT(without.error().safe, testing::HasSubstr("budget"));
  EXPECT_TRUE(models_.requests().empty()) << "nothing is asked that could cost more than there is";
  set_limit(2'000'000);
  int answered = 0;
  while (answered < 100 && ask(question)) ++answered;
  EXPECT_GT(answered, 5);
  EXPECT_LT(answered, 100);
  EXPECT_EQ(budget().spent_micros, 110'000 * answered);
  EXPECT_LE(budget().spent_micros, 2'000'000);
  EXPECT_EQ(budget().reserved_micros, 0);
  add("mlx::free", {});
  EXPECT_TRUE(ask(question)) << "what costs nothing answers still";
  clock_.advance(std::chrono::hours(24 * 31));
  EXPECT_EQ(budget().spent_micros, 0) << "another month";
}

TEST_P(DoorCostTest, ACallThatMayHaveCostCountsAsTheMost) {
  ProviderChange paid;
  paid.cost_per_1k_tokens = 1;
  add("mlx::paid", paid);
  set_limit(100'000'000);
  auto question = plainly("Hello?");
  question.may_be_cached = false;
  models_.answer(
      [](const net::HttpRequest&) -> Result<net::HttpResponse> { return unavailable("no answer in time"); });
  EXPECT_FALSE(ask(question));
  const auto most = budget().spent_micros;
  EXPECT_GT(most, 512'000) << "it may have answered, and nobody knows";
  models_.answer([](const net::HttpRequest&) -> Result<net::HttpResponse> {
    auto refused = unavailable("refused");
    refused.never_sent = true;
    return refused;
  });
  EXPECT_FALSE(ask(question));
  models_.answer([](const net::HttpRequest&) -> Result<net::HttpResponse> { return answer_of(500, "no"); });
  execute("DELETE FROM llm_health");
  EXPECT_FALSE(ask(question));
  EXPECT_EQ(budget().spent_micros, most) << "neither cost anything";
  EXPECT_EQ(budget().reserved_micros, 0);
}

TEST_P(DoorCostTest, ACallWhoseProgramEndedCountsAsTheMost) {
  set_limit(10'000);
  Call call;
  call.id = "8c4d5a0e-0000-4000-8000-000000000000";
  call.question = call.id;
  call.started_at = clock_.now();
  call.month = month_of(clock_.now());
  call.reserved_micros = 700;
  const auto settle_lost = [&] {
    std::int64_t lost = 0;
    EXPECT_TRUE(writer_->write([&](store::Connection& connection) -> Status {
      LINNET_TRY(lost, settle_lost_calls(connection, clock_.now()));
      return {};
    }));
    return lost;
  };
  ASSERT_TRUE(writer_->write([&](store::Connection& connection) -> Status {
    LINNET_TRY(const bool has_room, reserve(connection, call.month, 700));
    EXPECT_TRUE(has_room);
    return begin_call(connection, call, {}, "something", box_);
  }));
  EXPECT_EQ(settle_lost(), 0) << "it may be under way";
  clock_.advance(std::chrono::hours(1));
  EXPECT_EQ(settle_lost(), 1);
  EXPECT_EQ(settle_lost(), 0);
  EXPECT_EQ(budget().spent_micros, 700);
  EXPECT_EQ(budget().reserved_micros, 0);
  bool is_ended = true;
  ASSERT_TRUE(writer_->write([&](store::Connection& connection) -> Status {
    LINNET_TRY(is_ended, end_call(connection, call, {CallOutcome::answered, 1, 1, 5}, box_));
    return {};
  }));
  EXPECT_FALSE(is_ended) << "it came back too late";
  EXPECT_EQ(budget().spent_micros, 700);
}

}  // namespace
}  // namespace linnet::llm
