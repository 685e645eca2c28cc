// Acting on the fake Discord: what is written, taken back, looked up; limits; whom it reaches.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "connect/discord/acting_discord.hpp"
#include "connect/discord/door.hpp"
#include "connect/discord/fake_discord.hpp"

namespace linnet::connect::discord {
namespace {

using model::ActionType;
using model::TargetType;
using testing::HasSubstr;
using Shown = Evidence::Shown;

class ActingDiscordTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = FakeDiscord::missing()) GTEST_SKIP() << *reason;
    fake_.emplace();
    ASSERT_TRUE(fake_->is_running());
    Credentials credentials;
    credentials.token = kFakeToken;
    ActingNeeds needs{server(), kFakeBot, credentials, {}, {}};
    needs.partners = [] { return Result<std::vector<std::string>>(std::vector<std::string>{kAnn}); };
    acting_.emplace(needs);
  }
  ServerAccess server() { return {transport_, budget_, clock_, fake_->url()}; }

  Order order(ActionType type, TargetType about, const std::string& target, const std::string& text = {}) {
    Order made;
    made.type = type;
    made.idempotency_key = fmt::format("00000000-0000-4000-8000-{:012}", ++orders_);
    made.target_type = about;
    made.target_id = target;
    made.draft.text = text;
    made.draft.channel = type == ActionType::publish ? kGeneral : "";
    made.first_tried_at = clock_.now();
    return made;
  }
  Order post(const std::string& text) {
    return order(ActionType::publish, TargetType::account, kFakeBot, text);
  }
  boost::json::array messages() { return fake_->control("messages").at("messages").as_array(); }
  std::string name_of(const std::string& id) { return message_name(kGeneral, id); }

  SystemClock clock_;
  net::CurlTransport transport_;
  RequestBudget budget_{clock_};
  std::optional<FakeDiscord> fake_;
  std::optional<ActingDiscord> acting_;
  int orders_ = 0;
};

TEST_F(ActingDiscordTest, writes_answers_reacts_edits_and_deletes) {
  auto wanted = post("good morning");
  wanted.draft.media.push_back({"a.png", "image/png", "bytes", "a boat"});
  const auto done = acting_->perform(wanted, {});
  ASSERT_EQ(done.kind, OutcomeKind::done) << done.error.message;
  EXPECT_THAT(done.url, HasSubstr("/channels/"));
  EXPECT_EQ(messages()[0].at("attachments").at(0).at("description").as_string(), "a boat");
  EXPECT_EQ(acting_->look(wanted, done.platform_id, {}).value().shown, Shown::yes);

  const auto answer = order(ActionType::reply, TargetType::post, done.platform_id, "and to you");
  EXPECT_EQ(acting_->perform(answer, {}).kind, OutcomeKind::done);
  EXPECT_EQ(message_name(kGeneral, std::string(messages()[1].at("reply_to").as_string())), done.platform_id);

  const auto like = order(ActionType::like, TargetType::post, done.platform_id);
  EXPECT_EQ(acting_->look(like, "", {}).value().shown, Shown::no);
  EXPECT_EQ(acting_->perform(like, {}).kind, OutcomeKind::done);
  EXPECT_EQ(acting_->look(like, "", {}).value().shown, Shown::yes);
  EXPECT_TRUE(acting_->target(like, {}).value().already_done);
  EXPECT_EQ(acting_->perform(order(ActionType::unlike, TargetType::post, done.platform_id), {}).kind,
            OutcomeKind::done);

  const auto edit = order(ActionType::edit_post, TargetType::post, done.platform_id, "good evening");
  EXPECT_EQ(acting_->look(edit, "", {}).value().shown, Shown::no);
  EXPECT_EQ(acting_->perform(edit, {}).kind, OutcomeKind::done);
  EXPECT_EQ(acting_->look(edit, "", {}).value().shown, Shown::yes);

  const auto removal = order(ActionType::delete_post, TargetType::post, done.platform_id);
  EXPECT_EQ(acting_->perform(removal, {}).kind, OutcomeKind::done);
  EXPECT_EQ(acting_->look(removal, "", {}).value().shown, Shown::yes);
  EXPECT_TRUE(acting_->target(removal, {}).value().already_done);
}

