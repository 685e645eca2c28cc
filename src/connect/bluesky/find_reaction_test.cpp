// Whether something is liked, reposted or followed already, also by accounts that have done so very often.
#include "connect/bluesky/acting_fixture.hpp"

namespace linnet::connect::bluesky {
namespace {

namespace json = boost::json;
using model::ActionType;
using model::TargetType;

class BlueskyReactions : public ActingBlueskyTest {
 protected:
  // The list of records never ends, and what is sought is not in it.
  void say_endless(const std::string& collection) {
    const json::object page{
        {"cursor", "more"},
        {"records",
         {{{"uri", std::string("at://") + kAda + "/" + collection + "/3k9"},
           {"value", {{"subject", {{"uri", "at://did:plc:else/app.bsky.feed.post/1"}}}}}}}}};
    const auto key = std::string("com.atproto.repo.listRecords repo=") + kAda + " collection=" + collection;
    pds_.say(key, page);
    pds_.say(key + " cursor=more", page);
  }
  void say_viewer(const json::object& viewer) {
    pds_.say("app.bsky.feed.getPosts uris=" + their_post(),
             {{"posts", {{{"uri", their_post()}, {"viewer", viewer}}}}});
    pds_.say(std::string("app.bsky.actor.getProfile actor=") + kBob,
             {{"did", kBob}, {"handle", "bob.test"}, {"viewer", viewer}});
  }
  static std::string own(const std::string& collection, const std::string& key) {
    return std::string("at://") + kAda + "/" + collection + "/" + key;
  }
  bool was_removed(const std::string& key) {
    for (const auto& request : pds_.requests) {
      if (request.url.find("deleteRecord") != std::string::npos &&
          request.body.find(key) != std::string::npos)
        return true;
    }
    return false;
  }
  Order like() { return order(ActionType::like, TargetType::post, their_post()); }
  Order of(ActionType type) {
    auto changed = like();
    changed.type = type;
    if (type == ActionType::follow || type == ActionType::unfollow) {
      changed.target_type = TargetType::user;
      changed.target_id = kBob;
    }
    return changed;
  }
};

TEST_F(BlueskyReactions, GoOutFromAnAccountThatHasVeryMany) {
  for (const auto* const collection : {"app.bsky.feed.like", "app.bsky.feed.repost", "app.bsky.graph.follow"})
    say_endless(collection);
  say_viewer({{"muted", false}});
  for (const auto type : {ActionType::like, ActionType::boost, ActionType::follow}) {
    const auto before = pds_.requests.size();
    const auto outcome = acting_->perform(of(type), {});
    EXPECT_EQ(outcome.kind, OutcomeKind::done) << model::to_string(type) << ": " << outcome.error.safe;
    EXPECT_LT(pds_.requests.size() - before, 10U);
  }
}

TEST_F(BlueskyReactions, AreFoundAmongVeryMany) {
  say_endless("app.bsky.feed.like");
  say_viewer({{"like", own("app.bsky.feed.like", "3k2")}});
  pds_.say_record(kAda, "app.bsky.feed.like", "3k2", {{"subject", {{"uri", their_post()}}}});
  pds_.say("com.atproto.repo.deleteRecord", json::object());
  EXPECT_EQ(acting_->perform(like(), {}).kind, OutcomeKind::already_done);
  EXPECT_TRUE(acting_->target(like(), {})->already_done);
  EXPECT_EQ(acting_->perform(of(ActionType::unlike), {}).kind, OutcomeKind::done);
  EXPECT_TRUE(was_removed("3k2"));
}

TEST_F(BlueskyReactions, AreBelievedOfTheRecordsWhereTheAppViewLagsBehind) {
  say_viewer({{"muted", false}});
  say_reactions("app.bsky.feed.like", {{{"uri", own("app.bsky.feed.like", "3k3")},
                                        {"value", {{"subject", {{"uri", their_post()}}}}}}});
  EXPECT_EQ(acting_->perform(like(), {}).kind, OutcomeKind::already_done);
  // Taken back, which the view does not know yet.
  say_reactions("app.bsky.feed.like", {});
  say_viewer({{"like", own("app.bsky.feed.like", "3k3")}});
  pds_.say("com.atproto.repo.getRecord repo=" + std::string(kAda) + " collection=app.bsky.feed.like rkey=3k3",
           {{"error", "RecordNotFound"}, {"message", "gone"}}, 400);
  EXPECT_EQ(acting_->perform(like(), {}).kind, OutcomeKind::done);
}

TEST_F(BlueskyReactions, DoNotWaitForAnAppViewThatIsDown) {
  pds_.say("app.bsky.feed.getPosts uris=" + their_post(), {{"error", "UpstreamFailure"}}, 502);
  EXPECT_EQ(acting_->perform(like(), {}).kind, OutcomeKind::done);
}

}  // namespace
}  // namespace linnet::connect::bluesky
