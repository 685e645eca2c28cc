// What an answer that is no success says of the action, and of the account.
#include "connect/bluesky/acting_fixture.hpp"

namespace linnet::connect::bluesky {
namespace {

using model::ActionType;
using model::TargetType;

class BlueskyRefusals : public ActingBlueskyTest {
 protected:
  // As a proxy or a captive portal answers.
  void say_page(const std::string& key, int status) {
    net::HttpResponse page;
    page.status = status;
    page.headers.add("Content-Type", "text/html");
    page.body = "<h1>Please sign in to the network</h1>";
    pds_.answers[key] = page;
  }
  Outcome publish() { return acting_->perform(post("Hello"), {}); }
};

TEST_F(BlueskyRefusals, NobodyInBetweenSignsTheAccountOut) {
  say_page("com.atproto.repo.putRecord", 401);
  EXPECT_EQ(publish().kind, OutcomeKind::unknown);
  EXPECT_FALSE(publish().signed_out);
  pds_.say("com.atproto.repo.putRecord", {{"error", "SomethingElse"}}, 401);
  EXPECT_EQ(publish().kind, OutcomeKind::unknown);
  EXPECT_FALSE(publish().signed_out);
}

TEST_F(BlueskyRefusals, ASuccessThatNamesNothingIsNone) {
  const auto like = order(ActionType::like, TargetType::post, their_post());
  const auto follow = order(ActionType::follow, TargetType::user, kBob);
  for (const auto& body : std::vector<boost::json::value>{{{"error", "Nothing"}},
                                                          boost::json::object{},
                                                          {{"uri", "at://x"}},
                                                          {{"uri", 7}},
                                                          boost::json::array{}}) {
    pds_.say("com.atproto.repo.putRecord", body);
    for (const auto& wanted : {post("Hello"), like, follow}) {
      const auto outcome = acting_->perform(wanted, {});
      EXPECT_EQ(outcome.kind, OutcomeKind::unknown) << body;
      EXPECT_EQ(outcome.platform_id, "") << body;
    }
  }
  const auto gone = order(ActionType::delete_post, TargetType::post,
                          std::string("at://") + kAda + "/app.bsky.feed.post/3k9");
  say_page("com.atproto.repo.deleteRecord", 200);
  EXPECT_EQ(acting_->perform(gone, {}).kind, OutcomeKind::unknown);
  pds_.say("com.atproto.repo.deleteRecord", {{"error", "Nothing"}});
  EXPECT_EQ(acting_->perform(gone, {}).kind, OutcomeKind::unknown);
  pds_.say("com.atproto.repo.deleteRecord", boost::json::object{});
  EXPECT_EQ(acting_->perform(gone, {}).kind, OutcomeKind::done);
}

TEST_F(BlueskyRefusals, NorDoesWhoAnswersWhatIsReadBeforeAPost) {
  const auto like = order(ActionType::like, TargetType::post, their_post());
  const auto record =
      std::string("com.atproto.repo.getRecord repo=") + kBob + " collection=app.bsky.feed.post rkey=3k1";
  for (const int status : {401, 403, 451}) {
    say_page(record, status);
    const auto outcome = acting_->perform(like, {});
    EXPECT_EQ(outcome.kind, OutcomeKind::not_sent) << status;
    EXPECT_FALSE(outcome.signed_out) << status;
  }
  pds_.say(record, {{"error", "ForbiddenHere"}}, 403);
  EXPECT_EQ(acting_->perform(like, {}).kind, OutcomeKind::refused);
  EXPECT_FALSE(acting_->perform(like, {}).signed_out);
  pds_.say(record, {{"error", "AuthMissing"}}, 401);
  EXPECT_TRUE(acting_->perform(like, {}).signed_out);
}

TEST_F(BlueskyRefusals, TheServersOwnWordDoes) {
  for (const auto* const name : {"AuthenticationRequired", "AuthMissing"}) {
    pds_.say("com.atproto.repo.putRecord", {{"error", name}}, 401);
    const auto outcome = publish();
    EXPECT_EQ(outcome.kind, OutcomeKind::refused) << name;
    EXPECT_TRUE(outcome.signed_out) << name;
  }
  pds_.say("com.atproto.repo.putRecord", {{"error", "AccountTakedown"}}, 401);
  EXPECT_TRUE(publish().restricted);
  EXPECT_FALSE(publish().signed_out);
}

TEST_F(BlueskyRefusals, WhatTimedOutAtTheServerMayHaveBeenDone) {
  say_page("com.atproto.repo.putRecord", 408);
  EXPECT_EQ(publish().kind, OutcomeKind::unknown);
}

}  // namespace
}  // namespace linnet::connect::bluesky
