// What a filter says of a topic, that it means what it is written as, and where a mistake is told.
#include "reflect/target_filter.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace linnet::reflect {
namespace {

bool holds(std::string_view text, TopicFacts topic) {
  const auto filter = TargetFilter::parse(text);
  EXPECT_TRUE(filter) << filter.error().message;
  return filter && filter->matches(topic);
}

TEST(TargetFilterTest, ComparesWhatIsKnownOfATopic) {
  EXPECT_TRUE(holds("salience > 50", {.salience = 50.5}));
  EXPECT_FALSE(holds("salience > 50", {.salience = 50}));
  EXPECT_TRUE(holds("salience >= 50", {.salience = 50}));
  EXPECT_TRUE(holds("insight_count < 3", {.insight_count = 2}));
  EXPECT_FALSE(holds("insight_count <= 3", {.insight_count = 4}));
  EXPECT_TRUE(holds("insight_count = 3", {.insight_count = 3}));
  EXPECT_TRUE(holds("insight_count == 3", {.insight_count = 3}));
  EXPECT_FALSE(holds("insight_count != 3", {.insight_count = 3}));
}

TEST(TargetFilterTest, ATopicThatWasNeverReflectedOnWasSoForEver) {
  EXPECT_TRUE(holds("last_reflected_days_ago > 1000", {}));
  EXPECT_FALSE(holds("last_reflected_days_ago < 1000", {}));
  EXPECT_FALSE(holds("last_reflected_days_ago > 1", {.last_reflected_days_ago = 0.5}));
}

TEST(TargetFilterTest, AndBindsTighterThanOrAndNotTighterThanBoth) {
  const TopicFacts busy{.salience = 90, .last_reflected_days_ago = 0.5, .insight_count = 9};
  EXPECT_TRUE(holds("salience > 80 OR salience > 95 AND insight_count < 1", busy));
  EXPECT_FALSE(holds("(salience > 80 OR salience > 95) AND insight_count < 1", busy));
  EXPECT_FALSE(holds("NOT salience > 80 AND insight_count > 1", busy));
  EXPECT_TRUE(holds("NOT (salience > 80 AND insight_count < 1)", busy));
  EXPECT_TRUE(holds("not not salience > 80 and Insight_count > 1" + std::string(), busy) == false)
      << "names of figures are written as they are";
}

TEST(TargetFilterTest, TheEmptyFilterTakesEveryTopic) {
  EXPECT_TRUE(TargetFilter().matches({}));
}

TEST(TargetFilterTest, SaysAtWhichColumnWhatWasExpected) {
  const auto mistake = [](std::string_view text) {
    int column = 0;
    const auto filter = TargetFilter::parse(text, &column);
    EXPECT_FALSE(filter) << text;
    return filter ? std::string() : fmt::format("{}: {}", column, filter.error().safe);
  };
  EXPECT_EQ(mistake(""), "1: column 1: expected a comparison such as salience > 50, and it ends here");
  EXPECT_EQ(mistake("salience 50"), "10: column 10: expected one of > >= < <= = !=, got \"50\"");
  EXPECT_EQ(mistake("salience > many"), "12: column 12: expected a number such as 50 or 1.5, got \"many\"");
  EXPECT_EQ(mistake("salience > 50 insight_count > 1"),
            "15: column 15: expected AND, OR, or the end, got \"insight_count > 1\"");
  EXPECT_EQ(mistake("(salience > 50"), "15: column 15: expected AND, OR or \")\", and it ends here");
  EXPECT_EQ(mistake("salience > 5x"), "12: column 12: expected a number such as 50 or 1.5, got \"5x\"");
  EXPECT_EQ(mistake("mood > 5"),
            "1: column 1: expected salience, last_reflected_days_ago, insight_count, NOT or \"(\", got "
            "\"mood > 5\"");
}

TEST(TargetFilterTest, WhatIsNestedWithoutEndIsRefused) {
  const auto deep = TargetFilter::parse(std::string(400, '(') + "salience > 1" + std::string(400, ')'));
  ASSERT_FALSE(deep);
  EXPECT_NE(deep.error().safe.find("at most"), std::string::npos);
  std::string nots;
  for (int i = 0; i < 400; ++i) nots += "NOT ";
  EXPECT_FALSE(TargetFilter::parse(nots + "salience > 1"));
}

// An expression with what it comes to, for one topic.
struct Written {
  std::string text;
  bool value;
};
Written write(int depth, const TopicFacts& topic) {
  const int kind = depth == 0 ? 0 : *rc::gen::inRange(0, 4);
  if (kind == 0) {
    const int number = *rc::gen::inRange(0, 10);
    const bool of_salience = *rc::gen::arbitrary<bool>();
    return {fmt::format("{} > {}", of_salience ? "salience" : "insight_count", number),
            (of_salience ? topic.salience : topic.insight_count) > number};
  }
  const auto left = write(depth - 1, topic);
  if (kind == 1) return {fmt::format("NOT ({})", left.text), !left.value};
  const auto right = write(depth - 1, topic);
  return kind == 2 ? Written{fmt::format("({}) AND ({})", left.text, right.text), left.value && right.value}
                   : Written{fmt::format("({}) OR ({})", left.text, right.text), left.value || right.value};
}

RC_GTEST_PROP(TargetFilterProperty, AnExpressionMeansWhatItIsWrittenAs, ()) {
  const TopicFacts topic{.salience = static_cast<double>(*rc::gen::inRange(0, 10)),
                         .insight_count = static_cast<double>(*rc::gen::inRange(0, 10))};
  const auto written = write(4, topic);
  const auto filter = TargetFilter::parse(written.text);
  RC_ASSERT(filter.ok());
  RC_ASSERT(filter->matches(topic) == written.value);
}

}  // namespace
}  // namespace linnet::reflect
