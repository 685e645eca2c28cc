// What the gate asks the blocklist about: the person's whole address, their server, what they say of
// themselves.
#include "act/block_check.hpp"

#include <gtest/gtest.h>

#include "kit/blocklist.hpp"
#include "kit/database_fixture.hpp"
#include "kit/two_servers.hpp"

namespace linnet::act {
namespace {

using govern::EntryType;
using govern::MatchType;

class BlockChecks : public test::DatabaseFixture {
 protected:
  void SetUp() override {
    DatabaseFixture::SetUp();
    if (IsSkipped()) return;
    list_ = std::make_unique<govern::Blocklist>(**database_, *writer_, clock_);
    test::add_two_servers(*writer_);
  }
  // What stands against following somebody, as the rules hear it.
  std::string against(const std::string& account, const std::string& person) {
    auto reader = (*database_)->reader();
    const auto acting = load_acting_account(**reader, connect::AccountId(account)).value();
    Attempt attempt;
    attempt.account = acting.id;
    attempt.type = model::ActionType::follow;
    attempt.target_type = model::TargetType::user;
    attempt.target_id = person;
    const auto situation = gather(**reader, acting, attempt, {}, block_check(*list_), clock_.now());
    EXPECT_TRUE(situation) << situation.error().message;
    return situation->block_reason.value_or("") + situation->opt_out_reason.value_or("");
  }
  void block(EntryType type, const std::string& value, MatchType match = MatchType::exact) {
    const auto added = list_->add(test::block_entry(type, match, value));
    ASSERT_TRUE(added) << added.error().message;
  }

  SystemClock clock_;
  std::unique_ptr<govern::Blocklist> list_;
};

TEST_P(BlockChecks, FindTheFullAddressOfSomebodyOnTheServerItself) {
  EXPECT_EQ(against("on-a", "42"), "");
  block(EntryType::user, "ada@a.example");
  EXPECT_NE(against("on-a", "42"), "");
  EXPECT_NE(against("on-b", "77"), "");
  EXPECT_EQ(against("on-b", "42"), "") << "Carl";
}

TEST_P(BlockChecks, FindTheBareNameOnThatServerStill) {
  block(EntryType::user, "ada");
  EXPECT_NE(against("on-a", "42"), "");
  EXPECT_EQ(against("on-b", "77"), "") << "there she is ada@a.example";
}

TEST_P(BlockChecks, FindTheDomainOfTheServerItself) {
  block(EntryType::domain, "b.example");
  EXPECT_NE(against("on-b", "42"), "");
  EXPECT_EQ(against("on-b", "77"), "") << "Ada lives elsewhere";
  EXPECT_EQ(against("on-a", "42"), "");
}

TEST_P(BlockChecks, FindWordsInWhatPeopleSayOfThemselves) {
  block(EntryType::keyword, "paint");
  EXPECT_NE(against("on-a", "42"), "");
  EXPECT_EQ(against("on-b", "77"), "") << "her profile is not known there";
}

TEST_P(BlockChecks, HearAnOptOutWhateverTheIdThere) {
  ASSERT_TRUE(list_->opt_out({"mastodon", "a.example", "42", ""}, "asked", "bo"));
  EXPECT_NE(against("on-a", "42"), "");
  EXPECT_NE(against("on-b", "77"), "");
  EXPECT_EQ(against("on-b", "42"), "") << "Carl";
}

INSTANTIATE_TEST_SUITE_P(Engines, BlockChecks,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

}  // namespace
}  // namespace linnet::act
