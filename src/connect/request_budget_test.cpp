#include "connect/request_budget.hpp"

#include <gtest/gtest.h>

namespace linnet::connect {
namespace {

const Instant kNow = parse_iso8601("2026-08-01T12:00:00Z").value();

// Time passes only while somebody sleeps.
class QuickClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return now_; }
  bool sleep_until(Instant deadline, const std::stop_token&) override {
    now_ = std::max(now_, deadline);
    return true;
  }
  Instant now_ = kNow;
};

net::Headers told(std::string limit, std::string remaining, std::string reset) {
  return {{"X-RateLimit-Limit", std::move(limit)},
          {"X-RateLimit-Remaining", std::move(remaining)},
          {"X-RateLimit-Reset", std::move(reset)}};
}

class RequestBudgetTest : public testing::Test {
 protected:
  Instant goes_at(RequestBudget& budget, std::string_view kind = {}) {
    EXPECT_TRUE(budget.wait(Priority::normal, {}, kind));
    const auto at = clock_.now_;
    clock_.now_ = kNow;
    return at;
  }
  QuickClock clock_;
  RequestBudgets budgets_{clock_};
  RequestBudget& budget_ = budgets_.of("https://home.example", "ada");
  const Instant reset_ = parse_iso8601("2026-08-01T12:05:00Z").value();
};

TEST_F(RequestBudgetTest, WhatOneConnectorOfAnAccountIsToldHoldsForAllOfThem) {
  budgets_.of("https://home.example", "ada").on_response(429, told("300", "0", "2026-08-01T12:05:00Z"));
  EXPECT_EQ(goes_at(budgets_.of("https://home.example", "ada")), reset_);
  EXPECT_EQ(goes_at(budgets_.of("https://home.example", "bob")), kNow);
  EXPECT_EQ(goes_at(budgets_.of("https://home.example", "")), kNow);
  EXPECT_EQ(goes_at(budgets_.of("https://far.example", "ada")), kNow);
}

TEST_F(RequestBudgetTest, AnAnswerToAWritingRequestThatTellsOfAllRequestsHoldsForAll) {
  budget_.on_response(200, told("300", "280", "2026-08-01T12:05:00Z"));
  budget_.on_response(429, told("300", "0", "2026-08-01T12:05:00Z"), "posts");
  EXPECT_EQ(goes_at(budget_), reset_);
  EXPECT_EQ(goes_at(budget_, "files"), reset_);
}

// Each process is told what is left by its own answers, and cannot know what the others send until their
// next.
TEST_F(RequestBudgetTest, OfSeveralProcessesEachKeepsToItsShareOfWhatIsLeft) {
  RequestBudgets shared(clock_, {.sharers = [] { return 3; }});
  auto& budget = shared.of("https://home.example", "ada");
  budget.on_response(200, told("300", "4", "2026-08-01T12:05:00Z"));
  EXPECT_EQ(goes_at(budget), kNow) << "one of three that may be used";
  budget.on_response(200, told("300", "3", "2026-08-01T12:05:00Z"));
  EXPECT_EQ(goes_at(budget), reset_) << "two are not enough for three";
  auto& silent = shared.of("https://far.example", "ada");
  silent.assume({.requests = 6, .in = std::chrono::minutes(5)});
  EXPECT_EQ(goes_at(silent), kNow);
  EXPECT_EQ(goes_at(silent), kNow);
  EXPECT_EQ(goes_at(silent), reset_) << "two of six";
}

TEST_F(RequestBudgetTest, SoDoesOneInTheNextWindow) {
  budget_.on_response(200, told("300", "280", "2026-08-01T11:59:00Z"));
  clock_.now_ = parse_iso8601("2026-08-01T11:55:00Z").value();
  budget_.on_response(200, told("300", "280", "2026-08-01T12:00:00Z"));
  clock_.now_ = kNow + std::chrono::seconds(10);
  budget_.on_response(429, told("300", "0", "2026-08-01T12:05:00Z"), "posts");
  clock_.now_ = kNow + std::chrono::seconds(11);
  ASSERT_TRUE(budget_.wait(Priority::normal, {}));
  EXPECT_EQ(clock_.now_, reset_);
}

TEST_F(RequestBudgetTest, TheBudgetOfPostsHoldsUpPostsAlone) {
  budget_.on_response(200, told("300", "280", "2026-08-01T12:05:00Z"));
  budget_.on_response(429, told("300", "0", "2026-08-01T12:15:00Z"), "posts");
  EXPECT_EQ(goes_at(budget_), kNow);
  EXPECT_EQ(goes_at(budget_, "files"), kNow);
  EXPECT_EQ(goes_at(budget_, "posts"), parse_iso8601("2026-08-01T12:15:00Z").value());
}

TEST_F(RequestBudgetTest, ARefusalOfAWriteThatNamesNoBudgetHoldsForAll) {
  budget_.on_response(429, {{"Retry-After", "90"}}, "posts");
  EXPECT_EQ(goes_at(budget_), kNow + std::chrono::seconds(90));
}

TEST_F(RequestBudgetTest, AnswersThatOvertakeEachOtherGiveNothingBack) {
  budget_.on_response(200, told("8", "0", "2026-08-01T12:05:00Z"));
  budget_.on_response(200, told("8", "3", "2026-08-01T12:05:00Z"));
  EXPECT_EQ(goes_at(budget_), reset_);
}

TEST_F(RequestBudgetTest, AServerThatSaysNothingIsAskedAtTheUsualPace) {
  budget_.assume({300, std::chrono::minutes(5)});
  for (int i = 0; i < 3'000; ++i) {
    ASSERT_TRUE(budget_.wait(Priority::normal, {}));
    budget_.on_response(200, {});
  }
  EXPECT_EQ(clock_.now_ - kNow, std::chrono::minutes(45));
  // Others may go on while something in the background waits.
  clock_.now_ += std::chrono::hours(1);
  const auto before = clock_.now_;
  for (int i = 0; i < 150; ++i) ASSERT_TRUE(budget_.wait(Priority::background, {}));
  EXPECT_EQ(clock_.now_, before);
  EXPECT_EQ(budget_.next(Priority::background), before + std::chrono::minutes(5));
  EXPECT_EQ(budget_.next(Priority::normal), before);
  // What the server says counts, once it says something.
  budget_.on_response(200, told("5000", "4999", to_iso8601(before + std::chrono::minutes(5))));
  for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(budget_.wait(Priority::normal, {}));
  EXPECT_EQ(clock_.now_, before);
}

TEST_F(RequestBudgetTest, TheNextOfTwoShortWindowsHasABudgetOfItsOwn) {
  budget_.on_response(200, told("5", "0", "2026-08-01T12:00:01Z"));
  clock_.now_ = kNow + std::chrono::milliseconds(1'050);
  budget_.on_response(200, told("5", "4", "2026-08-01T12:00:02Z"));
  const auto before = clock_.now_;
  ASSERT_TRUE(budget_.wait(Priority::normal, {}));
  EXPECT_EQ(clock_.now_, before);
}

}  // namespace
}  // namespace linnet::connect
