// What is no id of the account's platform reaches no approval, whoever asks for it.
#include "act/settle_names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace linnet::act {
namespace {

using model::ActionType;
using model::TargetType;
using testing::StartsWith;

NewAction aimed_at(TargetType target, const std::string& id) {
  NewAction action;
  action.type = target == TargetType::post   ? ActionType::like
                : target == TargetType::user ? ActionType::follow
                                             : ActionType::dm_read;
  action.target_type = target;
  action.target_id = id;
  return action;
}

std::string said(const NewAction& action, std::string_view platform) {
  const auto checked = check_ids(action, platform);
  return checked ? std::string() : checked.error().safe;
}

TEST(CheckIds, OnMastodon) {
  for (const auto* const id :
       {"115", "AjPMHY2qLGmA1JpCGi", "01J8ZQ5R5Y3K3F0ZB5X5S5M5AB", "0a1b2c3d-1234-4abc-8def-0123456789ab"}) {
    for (const auto target : {TargetType::post, TargetType::user, TargetType::dm_thread})
      EXPECT_EQ(said(aimed_at(target, id), "mastodon"), "") << id;
  }
  for (const auto* const id :
       {"https://social.example/@bob/1", "@bob", "bob@far.example", "at://did:plc:abc/a.b.c/1", "did:plc:abc",
        "two words", "../1", "1?x", "\u2068115\u2069", ""}) {
    EXPECT_THAT(said(aimed_at(TargetType::post, id), "mastodon"), StartsWith("post_id: expected the id"))
        << id;
    EXPECT_THAT(said(aimed_at(TargetType::user, id), "mastodon"), StartsWith("person_id: expected the id"))
        << id;
    EXPECT_THAT(said(aimed_at(TargetType::dm_thread, id), "mastodon"),
                StartsWith("thread_id: expected the id"))
        << id;
  }
}

TEST(CheckIds, OnBluesky) {
  EXPECT_EQ(said(aimed_at(TargetType::post, "at://did:plc:abc/app.bsky.feed.post/3k"), "bluesky"), "");
  EXPECT_EQ(said(aimed_at(TargetType::user, "did:plc:abc"), "bluesky"), "");
  for (const auto* const id :
       {"115", "at://bob.example/app.bsky.feed.post/3k", "did:plc:abc", "https://bsky.app/"})
    EXPECT_THAT(said(aimed_at(TargetType::post, id), "bluesky"), StartsWith("post_id: expected")) << id;
  for (const auto* const id :
       {"115", "bob.example", "@bob.example", "at://did:plc:abc/app.bsky.feed.post/3k"})
    EXPECT_THAT(said(aimed_at(TargetType::user, id), "bluesky"), StartsWith("person_id: expected")) << id;
}

TEST(CheckIds, OfQuotedPostsToo) {
  NewAction action;
  action.type = ActionType::publish;
  action.target_id = "anything: a post is aimed at nobody";
  action.drafts.emplace_back();
  action.drafts.back().quoted_id = "https://social.example/@bob/1";
  EXPECT_THAT(said(action, "mastodon"), StartsWith("quoted_id: "));
  EXPECT_THAT(said(action, "bluesky"), StartsWith("quoted_id: "));
  action.drafts.back().quoted_id = "115";
  EXPECT_EQ(said(action, "mastodon"), "");
}

}  // namespace
}  // namespace linnet::act
