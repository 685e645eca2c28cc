// What is known of whom an action reaches, on both engines.
#include "act/situation.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "act/block_check.hpp"
#include "govern/blocklist.hpp"
#include "kit/database_fixture.hpp"

namespace linnet::act {
namespace {

using model::ActionType;
using model::TargetType;

class SituationTest : public test::DatabaseFixture {
 protected:
  void SetUp() override {
    DatabaseFixture::SetUp();
    if (IsSkipped()) return;
    blocklist_ = std::make_unique<govern::Blocklist>(**database_, *writer_, clock_);
    execute(
        R"(INSERT INTO instances (id, base_url, platform, created_at)
           VALUES (1, 'https://home.example', 'mastodon', 0))");
    execute(
        R"(INSERT INTO accounts (id, platform, instance_id, platform_user_id, username, created_at,
             updated_at)
           VALUES ('acc', 'mastodon', 1, 'me', 'alice', 0, 0))");
    add_person("7", "bea@far.example", "");
    add_person("8", "carl", "");
    add_person("9", "dan@far.example", "<p>Painter #nobot</p>");
    ASSERT_TRUE(opt_out("7", "bea@far.example"));
    ASSERT_TRUE(opt_out("8", "carl"));
    govern::BlocklistEntry rude;
    rude.value = "@rude@x.example";
    rude.reason = "rude";
    ASSERT_TRUE(blocklist_->add(rude));
    govern::BlocklistEntry post;
    post.type = govern::EntryType::post;
    post.value = "102";
    post.reason = "old";
    ASSERT_TRUE(blocklist_->add(post));
  }
  void TearDown() override { blocklist_.reset(); }

  void execute(const std::string& sql) {
    const auto done =
        writer_->write([&](store::Connection& connection) { return store::run(connection, sql); });
    ASSERT_TRUE(done) << done.error().message;
  }
  Status opt_out(const std::string& id, const std::string& acct) {
    const auto done =
        blocklist_->opt_out(govern::person_key("mastodon", "home.example", id, acct), "asked", "ada");
    return done ? Status() : Status(done.error());
  }
  void add_person(const std::string& id, const std::string& acct, const std::string& bio) {
    execute(
        R"(INSERT INTO platform_users (instance_id, id, username, acct, bio, discovered_at, last_seen_at, last_updated_at) VALUES (1, ')" +
        id + "', '', '" + acct + "', '" + bio + "', 0, 0, 0)");
  }

  Attempt attempt(ActionType type, const std::string& text, const std::string& quoted = {}) {
    Attempt made;
    made.id = AttemptId("1");
    made.platform = "mastodon";
    made.account = connect::AccountId("acc");
    made.type = type;
    made.target_type = TargetType::account;
    made.target_id = "me";
    connect::Draft draft;
    draft.text = text;
    if (!quoted.empty()) draft.quoted_id = quoted;
    made.input = draft_to_input(draft, type, made.id, box_).value();
    return made;
  }
  Attempt message_to(TargetType type, const std::string& id) {
    auto made = attempt(ActionType::dm_send, "hi");
    made.target_type = type;
    made.target_id = id;
    if (type == TargetType::user) made.target_user_id = id;
    return made;
  }
  // With a message in it.
  void add_thread(const std::string& id, const std::string& person) {
    execute(
        R"(INSERT INTO dm_threads (id, platform, platform_thread_id, account_id, participant_id, participant_username, discovered_at, last_synced_at) VALUES ('t)" +
        id + "', 'mastodon', '" + id + "', 'acc', '" + person + "', '', 0, 0)");
    execute(
        R"(INSERT INTO dm_messages (id, platform, platform_message_id, thread_id, is_from_us, content_encrypted, discovered_at) VALUES ('m)" +
        id + "', 'mastodon', '" + id + "', 't" + id + "', 1, '', 0)");
  }
  Situation situation(const Attempt& attempt, const PlatformView& platform = {}) {
    auto reader = (*database_)->reader();
    const auto account = load_acting_account(**reader, connect::AccountId("acc")).value();
    auto found = gather(**reader, account, attempt, platform, block_check(*blocklist_), clock_.now());
    EXPECT_TRUE(found) << found.error().message;
    return std::move(found).value();
  }
  Decision decision(const Attempt& attempt, const PlatformView& platform = {}) {
    connect::Draft draft;
    draft.text = "some";
    auto action = action_of(attempt, draft);
    action.by_hand = true;
    auto found = situation(attempt, platform);
    found.is_approved = true;
    return decide(judge(action, found)).decision;
  }

