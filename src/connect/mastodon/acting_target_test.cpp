// What the rules are told of whom an order reaches.
#include "connect/mastodon/acting_fixture.hpp"

namespace linnet::connect::mastodon {
namespace {

using ActingTarget = ActingMastodonTest;

TEST_F(ActingTarget, TellsTheRulesWhomItIsAbout) {
  fake_->control("account", R"({"acct":"dave@far.example","note":"<p>Painter #nobot</p>"})");
  const auto made = fake_->control(
      "publish", R"({"account":"dave@far.example","text":"See https://far.example/x and @alice #art"})");
  const auto id = std::string(std::string_view(made.at("ids").at(0).as_string()));
  const auto target = acting_->target(order(ActionType::like, id), {});
  ASSERT_TRUE(target) << target.error().safe;
  EXPECT_EQ(target->author_name, "dave@far.example");
  EXPECT_NE(target->author_bio.find("#nobot"), std::string::npos);
  EXPECT_EQ(target->links, std::vector<std::string>{"https://far.example/x"});
}

TEST_F(ActingTarget, TellsTheRulesWhomATextReaches) {
  const auto dave =
      fake_->control("account", R"({"acct":"dave@far.example","note":"<p>Painter #nobot</p>"})");
  const auto made = fake_->control("publish", R"({"account":"dave@far.example","text":"Quote me"})");
  auto wanted = post("@dave@far.example, @bob and @nobody@gone.example: see this. @nobody");
  wanted.draft.quoted_id = std::string(std::string_view(made.at("ids").at(0).as_string()));
  const auto target = acting_->target(wanted, {});
  ASSERT_TRUE(target) << target.error().safe;
  ASSERT_EQ(target->mentioned.size(), 4U);
  EXPECT_EQ(target->mentioned[0].id, dave.at("id").as_string());
  EXPECT_NE(target->mentioned[0].bio.find("#nobot"), std::string::npos);
  EXPECT_EQ(target->mentioned[1].id, bob_);
  EXPECT_EQ(target->mentioned[2].id, "");
  EXPECT_EQ(target->mentioned[2].name, "nobody@gone.example");
  ASSERT_TRUE(target->quoted);
  EXPECT_EQ(target->quoted->id, dave.at("id").as_string());
  EXPECT_EQ(target->author_id, "");
  break_next(R"({"kind":"status","status":503,"path":"lookup"})");
  EXPECT_FALSE(acting_->target(wanted, {}));
}

TEST_F(ActingTarget, TellsTheRulesWhoIsInAConversation) {
  fake_->control("account", R"({"acct":"dave@far.example","note":"<p>Painter #nobot</p>"})");
  fake_->control("publish", R"({"account":"dave@far.example","text":"@alice psst","visibility":"direct"})");
  const auto threads = acting_->threads({});
  ASSERT_TRUE(threads) << threads.error().safe;
  auto message = order(ActionType::dm_send, threads->front().id, "And you, @bob?");
  message.target_type = TargetType::dm_thread;
  const auto target = acting_->target(message, {});
  ASSERT_TRUE(target) << target.error().safe;
  EXPECT_EQ(target->author_id, threads->front().participant_id);
  EXPECT_NE(target->author_bio.find("#nobot"), std::string::npos);
  ASSERT_EQ(target->mentioned.size(), 1U);
  EXPECT_EQ(target->mentioned[0].id, bob_);
  message.target_id = "999";
  EXPECT_EQ(acting_->target(message, {})->author_id, "");
}

}  // namespace
}  // namespace linnet::connect::mastodon
