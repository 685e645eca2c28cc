// What a platform takes is known before anything is sent: dry runs, requests, edited approvals and threads
// are judged by what its connectors and servers said once, and by what a person set lower.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "act/carry_out.hpp"
#include "act/pretend_platform.hpp"
#include "act/settle_names.hpp"
#include "connect/mastodon/acting_mastodon.hpp"
#include "govern/platforms.hpp"
#include "kit/media.hpp"
#include "kit/test_database.hpp"

namespace linnet::act {
namespace {

using model::ActionStatus;
using model::ActionType;
using testing::HasSubstr;

// A server that says what it takes, and counts how often it is asked for anything.
class SayingConnector final : public connect::ActingConnector {
 public:
  SayingConnector(PretendPlatform& platform, std::atomic<int>& calls, const connect::PlatformLimits& limits)
      : inner_(platform), calls_(calls), limits_(limits) {}
  [[nodiscard]] connect::Capabilities capabilities() const override { return inner_.capabilities(); }
  Result<connect::PlatformLimits> limits(const std::stop_token& /*stop*/) override {
    ++calls_;
    return limits_;
  }
  connect::Outcome perform(const connect::Order& order, const std::stop_token& stop) override {
    ++calls_;
    return inner_.perform(order, stop);
  }
  Result<connect::Evidence> look(const connect::Order& order, const std::string& id,
                                 const std::stop_token& stop) override {
    ++calls_;
    return inner_.look(order, id, stop);
  }
  Result<connect::Target> target(const connect::Order& order, const std::stop_token& stop) override {
    ++calls_;
    return inner_.target(order, stop);
  }
  Result<std::vector<connect::ThreadSeen>> threads(const std::stop_token& stop) override {
    return inner_.threads(stop);
  }
  Result<std::vector<connect::MessageSeen>> messages(const connect::ThreadSeen& thread,
                                                     const std::stop_token& stop) override {
    return inner_.messages(thread, stop);
  }
  Status check_credentials(const std::stop_token& stop) override {
    ++calls_;
    return inner_.check_credentials(stop);
  }

