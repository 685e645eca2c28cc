// What the rules are told of whom an order reaches.
#include "connect/bluesky/acting_fixture.hpp"
#include "connect/bluesky/names.hpp"

namespace linnet::connect::bluesky {
namespace {

namespace json = boost::json;
using model::ActionType;
using model::TargetType;

using BlueskyTarget = ActingBlueskyTest;

TEST_F(BlueskyTarget, IsKnownWithoutAnAppView) {
  pds_.say_record(kBob, "app.bsky.actor.profile", "self", {{"description", "Painter #nobot"}});
  pds_.say_record(
      kBob, "app.bsky.feed.post", "3k1",
      {{"text", "See this"},
       {"facets",
        {{{"features", {{{"$type", "app.bsky.richtext.facet#link"}, {"uri", "https://a.example/1"}}}}}}},
       {"embed", {{"media", {{"external", {{"uri", "https://b.example/2"}}}}}}}});
  const auto target = acting_->target(order(ActionType::like, TargetType::post, their_post()), {});
  ASSERT_TRUE(target) << target.error().safe;
  EXPECT_EQ(target->author_id, kBob);
  EXPECT_EQ(target->author_name, "bob.test");
  EXPECT_EQ(target->author_bio, "Painter #nobot");
  EXPECT_EQ(target->post_text, "See this");
  EXPECT_EQ(target->links, (std::vector<std::string>{"https://a.example/1", "https://b.example/2"}));
  EXPECT_FALSE(target->already_done);
}

TEST_F(BlueskyTarget, IsKnownBetterByTheAppView) {
  pds_.say(std::string("app.bsky.actor.getProfile actor=") + kBob,
           {{"did", kBob}, {"handle", "bob.example"}, {"description", "#nobot"}, {"followersCount", 12}});
  const auto target = acting_->target(order(ActionType::follow, TargetType::user, kBob), {});
  ASSERT_TRUE(target) << target.error().safe;
  EXPECT_EQ(target->author_name, "bob.example");
  EXPECT_EQ(target->author_bio, "#nobot");
  EXPECT_EQ(target->author_followers, 12);
  // A fault of the app view is not silence.
  pds_.say(std::string("app.bsky.actor.getProfile actor=") + kBob, {{"error", "UpstreamFailure"}}, 502);
  EXPECT_FALSE(acting_->target(order(ActionType::follow, TargetType::user, kBob), {}));
}

TEST_F(BlueskyTarget, ShowsWhatIsDoneAlready) {
  const auto like = order(ActionType::like, TargetType::post, their_post());
  auto unlike = like;
  unlike.type = ActionType::unlike;
  EXPECT_TRUE(acting_->target(unlike, {})->already_done);
  say_reactions("app.bsky.feed.like", {{{"uri", std::string("at://") + kAda + "/app.bsky.feed.like/3k2"},
                                        {"value", {{"subject", {{"uri", their_post()}}}}}}});
  EXPECT_TRUE(acting_->target(like, {})->already_done);
  EXPECT_FALSE(acting_->target(unlike, {})->already_done);
  const auto follow = order(ActionType::follow, TargetType::user, kBob);
  EXPECT_FALSE(acting_->target(follow, {})->already_done);
  say_reactions("app.bsky.graph.follow",
                {{{"uri", std::string("at://") + kAda + "/app.bsky.graph.follow/3k3"},
                  {"value", {{"subject", kBob}}}}});
  EXPECT_TRUE(acting_->target(follow, {})->already_done);
}

TEST_F(BlueskyTarget, IsWhoeverHasTheHandleNow) {
  auto like = order(ActionType::like, TargetType::post, "at://bob.test/app.bsky.feed.post/3k1");
  EXPECT_EQ(acting_->target(like, {})->author_id, kBob);
  EXPECT_EQ(acting_->target(order(ActionType::follow, TargetType::user, "carol.test"), {})->author_id,
            kCarol);
  like.target_id = "at://nobody.test/app.bsky.feed.post/3k1";
  EXPECT_EQ(acting_->target(like, {}).error().kind, ErrorKind::not_found);
}

TEST_F(BlueskyTarget, HoldsThoseWhomTheTextReaches) {
  pds_.say_record(kCarol, "app.bsky.actor.profile", "self", {{"description", "#nobot"}});
  auto wanted = post("hi @carol.test and @nobody.test");
  wanted.draft.quoted_id = their_post();
  const auto target = acting_->target(wanted, {});
  ASSERT_TRUE(target) << target.error().safe;
  EXPECT_EQ(target->author_id, "");
  ASSERT_EQ(target->mentioned.size(), 1U);
  EXPECT_EQ(target->mentioned[0].id, kCarol);
  EXPECT_EQ(target->mentioned[0].bio, "#nobot");
  ASSERT_TRUE(target->quoted);
  EXPECT_EQ(target->quoted->id, kBob);
}

TEST_F(BlueskyTarget, IsCountedWhereAnAppViewAnswers) {
  const auto count = order(ActionType::extract_stats, TargetType::post, their_post());
  auto outcome = acting_->perform(count, {});
  EXPECT_EQ(outcome.kind, OutcomeKind::done) << outcome.error.safe;
  EXPECT_FALSE(outcome.details.contains("favourites_count"));
  pds_.say("app.bsky.feed.getPosts uris=" + their_post(),
           {{"posts", {{{"uri", their_post()}, {"likeCount", 5}, {"repostCount", 2}, {"replyCount", 1}}}}});
  outcome = acting_->perform(count, {});
  EXPECT_EQ(outcome.kind, OutcomeKind::done) << outcome.error.safe;
  EXPECT_EQ(outcome.details.at("favourites_count").as_int64(), 5);
  EXPECT_EQ(outcome.details.at("reblogs_count").as_int64(), 2);
  EXPECT_EQ(outcome.details.at("replies_count").as_int64(), 1);
}

TEST_F(BlueskyTarget, NamesBecomeIds) {
  const auto settled = [&](const std::string& id) {
    return with_did(pds_, budget_, "https://pds.example", id, {});
  };
  EXPECT_EQ(settled("at://bob.test/app.bsky.feed.post/3k1").value(), their_post());
  EXPECT_EQ(settled("bob.test").value(), kBob);
  const auto asked = pds_.requests.size();
  for (const auto& id : {their_post(), std::string(kBob), std::string("12345"), std::string()})
    EXPECT_EQ(settled(id).value(), id);
  EXPECT_EQ(pds_.requests.size(), asked);
  EXPECT_EQ(settled("nobody.test").error().kind, ErrorKind::not_found);
  pds_.say("com.atproto.identity.resolveHandle handle=bob.test", {{"did", "bob"}});
  EXPECT_FALSE(settled("bob.test"));
}

}  // namespace
}  // namespace linnet::connect::bluesky