  SystemClock clock_;
  SecretBox box_ = SecretBox::from_hex(std::string(64, 'c')).value();
  std::unique_ptr<govern::Blocklist> blocklist_;
};

TEST_P(SituationTest, NobodyWhoOptedOutOrIsBlockedIsMentioned) {
  for (const auto type : {ActionType::publish, ActionType::reply, ActionType::edit_post}) {
    for (const auto* const text : {"Thanks @bea@far.example!", "hi @carl", "hi @carl@Home.example",
                                   "hi @dan@far.example", "@Rude@X.example see"})
      EXPECT_EQ(decision(attempt(type, text)), Decision::deny) << text;
    for (const auto* const text : {"Thanks @ada@far.example and @alice@home.example, bea@far.example", "hi"})
      EXPECT_EQ(decision(attempt(type, text)), Decision::allow) << text;
  }
  const auto opted_out = situation(attempt(ActionType::publish, "hi @bea@far.example"));
  ASSERT_TRUE(opted_out.opt_out_reason);
  // The reason goes into the audit trail, which keeps nobody's name.
  EXPECT_EQ(opted_out.opt_out_reason->find("bea"), std::string::npos);
  EXPECT_EQ(opted_out.opt_out_reason->find("somebody whom the text mentions: "), 0U);
  EXPECT_TRUE(situation(attempt(ActionType::publish, "hi @rude@x.example")).block_reason);
}

TEST_P(SituationTest, WhatThePlatformSaysOfThoseMentionedCounts) {
  PlatformView platform;
  platform.target = connect::Target{};
  platform.target->mentioned = {{"7", "somebody@new.example", ""}};
  // A direct message's text is sealed: the platform was asked with it.
  auto message = attempt(ActionType::dm_send, "And @somebody@new.example?");
  message.target_type = TargetType::user;
  message.target_id = message.target_user_id = "20";
  EXPECT_EQ(decision(message, platform), Decision::deny);
  platform.target->mentioned = {{"me", "alice", "#nobot"}};
  EXPECT_EQ(decision(message, platform), Decision::allow);
  platform.target->mentioned = {{"30", "somebody@new.example", "I am #nobot"}};
  EXPECT_EQ(decision(message, platform), Decision::deny);
}

TEST_P(SituationTest, NobodyWhoOptedOutIsQuoted) {
  execute(
      R"(INSERT INTO posts (instance_id, id, account_id, created_at, discovered_at, last_extracted_at,
           content_type, counts_at, replies_count, reblogs_count, favourites_count, engagement_score,
           version_seq, valid_from, content_hash)
         VALUES (1, '100', '7', 0, 0, 0, 'text', 0, 0, 0, 0, 0, 1, 0, 0))");
  EXPECT_EQ(decision(attempt(ActionType::publish, "See", "100")), Decision::deny);
  EXPECT_EQ(decision(attempt(ActionType::publish, "See", "101")), Decision::allow);
  PlatformView platform;
  platform.target = connect::Target{};
  platform.target->quoted = connect::Person{"9", "dan@far.example", "#nobot"};
  EXPECT_EQ(decision(attempt(ActionType::publish, "See", "101"), platform), Decision::deny);
  EXPECT_EQ(decision(attempt(ActionType::publish, "See", "102")), Decision::deny);
}