TEST_F(ActingDiscordTest, the_same_order_again_makes_no_second_message) {
  const auto wanted = post("once");
  fake_->control("fail", R"({"kind":"lost","path":"^POST .*/messages"})");
  const auto lost = acting_->perform(wanted, {});
  EXPECT_EQ(lost.kind, OutcomeKind::unknown);
  const auto found = acting_->look(wanted, "", {});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->shown, Shown::yes);
  const auto again = acting_->perform(wanted, {});
  EXPECT_EQ(again.kind, OutcomeKind::done);
  EXPECT_EQ(again.platform_id, found->platform_id);
  EXPECT_EQ(messages().size(), 1U);
  // One that never arrived is known not to be there.
  fake_->control("fail", R"({"kind":"close","path":"^POST .*/messages"})");
  const auto other = post("never");
  EXPECT_NE(acting_->perform(other, {}).kind, OutcomeKind::done);
  EXPECT_EQ(acting_->look(other, "", {}).value().shown, Shown::no);
}

TEST_F(ActingDiscordTest, keeps_to_limits_and_says_when_it_may_go_on) {
  fake_->control("limits", R"({"write":{"limit":2,"period":1}})");
  const auto began = clock_.now();
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(acting_->perform(post(fmt::format("{}", i)), {}).kind, OutcomeKind::done);
  EXPECT_GT(clock_.now() - began, std::chrono::milliseconds(1'500));
  // Waited for, not run into.
  int refused = 0;
  for (const auto& one : fake_->control("requests").at("requests").as_array())
    refused += one.at("status").is_int64() && one.at("status").as_int64() == 429;
  EXPECT_EQ(refused, 0);
  fake_->control("limits", R"({"force":{"global":true,"retry_after":30}})");
  const auto held = acting_->perform(post("held"), {});
  EXPECT_EQ(held.kind, OutcomeKind::not_sent);
  ASSERT_TRUE(held.retry_at);
  EXPECT_GT(*held.retry_at, clock_.now() + std::chrono::seconds(20));
  // What is said of all counts for every route.
  EXPECT_GT(budget_.next(Priority::normal), clock_.now() + std::chrono::seconds(20));
}

TEST_F(ActingDiscordTest, refusals_are_told_in_discords_words) {
  auto elsewhere = post("x");
  elsewhere.draft.channel = "999999999999999999";
  const auto unknown = acting_->perform(elsewhere, {});
  EXPECT_EQ(unknown.kind, OutcomeKind::refused);
  EXPECT_THAT(unknown.error.safe, HasSubstr("Unknown Channel"));
  elsewhere.draft.channel = "";
  EXPECT_THAT(acting_->perform(elsewhere, {}).error.safe, HasSubstr("channel: expected"));
  fake_->control("fail", R"({"kind":"status","status":500,"path":"^POST"})");
  EXPECT_EQ(acting_->perform(post("perhaps"), {}).kind, OutcomeKind::unknown);
  fake_->control("fail", R"({"kind":"status","status":401,"path":"^POST"})");
  EXPECT_TRUE(acting_->perform(post("no"), {}).signed_out);
}

TEST_F(ActingDiscordTest, writes_to_people_and_reads_what_they_wrote) {
  EXPECT_TRUE(acting_->threads({}).value().empty());  // nobody wrote yet
  const auto message = order(ActionType::dm_send, TargetType::user, kAnn, "hello ann");
  EXPECT_EQ(acting_->target(message, {}).value().author_name, "ann");
  const auto sent = acting_->perform(message, {});
  ASSERT_EQ(sent.kind, OutcomeKind::done) << sent.error.message;
  EXPECT_EQ(acting_->look(message, sent.platform_id, {}).value().shown, Shown::yes);
  fake_->say("hello bot", R"(,"dm":true)");
  const auto threads = acting_->threads({}).value();
  ASSERT_EQ(threads.size(), 1U);
  EXPECT_EQ(threads[0].participant_id, kAnn);
  const auto read = acting_->messages(threads[0], {}).value();
  ASSERT_EQ(read.size(), 2U);
  EXPECT_TRUE(read[0].is_from_us);
  EXPECT_EQ(read[1].text, "hello bot");
  EXPECT_EQ(read[1].sender_id, kAnn);
  // The conversation is as good a target.
  const auto answer = order(ActionType::dm_send, TargetType::dm_thread, threads[0].id, "how are you");
  EXPECT_EQ(acting_->target(answer, {}).value().author_id, kAnn);
  EXPECT_EQ(acting_->perform(answer, {}).kind, OutcomeKind::done);
  fake_->control("settings", fmt::format(R"({{"shut_dms":["{}"]}})", kAnn));
  EXPECT_EQ(acting_->perform(order(ActionType::dm_send, TargetType::user, kAnn, "again"), {}).kind,
            OutcomeKind::refused);
}

TEST_F(ActingDiscordTest, knows_whom_a_text_reaches) {
  const auto wanted = post(fmt::format("look, <@{}> and <@!{}> and <@nobody>", kAnn, kAnn));
  const auto target = acting_->target(wanted, {}).value();
  ASSERT_EQ(target.mentioned.size(), 1U);
  EXPECT_EQ(target.mentioned[0].name, "ann");
}

TEST_F(ActingDiscordTest, signs_in_with_a_bots_token) {
  const auto account = sign_in_door().with_secret(server(), "", std::string("Bot ") + kFakeToken, {});
  ASSERT_TRUE(account) << account.error().safe;
  EXPECT_EQ(account->user_id, kFakeBot);
  EXPECT_EQ(account->credentials.token, kFakeToken);
  const auto refused = sign_in_door().with_secret(server(), "", "nonsense", {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::denied);
  EXPECT_TRUE(acting_->check_credentials({}));
  EXPECT_EQ(acting_->own_name(), "linnetbot");
}

TEST(DiscordNames, are_read_as_people_paste_them) {
  const auto rules = identity_rules();
  const auto read = [&](bool is_person, const char* text) {
    const auto given = rules.read_name("post_id", is_person, text);
    return given ? given->id : "refused: " + given.error().safe;
  };
  EXPECT_EQ(read(false, "https://discord.com/channels/1/22/333"), "22/333");
  EXPECT_EQ(read(false, "22/333"), "22/333");
  EXPECT_EQ(read(true, "<@!42>"), "42");
  EXPECT_EQ(read(true, "https://discord.com/users/42"), "42");
  for (const auto* const wrong : {"", "333", "22/", "https://discord.com/channels/1", "/", "22/333/4"})
    EXPECT_THAT(read(false, wrong), HasSubstr("refused")) << wrong;
  for (const auto* const wrong : {"", "ann", "<@>", "0", "-1", "99999999999999999999999"})
    EXPECT_THAT(read(true, wrong), HasSubstr("refused")) << wrong;
}

TEST(DiscordLimits, are_of_a_route_and_its_channel) {
  EXPECT_EQ(limit_of_call("POST", "/channels/22/messages"), "POST/channels/22/messages");
  EXPECT_EQ(limit_of_call("DELETE", "/channels/22/messages/333"), "DELETE/channels/22/messages/:id");
  EXPECT_EQ(limit_of_call("GET", "/channels/22/messages?limit=100&after=5"), "GET/channels/22/messages");
  EXPECT_EQ(limit_of_call("PUT", "/channels/22/messages/333/reactions/%F0/@me"),
            "PUT/channels/22/messages/:id/reactions");
  EXPECT_NE(limit_of_call("POST", "/channels/23/messages"), limit_of_call("POST", "/channels/22/messages"));
}

}  // namespace
}  // namespace linnet::connect::discord
