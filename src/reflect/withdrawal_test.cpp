// What was made of direct messages goes when the person takes their word back, wherever it went, and comes
// again made of what remains.
#include "govern/withdrawal.hpp"

#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "reflect/person_insights.hpp"
#include "reflect/reflect_fixture.hpp"
#include "reflect/upkeep.hpp"

namespace linnet::reflect {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class WithdrawalTest : public ReflectTest {
 protected:
  void SetUp() override {
    ReflectTest::SetUp();
    if (IsSkipped()) return;
    // It says again whatever it is told: what it knows shows.
    models_.answering = [this](const llm::Question&) {
      return boost::json::serialize(
          boost::json::object{{"content", "heard: " + models_.asked.back().text}, {"confidence", 0.5}});
    };
  }
  UpkeepDone look_after(const Layer& layer) {
    const auto done = look_after_insights(
        parts(), [&](const std::string&) { return Result<std::optional<Layer>>(std::optional(layer)); }, true,
        {});
    EXPECT_TRUE(done) << done.error().message;
    return done ? *done : UpkeepDone();
  }
  // In every text column of what layers make.
  std::int64_t places_with(const std::string& word) {
    std::int64_t found = 0;
    for (const std::string_view sql :
         {"SELECT count(*) FROM insights WHERE content || COALESCE(correction, '') || metadata || "
          "COALESCE(withdrawn_why, '') LIKE $1",
          "SELECT count(*) FROM layer_runs WHERE targets || COALESCE(error, '') LIKE $1",
          "SELECT count(*) FROM layer_run_targets WHERE topic_key || COALESCE(error, '') || COALESCE(output, "
          "'') LIKE $1",
          "SELECT count(*) FROM insight_sources WHERE source_id LIKE $1",
          "SELECT count(*) FROM dm_messages WHERE content_encrypted LIKE $1"}) {
      auto reader = (*database_)->reader();
      const auto pattern = "%" + word + "%";
      const auto count = store::query_integer(**reader, sql, {std::string_view(pattern)});
      EXPECT_TRUE(count) << sql << count.error().message;
      found += count->value_or(0);
    }
    return found;
  }
};

TEST_P(WithdrawalTest, WithoutAgreementNothingOfThemIsReadAndWithItAllThatIsMadeIsPrivate) {
  add_post("1", "in the open");
  add_dm("1", "quokkasecret");
  add_topic("account:a.example:1", "account", 40);
  run_it(account_layer("dm"));
  EXPECT_THAT(models_.asked.back().text, Not(HasSubstr("quokkasecret")));
  agree("1");
  run_it(account_layer("public"));
  EXPECT_THAT(models_.asked.back().text, Not(HasSubstr("quokkasecret"))) << "a public layer reads none";
  run_it(account_layer("dm"));
  EXPECT_THAT(models_.asked.back().text, HasSubstr("quokkasecret"));
  EXPECT_EQ(models_.asked.back().question.contents.privacy, llm::Privacy::dm);
  for (const auto& insight : insights(Scope::derived))
    EXPECT_THAT(insight.content, Not(HasSubstr("quokkasecret")));
  EXPECT_THAT(insights(Scope::dm, {.scope = Scope::dm}), SizeIs(1));
}

TEST_P(WithdrawalTest, RevokingTakesTheirWordsOutOfAllThatWasMadeOfThemAndMakesItAnew) {
  add_post("1", "in the open");
  add_dm("1", "quokkasecret");
  agree("1");
  add_topic("account:a.example:1", "account", 40);
  const auto layer = account_layer("dm");
  run_it(layer);
  clock_.advance(std::chrono::hours(1));
  // The second is made of the first as well; the hashtag's of what accounts are understood to be.
  run_it(layer);
  add_topic("hashtag:maps", "hashtag", 40);
  const auto hashtags =
      layer_of("hashtag", "dm",
               "  - type: fetch_insights\n    params: {of_category: account}\n"
               "  - type: llm_call\n    params: {prompt_template: layer-hashtag}\n  - type: store_insight\n");
  run_it(hashtags);
  ASSERT_GE(places_with("quokkasecret"), 3);
  revoke("1");
  EXPECT_EQ(places_with("quokkasecret"), 0);
  EXPECT_THAT(insights(Scope::dm), IsEmpty()) << "nothing of it is in force";
  const auto done = look_after(layer);
  EXPECT_EQ(done.remade, 1) << "the account's; the hashtag is of another layer";
  EXPECT_EQ(places_with("quokkasecret"), 0);
  const auto anew = insights(Scope::dm);
  ASSERT_THAT(anew, SizeIs(1));
  EXPECT_THAT(anew[0].content, HasSubstr("in the open"));
  EXPECT_EQ(anew[0].sources_scope_max, Scope::open);
  EXPECT_FALSE(anew[0].supersedes.empty()) << "it names the one in whose place it stands";
}

TEST_P(WithdrawalTest, WhereNothingRemainsNothingIsMade) {
  add_dm("1", "quokkasecret");
  agree("1");
  add_topic("account:a.example:1", "account", 40);
  const auto layer = account_layer("dm");
  run_it(layer);
  ASSERT_THAT(insights(Scope::dm), SizeIs(1));
  revoke("1");
  const auto done = look_after(layer);
  EXPECT_EQ(done.not_remade, 1);
  EXPECT_THAT(insights(Scope::dm), IsEmpty());
  EXPECT_TRUE(look_after(layer).is_nothing()) << "it is not tried again and again";
}

TEST_P(WithdrawalTest, RevokingWhileAModelThinksKeepsNothingOfIt) {
  add_post("1", "in the open");
  add_dm("1", "quokkasecret");
  agree("1");
  add_topic("account:a.example:1", "account", 40);
  models_.answering = [this](const llm::Question&) {
    revoke("1");
    return std::string(R"({"content":"quokkasecret","confidence":0.5})");
  };
  const auto run = run_it(account_layer("dm"));
  EXPECT_EQ(run.status, RunStatus::failed);
  EXPECT_EQ(places_with("quokkasecret"), 0);
}

TEST_P(WithdrawalTest, WhatSomebodyElseAgreedToStays) {
  add_dm("1", "quokkasecret");
  add_dm("2", "wombatsecret");
  agree("1");
  agree("2");
  add_topic("account:a.example:1", "account", 40);
  add_topic("account:a.example:2", "account", 39);
  const auto layer = account_layer("dm");
  run_it(layer, {.targets = {"account:a.example:1", "account:a.example:2"}});
  revoke("1");
  EXPECT_EQ(places_with("quokkasecret"), 0);
  ASSERT_THAT(insights(Scope::dm), SizeIs(1));
  EXPECT_THAT(insights(Scope::dm)[0].content, HasSubstr("wombatsecret"));
}

TEST_P(WithdrawalTest, WhoIsErasedIsInNothingThatLayersMade) {
  add_message("C", "10001", "quokkaword in the open");
  add_message("C", "10002", "another");
  add_topic("server:S:user:10001", "user", 40);
  add_topic("server:S:channel:C", "channel", 40);
  run_it(user_layer("public"));
  const auto channels =
      layer_of("channel", "public",
               "  - type: fetch_messages\n  - type: llm_call\n    params: {prompt_template: c}\n"
               "  - type: store_insight\n");
  run_it(channels);
  const govern::PersonSource person{InstanceId(1), "discord", "discord.com", "10001"};
  {
    auto reader = (*database_)->reader();
    const auto found = count_insights_of(**reader, person, "");
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->about_them, 1);
    EXPECT_EQ(found->made_of_them, 1);
    boost::json::array theirs;
    ASSERT_TRUE(list_insights_of(**reader, person, theirs));
    EXPECT_THAT(theirs, SizeIs(1));
  }
  const auto done = writer_->write(
      [&](store::Connection& connection) { return erase_insights_of(connection, person, "", clock_.now()); });
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(places_with("quokkaword"), 0);
  EXPECT_EQ(places_with("10001"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM insight_sources WHERE person_id = '10001'"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM insights WHERE is_to_be_remade = 1"), 1)
      << "the channel's, without them";
}

INSTANTIATE_TEST_SUITE_P(Engines, WithdrawalTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

}  // namespace
}  // namespace linnet::reflect