TEST_P(SituationTest, AConversationOfThatNumberIsNobodyOfThatNumber) {
  add_thread("1234", "20");
  EXPECT_FALSE(situation(message_to(TargetType::user, "1234")).has_messages);
  EXPECT_TRUE(situation(message_to(TargetType::user, "20")).has_messages);
  EXPECT_TRUE(situation(message_to(TargetType::dm_thread, "1234")).has_messages);
  EXPECT_FALSE(situation(message_to(TargetType::dm_thread, "20")).has_messages);
}

TEST_P(SituationTest, AMessageThatMentionsAStrangerIsAFirstOne) {
  add_thread("1234", "20");
  PlatformView platform;
  platform.target = connect::Target{};
  platform.target->mentioned = {{"30", "eve@far.example", ""}};
  EXPECT_FALSE(situation(message_to(TargetType::user, "20"), platform).has_messages);
  add_thread("1235", "30");
  EXPECT_TRUE(situation(message_to(TargetType::user, "20"), platform).has_messages);
}

TEST_P(SituationTest, AConversationThatIsNotKnownIsSaidToBe) {
  const auto message = message_to(TargetType::dm_thread, "99");
  const auto unknown = situation(message);
  ASSERT_TRUE(unknown.unread);
  EXPECT_NE(unknown.unread->find("not known yet"), std::string::npos);
  EXPECT_EQ(decision(message), Decision::defer);
  // The platform shows who is in it, and what their profile says.
  PlatformView platform;
  platform.target = connect::Target{};
  platform.target->author_id = "20";
  platform.target->author_bio = "#nobot";
  const auto known = situation(message, platform);
  EXPECT_FALSE(known.unread);
  EXPECT_TRUE(known.opt_out_reason);
  add_thread("98", "7");
  const auto opted_out = situation(message_to(TargetType::dm_thread, "98"));
  EXPECT_FALSE(opted_out.unread);
  EXPECT_TRUE(opted_out.opt_out_reason);
}

TEST_P(SituationTest, AGroupIsReadButNotWrittenTo) {
  add_thread("97", "");
  execute("UPDATE dm_threads SET participant_username = 'a group of 3' WHERE platform_thread_id = '97'");
  const auto message = message_to(TargetType::dm_thread, "97");
  const auto group = situation(message);
  ASSERT_TRUE(group.unreachable);
  EXPECT_NE(group.unreachable->find("a group of 3"), std::string::npos);
  EXPECT_FALSE(group.unread);
  EXPECT_EQ(decision(message), Decision::deny);
  auto reading = message;
  reading.type = ActionType::dm_read;
  EXPECT_FALSE(situation(reading).unreachable);
  EXPECT_FALSE(situation(reading).unread);
}

TEST_P(SituationTest, OnBlueskyOptOutsFitByDid) {
  execute("UPDATE accounts SET platform = 'bluesky', platform_user_id = 'did:plc:me'");
  const std::string did = "did:plc:bbbbbbbbbbbbbbbbbbbbbbbb";
  ASSERT_TRUE(blocklist_->opt_out(govern::person_key("bluesky", "", did, ""), "asked", "ada"));
  auto reply = attempt(ActionType::reply, "hi");
  reply.target_type = TargetType::post;
  reply.target_id = "at://" + did + "/app.bsky.feed.post/3k1";
  EXPECT_EQ(decision(reply), Decision::deny);
  EXPECT_EQ(decision(attempt(ActionType::publish, "hi", reply.target_id)), Decision::deny);
  auto reader = (*database_)->reader();
  const auto account = load_acting_account(**reader, connect::AccountId("acc")).value();
  EXPECT_EQ(known_target(**reader, account, reply)->author_id, did);
  for (const auto* const handle : {"at://bob.example/app.bsky.feed.post/3k1", "bob.example"}) {
    reply.target_id = handle;
    const auto target = known_target(**reader, account, reply);
    ASSERT_FALSE(target);
    EXPECT_EQ(target.error().kind, ErrorKind::invalid);
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, SituationTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

}  // namespace
}  // namespace linnet::act
