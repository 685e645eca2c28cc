// The acting connector against the fake server, which independent clients check as well
// (test/fakes/mastodon/check.sh).
#include <fmt/format.h>

#include "connect/mastodon/acting_fixture.hpp"

#include "kit/media.hpp"

namespace linnet::connect::mastodon {
namespace {

TEST_F(ActingMastodonTest, PublishesAnswersEditsAndDeletes) {
  auto first = post("Hello @bob, see https://example.org/a #linnet");
  first.draft.spoiler_text = "greeting";
  first.draft.language = "en";
  first.draft.visibility = "unlisted";
  const auto id = do_and_see(first);
  EXPECT_EQ(shown(first, ""), Shown::yes);  // found among the account's own posts
  const auto answer = do_and_see(order(ActionType::reply, id, "And more"));
  auto edit = order(ActionType::edit_post, answer, "And much more");
  EXPECT_EQ(shown(edit, ""), Shown::no);
  do_and_see(edit);
  const auto gone = order(ActionType::delete_post, answer);
  do_and_see(gone);
  EXPECT_EQ(acting_->perform(gone, {}).kind, OutcomeKind::already_done);
}

TEST_F(ActingMastodonTest, SendsMediaWithItsDescriptionAndPolls) {
  auto picture = post("A picture");
  picture.draft.media = {test::media_file("dot.png", "image/png", "\x89PNG\r\n--x\r\n", "a \"dot\"")};
  upload(picture);
  const auto id = do_and_see(picture);
  net::HttpRequest look;
  look.url = fake_->url() + "/api/v1/statuses/" + id;
  const auto status = transport_.send(look, {});
  EXPECT_NE(status->body.find(R"("description":"a \"dot\"")"), std::string::npos) << status->body;
  auto poll = post("Tea?");
  poll.draft.poll = Poll{{"yes", "no"}, std::chrono::hours(1), false};
  do_and_see(poll);
}

TEST_F(ActingMastodonTest, ReactsAndFollowsAndTakesItBack) {
  const auto id = do_and_see(post("Like me"));
  for (const auto& [on, off] :
       {std::pair{ActionType::like, ActionType::unlike}, std::pair{ActionType::boost, ActionType::unboost}}) {
    EXPECT_FALSE(acting_->target(order(on, id), {})->already_done);
    do_and_see(order(on, id));
    EXPECT_TRUE(acting_->target(order(on, id), {})->already_done);
    EXPECT_EQ(shown(order(off, id), ""), Shown::no);
    do_and_see(order(off, id));
  }
  auto follow = order(ActionType::follow, bob_);
  follow.target_type = TargetType::user;
  do_and_see(follow);
  follow.type = ActionType::unfollow;
  EXPECT_EQ(shown(follow, ""), Shown::no);
  do_and_see(follow);
}

TEST_F(ActingMastodonTest, WritesToPeopleAndReadsConversations) {
  auto message = order(ActionType::dm_send, bob_, "Between us");
  message.target_type = TargetType::user;
  do_and_see(message);
  const auto threads = acting_->threads({});
  ASSERT_TRUE(threads) << threads.error().safe;
  ASSERT_EQ(threads->size(), 1);
  EXPECT_EQ(threads->front().participant_id, bob_);
  auto more = order(ActionType::dm_send, threads->front().id, "More");
  more.target_type = TargetType::dm_thread;
  do_and_see(more);
  const auto messages = acting_->messages(acting_->threads({})->front(), {});
  ASSERT_TRUE(messages) << messages.error().safe;
  ASSERT_EQ(messages->size(), 2);
  EXPECT_TRUE(messages->back().is_from_us);
  EXPECT_NE(messages->back().text.find("More"), std::string::npos);
  auto mark = order(ActionType::dm_read, threads->front().id);
  mark.target_type = TargetType::dm_thread;
  EXPECT_EQ(acting_->perform(mark, {}).kind, OutcomeKind::done);
}

TEST_F(ActingMastodonTest, AMessageGoesToTheIdWhateverNameIsGiven) {
  fake_->control("account", R"({"acct":"victim@x.example"})");
  auto message = order(ActionType::dm_send, bob_, "Between us");
  message.target_type = TargetType::user;
  message.target_name = "victim@x.example";
  const auto id = do_and_see(message);
  net::HttpRequest look;
  look.url = fake_->url() + "/api/v1/statuses/" + id;
  look.headers.add("Authorization", "Bearer test-token-alice");
  const auto status = boost::json::parse(transport_.send(look, {})->body);
  ASSERT_EQ(status.at("mentions").as_array().size(), 1);
  EXPECT_EQ(status.at("mentions").at(0).at("id").as_string(), bob_);
}

TEST_F(ActingMastodonTest, TheSameWordsToSomebodyElseAreAnotherMessage) {
  const auto carl = fake_->control("account", R"({"acct":"carl@x.example"})");
  auto message = order(ActionType::dm_send, bob_, "Between us");
  message.target_type = TargetType::user;
  do_and_see(message);
  message.target_id = std::string_view(carl.at("id").as_string());
  EXPECT_EQ(shown(message, ""), Shown::no);
}

TEST_F(ActingMastodonTest, TheSameWordsInAnotherConversationAreAnotherMessage) {
  fake_->control("publish", R"({"account":"bob","text":"@alice psst","visibility":"direct"})");
  auto answer = order(ActionType::dm_send, acting_->threads({})->front().id, "Between us");
  answer.target_type = TargetType::dm_thread;
  const auto carl = fake_->control("account", R"({"acct":"carl@x.example"})");
  auto message =
      order(ActionType::dm_send, std::string(std::string_view(carl.at("id").as_string())), "Between us");
  message.target_type = TargetType::user;
  const auto to_carl = do_and_see(message);
  EXPECT_EQ(shown(answer, ""), Shown::no);
  EXPECT_EQ(shown(answer, to_carl), Shown::no);
  do_and_see(answer);
  // Whom a conversation was with that is gone, nobody can tell.
  answer.target_id = "999";
  EXPECT_EQ(shown(answer, ""), Shown::cannot_tell);
}

TEST_F(ActingMastodonTest, WritesToNoGroup) {
  fake_->control("account", R"({"acct":"carol@remote.example"})");
  fake_->control(
      "publish",
      R"({"account":"bob","text":"@alice @carol@remote.example shall we?","visibility":"direct"})");
  const auto threads = acting_->threads({}).value();
  ASSERT_EQ(threads.size(), 1U);
  EXPECT_TRUE(threads.front().is_group);
  EXPECT_EQ(threads.front().participant_id, "");
  EXPECT_EQ(threads.front().participant_name, "a group of 3");
  EXPECT_EQ(acting_->messages(threads.front(), {}).value().back().sender_name, "bob");
  auto answer = order(ActionType::dm_send, threads.front().id, "At nine.");
  answer.target_type = TargetType::dm_thread;
  const auto target = acting_->target(answer, {});
  ASSERT_FALSE(target);
  EXPECT_EQ(target.error().kind, ErrorKind::invalid);
  const auto outcome = acting_->perform(answer, {});
  EXPECT_EQ(outcome.kind, OutcomeKind::refused);
  EXPECT_NE(outcome.error.safe.find("group"), std::string::npos);
  auto mark = order(ActionType::dm_read, threads.front().id);
  mark.target_type = TargetType::dm_thread;
  EXPECT_TRUE(acting_->target(mark, {}));
}

TEST_F(ActingMastodonTest, ReadsConversationsPageByPageAndEachByOneRequest) {
  for (int i = 0; i < 90; ++i) {
    fake_->control("publish",
                   fmt::format(R"({{"account":"bob","text":"@alice {}","visibility":"direct"}})", i));
  }
  const auto threads = acting_->threads({});
  ASSERT_TRUE(threads) << threads.error().safe;
  EXPECT_EQ(threads->size(), 90);
  const auto lists = fake_->requests("conversations");
  EXPECT_LE(lists, 4);
  ASSERT_TRUE(acting_->messages(threads->back(), {}));
  EXPECT_EQ(fake_->requests("conversations"), lists);
  EXPECT_EQ(fake_->requests("context"), 1);
  // One that is not on the first page is found as well, a newer one without the pages behind it.
  auto mark = order(ActionType::dm_read, threads->back().id);
  mark.target_type = TargetType::dm_thread;
  EXPECT_EQ(shown(mark, mark.target_id), Shown::no);
  const auto before = fake_->requests("conversations");
  mark.target_id = threads->front().id;
  EXPECT_EQ(shown(mark, mark.target_id), Shown::no);
  EXPECT_EQ(fake_->requests("conversations"), before + 1);
}

TEST_F(ActingMastodonTest, AConversationHasAnotherVersionWhenSomethingIsNew) {
  const auto psst =
      fake_->control("publish", R"({"account":"bob","text":"@alice psst","visibility":"direct"})");
  const std::string first(std::string_view(psst.at("ids").at(0).as_string()));
  const auto version = [&] { return acting_->threads({})->front().version; };
  const auto before = version();
  EXPECT_FALSE(before.empty());
  EXPECT_EQ(version(), before);
  fake_->control(
      "publish",
      fmt::format(R"({{"account":"bob","text":"@alice hey","visibility":"direct","in_reply_to_id":"{}"}})",
                  first));
  const auto after = version();
  EXPECT_NE(after, before);
}

TEST_F(ActingMastodonTest, OnlyDmSendMakesDirectMessages) {
  auto hidden = post("@bob hi");
  hidden.draft.visibility = "direct";
  const auto outcome = acting_->perform(hidden, {});
  EXPECT_EQ(outcome.kind, OutcomeKind::refused);
  EXPECT_NE(outcome.error.safe.find("dm_send"), std::string::npos);
  // Neither an answer to one nor an edit of one.
  const auto theirs =
      fake_->control("publish", R"({"account":"bob","text":"@alice psst","visibility":"direct"})");
  const std::string psst(std::string_view(theirs.at("ids").at(0).as_string()));
  EXPECT_EQ(acting_->perform(order(ActionType::reply, psst, "@bob what?"), {}).kind, OutcomeKind::refused);
  EXPECT_EQ(acting_->perform(order(ActionType::comment, psst, "what?"), {}).kind, OutcomeKind::refused);
  auto message = order(ActionType::dm_send, bob_, "Between us");
  message.target_type = TargetType::user;
  const auto ours = do_and_see(message);
  EXPECT_EQ(acting_->perform(order(ActionType::edit_post, ours, "@bob @carol us"), {}).kind,
            OutcomeKind::refused);
  const auto effects = fake_->control("effects");
  EXPECT_EQ(effects.at("statuses").as_object().size(), 1U);
  break_next(R"({"kind":"status","status":503,"method":"GET"})");
  EXPECT_EQ(acting_->perform(order(ActionType::reply, psst, "later"), {}).kind, OutcomeKind::not_sent);
}

TEST_F(ActingMastodonTest, AsksTheServerForItsLimits) {
  const auto limits = acting_->limits({});
  ASSERT_TRUE(limits) << limits.error().safe;
  EXPECT_EQ(limits->text_length, 500);
  EXPECT_EQ(limits->url_length, 23);
}

// A fault, and what is known after it.
struct Fault {
  std::string order;
  OutcomeKind outcome;
  Shown shown;  // of a search
};

TEST_F(ActingMastodonTest, KnowsWhatItDoesNotKnow) {
  const std::vector<Fault> faults{
      {R"({"kind":"lost","method":"POST"})", OutcomeKind::unknown, Shown::yes},
      {R"({"kind":"close","method":"POST"})", OutcomeKind::unknown, Shown::no},
      {R"({"kind":"late_error","status":504,"method":"POST"})", OutcomeKind::unknown, Shown::yes},
      {R"({"kind":"status","status":500,"method":"POST"})", OutcomeKind::unknown, Shown::no},
      {R"({"kind":"html","method":"POST"})", OutcomeKind::unknown, Shown::no},
      {R"({"kind":"garbage","method":"POST"})", OutcomeKind::unknown, Shown::no},
      {R"({"kind":"redirect","to":"http://other.example/","method":"POST"})", OutcomeKind::unknown,
       Shown::no},
      {R"({"kind":"status","status":429,"headers":{"Retry-After":"1"},"method":"POST"})",
       OutcomeKind::not_sent, Shown::no},
      {R"({"kind":"status","status":422,"method":"POST"})", OutcomeKind::refused, Shown::no},
      {R"({"kind":"hang","method":"POST"})", OutcomeKind::unknown, Shown::no}};
  int number = 0;
  for (const auto& fault : faults) {
    break_next(fault.order);
    // No two of them resemble each other.
    const auto wanted = post(std::string(8, static_cast<char>('a' + ++number)));
    const auto outcome = acting_->perform(wanted, {});
    EXPECT_EQ(static_cast<int>(outcome.kind), static_cast<int>(fault.outcome))
        << fault.order << outcome.error.safe;
    EXPECT_EQ(static_cast<int>(shown(wanted, "")), static_cast<int>(fault.shown)) << fault.order;
  }
}

TEST_F(ActingMastodonTest, ASuccessThatNamesNothingIsNone) {
  const auto id = do_and_see(post("There"));
  fake_->control("publish", R"({"account":"bob","text":"@alice psst","visibility":"direct"})");
  const auto thread = acting_->threads({})->front().id;
  auto message = order(ActionType::dm_send, bob_, "Between us");
  message.target_type = TargetType::user;
  auto follow = order(ActionType::follow, bob_);
  follow.target_type = TargetType::user;
  auto mark = order(ActionType::dm_read, thread);
  mark.target_type = TargetType::dm_thread;
  auto unfollow = follow;
  unfollow.type = ActionType::unfollow;
  const std::vector<Order> orders{post("Lost"),
                                  order(ActionType::reply, id, "Lost answer"),
                                  order(ActionType::comment, id, "Lost comment"),
                                  message,
                                  order(ActionType::edit_post, id, "Lost edit"),
                                  order(ActionType::like, id),
                                  order(ActionType::unlike, id),
                                  order(ActionType::boost, id),
                                  order(ActionType::unboost, id),
                                  follow,
                                  unfollow,
                                  order(ActionType::delete_post, id),
                                  mark};
  for (const auto* const body :
       {R"({"error":"Validation failed"})", R"({"error":"no","id":"1"})", "{}", R"({"id":""})",
        R"({"id":1e300})", R"({"id":{"id":1}})", R"({"id":"a b"})"}) {
    for (const auto& wanted : orders) {
      break_next(fmt::format(R"({{"kind":"status","status":200,"body":{},"method":"P.*|DELETE"}})", body));
      const auto outcome = acting_->perform(wanted, {});
      EXPECT_EQ(static_cast<int>(outcome.kind), static_cast<int>(OutcomeKind::unknown))
          << body << " " << model::to_string(wanted.type);
      EXPECT_EQ(outcome.platform_id, "") << body;
    }
  }
  EXPECT_EQ(shown(orders.front(), ""), Shown::no);
  // Nor does such an answer say that it is there, or gone.
  for (const auto type : {ActionType::delete_post, ActionType::extract_stats, ActionType::publish}) {
    break_next(R"({"kind":"status","status":200,"body":{"error":"Record not found"},"method":"GET"})");
    EXPECT_EQ(shown(order(type, id), id), Shown::cannot_tell);
  }
}

TEST_F(ActingMastodonTest, FindsWhatIsScheduledAlsoAfterALostAnswer) {
  auto later = post("See you later");
  later.draft.scheduled_at = clock_.now() + std::chrono::hours(30);
  EXPECT_EQ(shown(later, ""), Shown::no);
  break_next(R"({"kind":"lost","method":"POST"})");
  EXPECT_EQ(acting_->perform(later, {}).kind, OutcomeKind::unknown);
  const auto evidence = acting_->look(later, "", {});
  ASSERT_TRUE(evidence) << evidence.error().safe;
  EXPECT_EQ(evidence->shown, Shown::yes);
  EXPECT_EQ(shown(later, evidence->platform_id), Shown::yes);
  EXPECT_EQ(fake_->control("effects").at("scheduled").at("See you later").as_int64(), 1);
}

TEST_F(ActingMastodonTest, AnEditKeepsTheFilesAndWaitsForThemToBeReady) {
  fake_->control("settings", R"({"media_looks":1})");
  auto picture = post("A picture");
  picture.draft.media = {test::media_file("dot.png", "image/png", "\x89PNG", "a dot")};
  upload(picture);
  const auto id = do_and_see(picture);
  do_and_see(order(ActionType::edit_post, id, "A better text"));
  net::HttpRequest look;
  look.url = fake_->url() + "/api/v1/statuses/" + id;
  const auto status = transport_.send(look, {});
  EXPECT_NE(status->body.find(R"("description":"a dot")"), std::string::npos) << status->body;
}

TEST_F(ActingMastodonTest, AFailedUploadLeavesNoPost) {
  for (const auto* const fault :
       {R"({"kind":"lost","path":"media"})", R"({"kind":"status","status":422,"path":"media"})"}) {
    break_next(fault);
    auto picture = post("Never seen");
    picture.draft.media = {test::media_file("dot.png", "image/png", "\x89PNG", "a dot")};
    const auto upload = acting_->upload(picture.draft.media.front(), picture, {});
    ASSERT_TRUE(upload.failure);
    const auto kind = upload.failure->kind;
    EXPECT_TRUE(kind == OutcomeKind::not_sent || kind == OutcomeKind::refused);
    EXPECT_EQ(acting_->perform(picture, {}).kind, OutcomeKind::refused)
        << "what was not uploaded is not left out";
    EXPECT_EQ(shown(picture, ""), Shown::no);
  }
  EXPECT_FALSE(fake_->control("effects").at("statuses").as_object().contains("Never seen"));
}

TEST_F(ActingMastodonTest, BelievesOnlyTheApiAboutWhatIsGoneAndWhoMayAct) {
  const auto id = do_and_see(post("Still here"));
  const auto gone = order(ActionType::delete_post, id);
  break_next(R"({"kind":"html","status":404,"method":"DELETE"})");
  EXPECT_NE(acting_->perform(gone, {}).kind, OutcomeKind::already_done);
  break_next(R"({"kind":"html","status":404,"method":"GET"})");
  EXPECT_FALSE(acting_->look(gone, "", {}));
  EXPECT_EQ(shown(gone, ""), Shown::no);
  break_next(R"({"kind":"html","status":401})");
  EXPECT_EQ(acting_->check_credentials({}).error().kind, ErrorKind::unavailable);
  break_next(R"({"kind":"html","status":401,"method":"POST"})");
  EXPECT_FALSE(acting_->perform(post("x"), {}).signed_out);
}

TEST_F(ActingMastodonTest, CountsAndReadMarksAreSeen) {
  const auto id = do_and_see(post("Count me"));
  EXPECT_EQ(shown(order(ActionType::extract_stats, id), id), Shown::yes);
  fake_->control("publish", R"({"account":"bob","text":"@alice psst","visibility":"direct"})");
  const auto threads = acting_->threads({});
  ASSERT_TRUE(threads) << threads.error().safe;
  ASSERT_EQ(threads->size(), 1);
  auto mark = order(ActionType::dm_read, threads->front().id);
  mark.target_type = TargetType::dm_thread;
  EXPECT_EQ(shown(mark, mark.target_id), Shown::no);
  do_and_see(mark);
}

TEST_F(ActingMastodonTest, AUsedUpBudgetOfPostsDoesNotHoldUpReading) {
  // A window that ends in years, not soon after the next full hour.
  fake_->control("limits", R"({"post":{"limit":1,"period":1000000000}})");
  do_and_see(post("First"));
  const auto second = acting_->perform(post("Second"), {});
  EXPECT_EQ(second.kind, OutcomeKind::not_sent);
  ASSERT_TRUE(second.retry_at);
  EXPECT_GT(*second.retry_at, clock_.now());
  EXPECT_TRUE(acting_->check_credentials({}));
}

TEST_F(ActingMastodonTest, ARepeatedOrderMakesOnePost) {
  break_next(R"({"kind":"lost","method":"POST"})");
  const auto wanted = post("Only once");
  EXPECT_EQ(acting_->perform(wanted, {}).kind, OutcomeKind::unknown);
  const auto again = acting_->perform(wanted, {});
  EXPECT_EQ(again.kind, OutcomeKind::done);
  EXPECT_EQ(acting_->look(wanted, "", {})->platform_id, again.platform_id);
}

TEST_F(ActingMastodonTest, KnowsWhenItIsSignedOutOrNobodyIsThere) {
  break_next(R"({"kind":"status","status":401,"count":2})");
  EXPECT_TRUE(acting_->perform(post("x"), {}).signed_out);
  EXPECT_EQ(acting_->check_credentials({}).error().kind, ErrorKind::denied);
  break_next(R"({"kind":"status","status":503,"retry_after":1})");
  EXPECT_EQ(acting_->check_credentials({}).error().kind, ErrorKind::unavailable);
  EXPECT_TRUE(acting_->check_credentials({}));
  break_next(
      R"({"kind":"status","status":403,"body":{"error":"Your login is currently disabled"},"method":"POST"})");
  EXPECT_TRUE(acting_->perform(post("x"), {}).restricted);
  // What is said of anything but the account is no restriction of it.
  for (const auto* const said : {"Search is disabled", "This method is limited to admins", "Rate limited"}) {
    break_next(
        fmt::format(R"({{"kind":"status","status":403,"body":{{"error":"{}"}},"method":"POST"}})", said));
    const auto outcome = acting_->perform(post("y"), {});
    EXPECT_EQ(outcome.kind, OutcomeKind::refused);
    EXPECT_FALSE(outcome.restricted) << said;
  }
  EXPECT_TRUE(acting_->check_credentials({}));
  EXPECT_EQ(acting_->own_name(), "alice");
  ApiOptions nowhere;
  nowhere.base_url = "http://127.0.0.1:1";
  ActingMastodon lost(transport_, budget_, clock_, nowhere, alice_);
  EXPECT_EQ(lost.perform(post("x"), {}).kind, OutcomeKind::not_sent);
}

}  // namespace
}  // namespace linnet::connect::mastodon