 private:
  PretendConnector inner_;
  std::atomic<int>& calls_;
  const connect::PlatformLimits& limits_;
};

class KnownLimitsTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    ASSERT_TRUE(govern::fill_platforms(**database_, clock_.now()));
    writer_ = std::move(store::Writer::start(**database_)).value();
    gate_ = std::make_unique<Gate>(**database_, *writer_, clock_, box_, nullptr);
    execute(
        R"(INSERT INTO instances (id, platform, base_url, created_at)
           VALUES (7, 'mastodon', 'https://a.example', 0), (8, 'bluesky', 'https://bsky.social', 0))");
    add_account("on-a", "mastodon", 7);
    add_account("blue", "bluesky", 8);
  }
  void TearDown() override { dispatcher_.reset(); }
  void execute(const std::string& sql) {
    const auto done = writer_->write([&](store::Connection& connection) { return connection.execute(sql); });
    ASSERT_TRUE(done) << done.error().message;
  }
  void add_account(const std::string& id, const std::string& platform, int instance) {
    execute(
        R"(INSERT INTO accounts (id, platform, instance_id, platform_user_id, username, settings, created_at, updated_at) VALUES (')" +
        id + "', '" + platform + "', " + std::to_string(instance) + ", '" + id + "', '" + id +
        R"(', '{"cooldown":{"afterPost":0},"warmUp":false}', 0, 0))");
  }
  // As a Mastodon server without settings of its own.
  static connect::PlatformLimits usual() {
    connect::PlatformLimits limits;
    limits.text_length = 500;
    limits.text_unit = connect::PlatformLimits::Unit::links_alike;
    limits.url_length = 23;
    limits.media_count = 4;
    limits.image_bytes = 16 << 20;
    return limits;
  }
  void learn(const connect::PlatformLimits& limits,
             const connect::Capabilities& capabilities = connect::mastodon::capabilities_of_mastodon()) {
    const auto done = writer_->write([&](store::Connection& connection) -> Status {
      LINNET_TRY(const auto account, load_acting_account(connection, connect::AccountId("on-a")));
      return note_limits(connection, account, limits, capabilities, clock_.now());
    });
    ASSERT_TRUE(done) << done.error().message;
  }
  void switch_platform(const std::string& name, govern::PlatformStatus status) {
    govern::PlatformChange change;
    change.status = status;
    ASSERT_TRUE(writer_->write([&](store::Connection& connection) {
      return govern::change_platform(connection, name, change, "ada", clock_.now());
    }));
  }
  static NewAction publish(const std::string& account, const std::vector<std::string>& texts) {
    NewAction action;
    action.type = ActionType::publish;
    action.account = connect::AccountId(account);
    for (const auto& text : texts) {
      action.drafts.emplace_back();
      action.drafts.back().text = text;
    }
    return action;
  }
  Requested ask(const NewAction& action, bool dry_run = true) {
    auto requested = gate_->request(action, ada_, dry_run);
    EXPECT_TRUE(requested) << requested.error().message;
    return requested ? std::move(requested).value() : Requested{};
  }
  Attempt reload(const Attempt& attempt) {
    auto reader = (*database_)->reader();
    return find_attempt(**reader, attempt.id.value()).value();
  }
  Attempt wait_until(const Attempt& attempt, ActionStatus status) {
    for (int i = 0; i < 2'500 && reload(attempt).status != status; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    return reload(attempt);
  }
  void start() {
    DispatcherOptions options;
    options.tick = std::chrono::milliseconds(5);
    dispatcher_ = std::move(Dispatcher::start(
                                **database_, *writer_, clock_, box_, *gate_, nullptr,
                                [this](const connect::AccountId&) {
                                  return std::shared_ptr<connect::ActingConnector>(
                                      std::make_shared<SayingConnector>(platform_, calls_, server_says_));
                                },
                                options))
                      .value();
  }

  SystemClock clock_;
  SecretBox box_ = SecretBox::from_hex(std::string(64, 'a')).value();
  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<store::Writer> writer_;
  PretendPlatform platform_;
  std::atomic<int> calls_{0};
  connect::PlatformLimits server_says_;
  std::unique_ptr<Gate> gate_;
  std::unique_ptr<Dispatcher> dispatcher_;
  Requester ada_{"ada", true};
};

TEST_P(KnownLimitsTest, ADryRunJudgesByWhatTheServerSaid) {
  const std::string thousand(1'000, 'x');
  const auto unread = ask(publish("on-a", {thousand}));
  EXPECT_NE(unread.decision.decision, Decision::deny);
  ASSERT_FALSE(unread.verdicts.empty());
  EXPECT_THAT(unread.verdicts.front().reason, HasSubstr("not known yet"));
  learn(usual());
  const auto read = ask(publish("on-a", {thousand}));
  EXPECT_EQ(read.decision.rule, "channel_limits");
  EXPECT_EQ(read.decision.reason, "text: 1000 characters as people count them, the server takes 500");
  EXPECT_EQ(ask(publish("on-a", {std::string(500, 'x')})).decision.rule, "approval");
}

TEST_P(KnownLimitsTest, PicturesAreCountedAndWeighed) {
  learn(usual());
  auto action = publish("on-a", {"Look"});
  action.drafts[0].media.assign(5, test::media_file("a.png", "image/png", "bytes"));
  EXPECT_EQ(ask(action).decision.reason, "media: 5 given, the server takes 4");
  action.drafts[0].media.assign(1,
                                test::media_file("big.gif", "image/gif", std::string((16U << 20) + 1, 'x')));
  EXPECT_THAT(ask(action).decision.reason,
              HasSubstr("big.gif has 16777217 bytes, the server takes 16777216"));
}

TEST_P(KnownLimitsTest, OfBlueskyAllIsKnownFromTheBeginning) {
  EXPECT_THAT(ask(publish("blue", {std::string(301, 'x')})).decision.reason,
              HasSubstr("the server takes 300"));
  NewAction edit = publish("blue", {"Hi"});
  edit.type = ActionType::edit_post;
  edit.target_id = "at://did:plc:abc/app.bsky.feed.post/1";
  EXPECT_EQ(ask(edit).decision.rule, "capability");
  EXPECT_EQ(ask(edit).decision.reason, "bluesky offers no edit_post to programs");
  NewAction message = publish("blue", {std::string(1'001, 'x')});
  message.type = ActionType::dm_send;
  message.target_type = model::TargetType::user;
  message.target_id = "did:plc:abc";
  EXPECT_THAT(ask(message).decision.reason, HasSubstr("the server takes 1000"));
  const auto fine = ask(publish("blue", {"Hi"}));
  ASSERT_EQ(fine.verdicts.size(), 1U);
  EXPECT_EQ(fine.verdicts[0].rule, "approval");
}

TEST_P(KnownLimitsTest, WhatAPersonSetLowerIsHonoured) {
  ASSERT_TRUE(writer_->write([&](store::Connection& connection) {
    return govern::set_capability(connection, "bluesky", {"limits", "max_character_limit", ""}, "280", "ada",
                                  clock_.now());
  }));
  EXPECT_THAT(ask(publish("blue", {std::string(281, 'x')})).decision.reason,
              HasSubstr("the server takes 280"));
  EXPECT_EQ(ask(publish("blue", {std::string(280, 'x')})).decision.rule, "approval");
}

TEST_P(KnownLimitsTest, AnEditedTextIsJudgedByItToo) {
  learn(usual());
  const auto requested = ask(publish("on-a", {"Short"}), false);
  ASSERT_FALSE(requested.approval_id.empty());
  const auto edited = gate_->decide(requested.approval_id, Word::approve, std::string(501, 'x'), "", ada_);
  ASSERT_FALSE(edited);
  EXPECT_EQ(edited.error().safe,
            "channel_limits: text: 501 characters as people count them, the server takes 500");
  EXPECT_TRUE(gate_->decide(requested.approval_id, Word::approve, std::string(500, 'x'), "", ada_));
}

TEST_P(KnownLimitsTest, AThreadWithOnePostTooLongIsNotHeldForApproval) {
  learn(usual());
  const auto requested = ask(publish("on-a", {"One", std::string(501, 'x'), "Three"}), false);
  EXPECT_EQ(requested.decision.decision, Decision::deny);
  EXPECT_EQ(requested.decision.reason,
            "post 2 of the thread: text: 501 characters as people count them, the server takes 500");
  ASSERT_EQ(requested.attempts.size(), 3U);
  for (const auto& attempt : requested.attempts) EXPECT_EQ(reload(attempt).status, ActionStatus::skipped);
  EXPECT_TRUE(requested.approval_id.empty());
}

TEST_P(KnownLimitsTest, ASignInToReadIsToldSoBeforeAnybodyApproves) {
  execute("UPDATE accounts SET scopes = 'read' WHERE id = 'on-a'");
  const auto requested = ask(publish("on-a", {"Hello"}));
  EXPECT_EQ(requested.decision.rule, "capability");
  EXPECT_THAT(requested.decision.reason, HasSubstr("--act"));
}

TEST_P(KnownLimitsTest, WhatTheServerSaysWhenSomethingIsSentIsKept) {
  server_says_.text_length = 700;
  auto action = publish("on-a", {"Hello"});
  action.approve = true;
  const auto requested = ask(action, false);
  start();
  EXPECT_EQ(wait_until(requested.attempts.front(), ActionStatus::success).status, ActionStatus::success);
  EXPECT_THAT(ask(publish("on-a", {std::string(701, 'x')})).decision.reason,
              HasSubstr("the server takes 700"));
}

TEST_P(KnownLimitsTest, ACheckOfCredentialsReadsWhatTheServerTakes) {
  server_says_.text_length = 600;
  const DispatcherOptions options;
  const BlockCheck nothing;
  RequestEnds ends;
  Lane lane{**database_, *writer_, clock_,
            box_,        nothing,  options,
            ends,        "worker", std::make_shared<SayingConnector>(platform_, calls_, server_says_)};
  ASSERT_TRUE(check_credentials(lane, connect::AccountId("on-a"), {}));
  EXPECT_THAT(ask(publish("on-a", {std::string(601, 'x')})).decision.reason,
              HasSubstr("the server takes 600"));
}

TEST_P(KnownLimitsTest, APlatformThatIsSwitchedOffIsNotEvenAsked) {
  auto action = publish("on-a", {"Hello"});
  action.approve = true;
  const auto before = ask(action, false);
  switch_platform("mastodon", govern::PlatformStatus::inactive);
  const auto asked = ask(publish("on-a", {"Another"}));
  EXPECT_EQ(asked.decision.rule, "platform");
  EXPECT_EQ(asked.decision.decision, Decision::deny);
  start();
  const auto ended = wait_until(before.attempts.front(), ActionStatus::skipped);
  EXPECT_EQ(ended.status, ActionStatus::skipped);
  EXPECT_THAT(ended.error, HasSubstr("linnet platform enable mastodon"));
  EXPECT_EQ(calls_, 0);
  EXPECT_TRUE(platform_.effects().empty());
  switch_platform("mastodon", govern::PlatformStatus::active);
  const auto again = gate_->retry(before.attempts.front().id.value(), ada_, true);
  ASSERT_TRUE(again) << again.error().safe;
  EXPECT_EQ(wait_until(again->attempts.front(), ActionStatus::success).status, ActionStatus::success);
}

// Nobody is there to be asked.
class NoTransport final : public net::HttpTransport {
 public:
  Result<net::HttpResponse> send(const net::HttpRequest& request, std::stop_token /*stop*/) override {
    ADD_FAILURE() << "asked for " << request.url;
    return unavailable("nobody is there");
  }
};

TEST_P(KnownLimitsTest, NoHandleIsLookedUpOnAPlatformThatIsSwitchedOff) {
  switch_platform("bluesky", govern::PlatformStatus::inactive);
  connect::AccountStore accounts(**database_, *writer_, clock_, box_);
  NoTransport transport;
  connect::RequestBudgets budgets(clock_);
  NewAction follow;
  follow.type = ActionType::follow;
  follow.target_type = model::TargetType::user;
  follow.target_id = "ada.bsky.social";
  const auto settled =
      settle_names(**database_, transport, budgets, accounts, clock_, accounts.find("blue").value(), follow);
  ASSERT_FALSE(settled);
  EXPECT_EQ(settled.error().kind, ErrorKind::denied);
  EXPECT_THAT(settled.error().safe, HasSubstr("linnet platform enable bluesky"));
}

// A server that wants no more requests of the account for ten minutes.
class TiredTransport final : public net::HttpTransport {
 public:
  int asked = 0;
  Result<net::HttpResponse> send(const net::HttpRequest& request, std::stop_token /*stop*/) override {
    ++asked;
    return net::HttpResponse{429, {{"Retry-After", "600"}}, "{}", request.url};
  }
};

TEST_P(KnownLimitsTest, WhatSettlesANameAsksWithinTheBudgetOfTheAccount) {
  connect::AccountStore accounts(**database_, *writer_, clock_, box_);
  for (const std::string platform : {"mastodon", "bluesky"}) {
    const bool is_bluesky = platform == "bluesky";
    const std::string server = is_bluesky ? "https://bsky.social" : "https://a.example";
    connect::Credentials credentials;
    credentials.token = "token";
    credentials.service = server;
    const auto id =
        accounts.add({platform, InstanceId(is_bluesky ? 8 : 7), "own", "own", "", ""}, credentials);
    ASSERT_TRUE(id) << id.error().message;
    TiredTransport transport;
    connect::RequestBudgets budgets(clock_);
    const auto settle = [&] {
      NewAction follow;
      follow.type = ActionType::follow;
      follow.target_type = model::TargetType::user;
      follow.target_id = is_bluesky ? "ada.bsky.social" : "ada@far.example";
      const auto settled = settle_names(**database_, transport, budgets, accounts, clock_,
                                        accounts.find(id->value()).value(), follow);
      return settled ? std::string() : settled.error().safe;
    };
    EXPECT_NE(settle(), "");
    EXPECT_EQ(transport.asked, 1) << platform;
    EXPECT_GT(budgets.of(server, id->value()).next(connect::Priority::normal),
              clock_.now() + std::chrono::minutes(5))
        << platform << ": the lane of the account is told";
    EXPECT_THAT(settle(), HasSubstr("asks for no more requests until")) << platform;
    EXPECT_EQ(transport.asked, 1) << platform << ": and nobody is kept waiting";
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, KnownLimitsTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

}  // namespace
}  // namespace linnet::act
