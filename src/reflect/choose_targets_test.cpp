// What is thought about: the budget of each server, its groups, what is left over, and that nothing is chosen
// twice.
#include "reflect/choose_targets.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

namespace linnet::reflect {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Candidate topic(const std::string& key, double balance, TopicFacts facts = {}) {
  auto parsed = salience::parse_topic_key(key);
  EXPECT_TRUE(parsed) << key;
  facts.salience = balance;
  return {.topic = std::move(*parsed),
          .key = key,
          .balance = static_cast<salience::Amount>(balance * 1'000'000),
          .facts = facts};
}
Layer layer_of(std::string_view category, std::string_view filter = "", std::int64_t most = 100) {
  Layer layer;
  layer.target_category = category;
  if (!filter.empty()) layer.filter = TargetFilter::parse(filter).value();
  layer.max_targets = most;
  return layer;
}
std::vector<std::string> choose(const std::vector<Candidate>& candidates, const Layer& layer) {
  return choose_targets(candidates, layer, salience::Numbers());
}

TEST(ChooseTargetsTest, WithNothingAboveTheLeastBalanceNothingRuns) {
  EXPECT_THAT(choose({topic("server:1:user:1", 9.9)}, layer_of("user")), IsEmpty());
  EXPECT_THAT(choose({}, layer_of("user")), IsEmpty());
  EXPECT_THAT(choose({topic("server:1:user:1", 10)}, layer_of("user")), ElementsAre("server:1:user:1"));
}

TEST(ChooseTargetsTest, AGroupTakesTheHighestUntilItsShareIsGone) {
  // Social has 30 points, and a person costs 10; the channels ask for all that is theirs and more.
  std::vector<Candidate> all;
  for (int i = 0; i < 6; ++i) all.push_back(topic(fmt::format("server:1:user:{}", i), 20 + i));
  for (int i = 0; i < 30; ++i) {
    all.push_back(topic(fmt::format("server:1:channel:{}", i), 50));
    all.push_back(topic(fmt::format("server:1:subject:s{}", i), 50));
    all.push_back(topic(fmt::format("server:1:emoji:{}", i), 50));
  }
  EXPECT_THAT(choose(all, layer_of("user")),
              ElementsAre("server:1:user:5", "server:1:user:4", "server:1:user:3"));
}

TEST(ChooseTargetsTest, WhatIsLeftOverGoesToGroupsThatStillHaveDemand) {
  // Nobody but people: the 70 points of the others are theirs, too (ten at 10 points each; global has its
  // own).
  std::vector<Candidate> all;
  for (int i = 0; i < 30; ++i) all.push_back(topic(fmt::format("server:1:user:{:02}", i), 20 + i));
  const auto chosen = choose(all, layer_of("user"));
  EXPECT_EQ(chosen.size(), 8U) << "30 + 30 + 15 + 10 points, 10 each";
  EXPECT_EQ(chosen.front(), "server:1:user:29");
}

TEST(ChooseTargetsTest, EveryServerHasABudgetOfItsOwn) {
  std::vector<Candidate> all;
  for (int server = 1; server <= 3; ++server)
    for (int i = 0; i < 30; ++i) all.push_back(topic(fmt::format("server:{}:user:{:02}", server, i), 20 + i));
  EXPECT_EQ(choose(all, layer_of("user")).size(), 24U);
  EXPECT_EQ(choose(all, layer_of("user", "", 5)).size(), 5U);
}

TEST(ChooseTargetsTest, PeopleOfAllServersAndSelfHaveBudgetsOfTheirOwn) {
  std::vector<Candidate> all;
  for (int i = 0; i < 5; ++i) all.push_back(topic(fmt::format("user:{}", i), 50 + i));
  all.push_back(topic("self", 50));
  EXPECT_THAT(choose(all, layer_of("user")), ElementsAre("user:4")) << "15 points, 10 each";
  EXPECT_THAT(choose(all, layer_of("self")), ElementsAre("self"));
}

TEST(ChooseTargetsTest, WhoIsChosenOnAServerIsNotChosenForAllOfThemAsWell) {
  EXPECT_THAT(choose({topic("user:7", 90), topic("server:1:user:7", 20)}, layer_of("user")),
              ElementsAre("server:1:user:7"));
  EXPECT_THAT(choose({topic("dyad:1:2", 90), topic("server:1:user:1", 20)}, layer_of("dyad")),
              ElementsAre("dyad:1:2"));
}

TEST(ChooseTargetsTest, WhatTheFilterLeavesOutTakesNoShare) {
  std::vector<Candidate> all;
  for (int i = 0; i < 20; ++i)
    all.push_back(topic(fmt::format("server:1:user:{:02}", i), 90 - i,
                        {.last_reflected_days_ago = i < 15 ? 0.5 : 3.0}));
  EXPECT_THAT(choose(all, layer_of("user", "last_reflected_days_ago > 1")),
              ElementsAre("server:1:user:15", "server:1:user:16", "server:1:user:17", "server:1:user:18",
                          "server:1:user:19"));
}

TEST(ChooseTargetsTest, AccountsAndHashtagsAreChosenToo) {
  const std::vector<Candidate> all{topic("account:a.example:1", 40), topic("account:b.example:1", 30),
                                   topic("hashtag:maps", 20)};
  EXPECT_THAT(choose(all, layer_of("account")), ElementsAre("account:a.example:1", "account:b.example:1"));
  EXPECT_THAT(choose(all, layer_of("hashtag")), ElementsAre("hashtag:maps"));
}

RC_GTEST_PROP(ChooseTargetsProperty, NoServerSpendsMoreThanItsBudgetAndNothingIsChosenTwice, ()) {
  static const std::vector<std::string> kCategories{"user", "channel", "thread", "subject", "emoji"};
  std::vector<Candidate> all;
  const int count = *rc::gen::inRange(0, 60);
  for (int i = 0; i < count; ++i) {
    const auto& category = *rc::gen::elementOf(kCategories);
    all.push_back(topic(fmt::format("server:{}:{}:{}", *rc::gen::inRange(1, 3), category, i + 100),
                        *rc::gen::inRange(0, 100)));
  }
  const salience::Numbers numbers;
  std::map<std::string, salience::Amount> spent;
  std::set<std::string> seen;
  for (const auto& category : kCategories) {
    for (const auto& key : choose(all, layer_of(category))) {
      RC_ASSERT(seen.insert(key).second);
      const auto parsed = salience::parse_topic_key(key).value();
      spent[parsed.server] += salience::estimate_of(numbers, parsed.category);
    }
  }
  for (const auto& [server, amount] : spent) RC_ASSERT(amount <= numbers.budget);
}

}  // namespace
}  // namespace linnet::reflect
