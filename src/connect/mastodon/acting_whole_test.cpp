// What stands on the server is all that was asked for: edits take nothing away, and evidence looks at
// everything.
#include <fmt/format.h>

#include "connect/mastodon/acting_fixture.hpp"

namespace linnet::connect::mastodon {
namespace {

class ActingWhole : public ActingMastodonTest {
 protected:
  boost::json::object status(const std::string& id) {
    net::HttpRequest look;
    look.url = fake_->url() + "/api/v1/statuses/" + id;
    look.headers.add("Authorization", "Bearer test-token-alice");
    return boost::json::parse(transport_.send(look, {})->body).as_object();
  }
  Order edit(const std::string& id, const std::string& text) {
    return order(ActionType::edit_post, id, text);
  }
  // Done, and told as the dispatcher tells it.
  Order done(Order wanted) {
    const auto outcome = acting_->perform(wanted, {});
    EXPECT_EQ(outcome.kind, OutcomeKind::done) << outcome.error.safe;
    wanted.told = outcome.details;
    return wanted;
  }
  Order poll_post() {
    auto asked = post("Tea?");
    asked.draft.poll = Poll{{"yes", "no"}, std::chrono::hours(1), true};
    return asked;
  }
};

TEST_F(ActingWhole, AnEditKeepsThePollAndItsVotes) {
  const auto id = do_and_see(poll_post());
  fake_->control("vote", fmt::format(R"({{"id":"{}","choice":1,"times":3}})", id));
  const auto before = status(id).at("poll").as_object();
  const auto edited = done(edit(id, "Tea or not?"));
  EXPECT_EQ(shown(edited, id), Shown::yes);
  const auto after = status(id).at("poll").as_object();
  EXPECT_EQ(after.at("id"), before.at("id"));
  EXPECT_EQ(after.at("votes_count").as_int64(), 3);
  EXPECT_EQ(after.at("multiple"), true);
  const auto ends = [](const boost::json::object& poll) {
    return *parse_iso8601(std::string_view(poll.at("expires_at").as_string()));
  };
  EXPECT_LT(std::chrono::abs(ends(after) - ends(before)), std::chrono::seconds(5));
}

TEST_F(ActingWhole, AnEditOfAPollThatEndedIsRefused) {
  const auto id = do_and_see(poll_post());
  fake_->control("edit",
                 fmt::format(R"({{"id":"{}","poll":{{"id":"9","expires_at":"2020-01-01T00:00:00.000Z",)"
                             R"("expired":true,"multiple":false,"votes_count":4,"options":[)"
                             R"({{"title":"yes","votes_count":4}},{{"title":"no","votes_count":0}}]}}}})",
                             id));
  const auto outcome = acting_->perform(edit(id, "Coffee?"), {});
  EXPECT_EQ(outcome.kind, OutcomeKind::refused);
  EXPECT_NE(outcome.error.safe.find("poll"), std::string::npos);
  EXPECT_EQ(status(id).at("poll").at("votes_count").as_int64(), 4);
}

TEST_F(ActingWhole, AnEditKeepsWarningSensitivityAndLanguage) {
  auto first = post("Guten Tag");
  first.draft.spoiler_text = "greeting";
  first.draft.language = "de";
  const auto warned = do_and_see(first);
  EXPECT_EQ(shown(done(edit(warned, "Guten Abend")), warned), Shown::yes);
  EXPECT_EQ(status(warned).at("spoiler_text").as_string(), "greeting");
  EXPECT_EQ(status(warned).at("language").as_string(), "de");
  auto second = post("Not for everybody");
  second.draft.sensitive = true;
  const auto sensitive = do_and_see(second);
  done(edit(sensitive, "Still not for everybody"));
  EXPECT_EQ(status(sensitive).at("sensitive"), true);
  EXPECT_TRUE(status(sensitive).at("spoiler_text").as_string().empty());
  auto other = edit(warned, "Good evening");
  other.draft.language = "en";
  other.draft.spoiler_text = "another greeting";
  EXPECT_EQ(shown(done(other), warned), Shown::yes);
  EXPECT_EQ(status(warned).at("language").as_string(), "en");
}

TEST_F(ActingWhole, WhatAnEditTookAwayAllTheSameIsNotVerified) {
  auto warned = post("Guten Tag");
  warned.draft.spoiler_text = "greeting";
  const auto id = do_and_see(warned);
  const auto edited = done(edit(id, "Guten Abend"));
  EXPECT_EQ(shown(edited, id), Shown::yes);
  for (const auto* const change : {R"("spoiler_text":"")", R"("language":"fr")", R"("sensitive":false)"}) {
    const auto before = status(id);
    fake_->control("edit", fmt::format(R"({{"id":"{}",{}}})", id, change));
    EXPECT_EQ(shown(edited, id), Shown::no) << change;
    fake_->control(
        "edit", fmt::format(R"({{"id":"{}","spoiler_text":"greeting","language":"{}","sensitive":true}})", id,
                            std::string_view(before.at("language").as_string())));
  }
  EXPECT_EQ(shown(edited, id), Shown::yes);
}

TEST_F(ActingWhole, AnEditChangesNoVisibilityAndNoQuote) {
  const auto id = do_and_see(post("Hello"));
  auto hidden = edit(id, "Hello");
  hidden.draft.visibility = "private";
  EXPECT_EQ(acting_->perform(hidden, {}).kind, OutcomeKind::refused);
  auto quoting = edit(id, "Hello");
  quoting.draft.quoted_id = id;
  EXPECT_EQ(acting_->perform(quoting, {}).kind, OutcomeKind::refused);
}

TEST_F(ActingWhole, AQuoteThatNeverHappenedIsNotVerified) {
  const auto quoted = do_and_see(post("Quote me"));
  auto quoting = post("As they say");
  quoting.draft.quoted_id = quoted;
  do_and_see(quoting);
  ASSERT_TRUE(acting_->limits({}));
  EXPECT_TRUE(acting_->capabilities().quotes);
  // A server that knows no quotes takes the post and leaves it out.
  fake_->control("settings", R"({"profile":"gotosocial"})");
  auto unknown = post("And again");
  unknown.draft.quoted_id = quoted;
  const auto outcome = acting_->perform(unknown, {});
  const auto evidence = acting_->look(unknown, outcome.platform_id, {});
  ASSERT_TRUE(evidence) << evidence.error().safe;
  EXPECT_EQ(evidence->shown, Shown::no);
  EXPECT_NE(evidence->why.find("the quote"), std::string::npos) << evidence->why;
  // It is there all the same: it must not be sent again.
  EXPECT_EQ(shown(unknown, ""), Shown::yes);
}

TEST_F(ActingWhole, TheServerSaysWhatItCanDo) {
  EXPECT_FALSE(acting_->capabilities().has_idempotency_key) << "nobody knows yet";
  ASSERT_TRUE(acting_->limits({}));
  EXPECT_TRUE(acting_->capabilities().has_idempotency_key);
  fake_->control("settings", R"({"profile":"gotosocial"})");
  ApiOptions options;
  options.base_url = fake_->url();
  options.token = "test-token-alice";
  ActingMastodon other(transport_, budget_, clock_, options, alice_);
  ASSERT_TRUE(other.limits({}));
  EXPECT_FALSE(other.capabilities().has_idempotency_key);
  EXPECT_FALSE(other.capabilities().quotes);
  EXPECT_TRUE(other.capabilities().polls);
}

TEST_F(ActingWhole, MissingMembersAreNamed) {
  auto wanted = post("Everything");
  wanted.draft.poll = Poll{{"a", "b"}, std::chrono::hours(1), false};
  wanted.draft.language = "fr";
  wanted.draft.visibility = "unlisted";
  wanted.draft.quote_policy = "nobody";
  auto plain = post("Everything");
  const auto id = do_and_see(plain);
  const auto evidence = acting_->look(wanted, id, {});
  ASSERT_TRUE(evidence);
  EXPECT_EQ(evidence->shown, Shown::no);
  for (const auto* const what : {"the poll", "the language", "the visibility", "who may quote it"})
    EXPECT_NE(evidence->why.find(what), std::string::npos) << what << ": " << evidence->why;
  auto careful = post("Nobody quotes this");
  careful.draft.quote_policy = "nobody";
  do_and_see(careful);
}

}  // namespace
}  // namespace linnet::connect::mastodon
