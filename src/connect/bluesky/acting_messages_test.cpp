// Direct messages: what is asked of the chat service, what its answers mean, and how a lost one is looked
// for.
#include <gmock/gmock.h>

#include "connect/bluesky/acting_fixture.hpp"

#include "kit/media.hpp"

namespace linnet::connect::bluesky {
namespace {

namespace json = boost::json;
using model::ActionType;
using model::TargetType;
using testing::HasSubstr;
using Shown = Evidence::Shown;

json::object direct_convo(const std::string& id, const std::string& other) {
  return {{"id", id},
          {"unreadCount", 2},
          {"kind", {{"$type", "chat.bsky.convo.defs#directConvo"}}},
          {"members", {{{"did", kAda}, {"handle", "ada.test"}}, {{"did", other}, {"handle", "bob.test"}}}}};
}

class ActingMessages : public ActingBlueskyTest {
 protected:
  void SetUp() override {
    ActingBlueskyTest::SetUp();
    say("getConvo convoId=k1", {{"convo", direct_convo("k1", kBob)}});
    say(std::string("getConvoForMembers members=") + kBob, {{"convo", direct_convo("k1", kBob)}});
    say(std::string("getConvoAvailability members=") + kBob,
        {{"canChat", true}, {"convo", direct_convo("k1", kBob)}});
    say("sendMessage", sent("m9", "Hello", clock_.now()));
    say_messages({});
  }
  void say(const std::string& key, const json::value& body, int status = 200) {
    pds_.say("chat.bsky.convo." + key, body, status);
  }
  void refuse(const std::string& key, const std::string& name, const std::string& message, int status = 400) {
    say(key, {{"error", name}, {"message", message}}, status);
  }
  static json::object sent(const std::string& id, const std::string& text, Instant at,
                           const char* sender = kAda) {
    return {{"$type", "chat.bsky.convo.defs#messageView"},
            {"id", id},
            {"text", text},
            {"sender", {{"did", sender}}},
            {"sentAt", to_iso8601(at)}};
  }
  // Newest first; with the time of the server, by which theirs are told from ours.
  void say_messages(const json::array& messages, const std::string& key = "getMessages convoId=k1",
                    const std::string& cursor = {}, bool has_date = true) {
    json::object body{{"messages", messages}};
    if (!cursor.empty()) body["cursor"] = cursor;
    say(key, body);
    if (has_date) pds_.answers["chat.bsky.convo." + key].headers.add("Date", http_date());
  }
  std::string http_date() {
    const auto seconds = std::chrono::system_clock::to_time_t(
        std::chrono::time_point_cast<std::chrono::system_clock::duration>(clock_.now()));
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 40> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts)};
  }
  static ThreadSeen thread(const std::string& id) {
    ThreadSeen thread;
    thread.id = id;
    return thread;
  }
  Order to_thread(const std::string& text = "Hello") {
    return order(ActionType::dm_send, TargetType::dm_thread, "k1", text);
  }
  Order to_bob(const std::string& text = "Hello") {
    return order(ActionType::dm_send, TargetType::user, kBob, text);
  }
  std::size_t asked(const std::string& method) const {
    return static_cast<std::size_t>(std::count_if(
        pds_.requests.begin(), pds_.requests.end(),
        [&](const net::HttpRequest& request) { return request.url.find(method) != std::string::npos; }));
  }
  json::object sent_body() const {
    for (const auto& request : pds_.requests) {
      if (request.url.find("sendMessage") != std::string::npos) return json::parse(request.body).as_object();
    }
    return {};
  }
};

TEST_F(ActingMessages, GoThroughTheOwnPdsToTheChatService) {
  const auto outcome = acting_->perform(to_thread(), {});
  ASSERT_EQ(outcome.kind, OutcomeKind::done) << outcome.error.safe;
  EXPECT_EQ(outcome.platform_id, "m9");
  const auto& request = pds_.requests.back();
  EXPECT_EQ(request.url, "https://pds.example/xrpc/chat.bsky.convo.sendMessage");
  EXPECT_EQ(request.headers.find("Atproto-Proxy"), "did:web:api.bsky.chat#bsky_chat");
  EXPECT_FALSE(request.may_be_repeated);
  EXPECT_EQ(sent_body().at("convoId"), "k1");
  EXPECT_EQ(sent_body().at("message"), (json::object{{"text", "Hello"}}));
}

TEST_F(ActingMessages, HaveFacetsAndQuotesAsPostsDo) {
  auto order = to_bob("See https://example.org @carol.test");
  order.draft.quoted_id = their_post();
  ASSERT_EQ(acting_->perform(order, {}).kind, OutcomeKind::done);
  const auto message = sent_body().at("message").as_object();
  ASSERT_EQ(message.at("facets").as_array().size(), 2);
  EXPECT_EQ(message.at("facets").at(1).at("features").at(0).at("did"), kCarol);
  EXPECT_EQ(message.at("embed").at("record").at("uri").as_string(), their_post());
}

TEST_F(ActingMessages, CarryNoFilesAndNoCards) {
  auto with_media = to_bob();
  with_media.draft.media.push_back(test::media_file("a.png", "image/png", "bytes"));
  EXPECT_EQ(acting_->perform(with_media, {}).kind, OutcomeKind::refused);
  auto with_link = to_bob();
  with_link.draft.link = "https://example.org";
  EXPECT_THAT(acting_->perform(with_link, {}).error.safe, HasSubstr("link:"));
  EXPECT_EQ(asked("sendMessage"), 0);
  const auto limits = acting_->limits({}).value();
  ASSERT_TRUE(limits.message);
  EXPECT_EQ(limits.message->text_length, 1'000);
  EXPECT_EQ(limits.message->text_bytes, 10'000);
  EXPECT_EQ(limits.text_length, 300);
}

TEST_F(ActingMessages, WhoTakesNoneIsNotWrittenToAndTheReasonIsSaid) {
  for (const auto& [name, words] :
       {std::pair{"MessagesDisabled", "take no messages"},
        std::pair{"NotFollowedBySender", "whom they follow"}, std::pair{"BlockedActor", "blocks the other"},
        std::pair{"RecipientNotFound", "no such person"}}) {
    refuse(std::string("getConvoForMembers members=") + kBob, name, "no");
    const auto outcome = acting_->perform(to_bob(), {});
    EXPECT_EQ(outcome.kind, OutcomeKind::refused) << name;
    EXPECT_THAT(outcome.error.safe, HasSubstr(words));
    EXPECT_FALSE(outcome.signed_out);
  }
  EXPECT_EQ(asked("sendMessage"), 0);
  say(std::string("getConvoAvailability members=") + kBob, {{"canChat", false}});
  const auto target = acting_->target(to_bob(), {});
  ASSERT_FALSE(target);
  EXPECT_EQ(target.error().kind, ErrorKind::invalid) << "known before anything is sent, and for good";
  EXPECT_THAT(target.error().safe, HasSubstr("take no messages from this account"));
}

TEST_F(ActingMessages, AreAboutTheOtherMember) {
  const auto target = acting_->target(to_thread(), {});
  ASSERT_TRUE(target) << target.error().safe;
  EXPECT_EQ(target->author_id, kBob);
  EXPECT_EQ(target->author_name, "bob.test");
}

TEST_F(ActingMessages, DoNotGoToGroupsAndNotWhereTheAccountHasLeft) {
  auto group = direct_convo("k1", kBob);
  group["kind"] = json::object{{"$type", "chat.bsky.convo.defs#groupConvo"}, {"name", "Readers"}};
  say("getConvo convoId=k1", {{"convo", group}});
  EXPECT_THAT(acting_->target(to_thread(), {}).error().safe, HasSubstr("it is a group"));
  EXPECT_EQ(acting_->perform(to_thread(), {}).kind, OutcomeKind::refused);
  refuse("getConvo convoId=k1", "InvalidConvo", "Convo not found");
  EXPECT_EQ(acting_->target(to_thread(), {}).error().kind, ErrorKind::not_found);
  EXPECT_EQ(acting_->perform(to_thread(), {}).kind, OutcomeKind::refused);
  EXPECT_EQ(asked("sendMessage"), 0);
}

TEST_F(ActingMessages, WhatThePdsOrTheServiceSaysDecidesWhetherTheyMayGoAgain) {
  refuse("sendMessage", "UpstreamFailure", "Upstream service unreachable", 502);
  EXPECT_EQ(acting_->perform(to_thread(), {}).kind, OutcomeKind::unknown);
  say("sendMessage", {{"ok", true}});
  EXPECT_EQ(acting_->perform(to_thread(), {}).kind, OutcomeKind::unknown) << "done, but what?";
  refuse("sendMessage", "AuthMissing", "who are you?", 401);
  const auto unknown_to_chat = acting_->perform(to_thread(), {});
  EXPECT_EQ(unknown_to_chat.kind, OutcomeKind::refused);
  refuse("sendMessage", "", "", 401);
  EXPECT_EQ(acting_->perform(to_thread(), {}).kind, OutcomeKind::unknown) << "a proxy may answer so";
  refuse("sendMessage", "AccountTakedown", "Account has been taken down", 401);
  EXPECT_TRUE(acting_->perform(to_thread(), {}).restricted);
  refuse("sendMessage", "AccountSuspended", "");
  EXPECT_FALSE(acting_->perform(to_thread(), {}).restricted) << "it may be the other";
  EXPECT_FALSE(unknown_to_chat.signed_out) << "the chat service does not sign the account out";
  refuse("getConvo convoId=k1", "UpstreamFailure", "", 502);
  EXPECT_EQ(acting_->perform(to_thread(), {}).kind, OutcomeKind::not_sent) << "nothing was sent yet";
  refuse("getConvo convoId=k1", "InvalidRequest", "could not resolve proxy did");
  EXPECT_THAT(acting_->perform(to_thread(), {}).error.safe, HasSubstr("bluesky_chat"));
  say("getConvo convoId=k1", {{"convo", direct_convo("k1", kBob)}});
  refuse("sendMessage", "RateLimitExceeded", "", 429);
  pds_.answers["chat.bsky.convo.sendMessage"].headers.add("Retry-After", "30");
  const auto limited = acting_->perform(to_thread(), {});
  EXPECT_EQ(limited.kind, OutcomeKind::not_sent);
  ASSERT_TRUE(limited.retry_at);
  EXPECT_GT(*limited.retry_at, clock_.now() + std::chrono::seconds(20));
}

TEST_F(ActingMessages, AnAppPasswordThatDoesNotCoverThemIsToldAndLeftInPeace) {
  refuse("getConvo convoId=k1", "InvalidToken", "Bad token method");
  refuse("listConvos", "InvalidToken", "Bad token method");
  const auto outcome = acting_->perform(to_thread(), {});
  EXPECT_EQ(outcome.kind, OutcomeKind::refused);
  EXPECT_FALSE(outcome.signed_out);
  EXPECT_FALSE(outcome.restricted);
  EXPECT_THAT(outcome.error.safe, HasSubstr("make one with"));
  EXPECT_EQ(acting_->target(to_thread(), {}).error().kind, ErrorKind::invalid) << "asked once, not again";
  const auto threads = acting_->threads({});
  EXPECT_EQ(threads.error().kind, ErrorKind::denied);
  EXPECT_THAT(threads.error().safe, HasSubstr("app password"));
  EXPECT_EQ(asked("refreshSession"), 0) << "a new token would be of the same kind";
}

TEST_F(ActingMessages, OfSeveralSessionsOfAnAccountOneRenewsItsTokens) {
  Credentials kept;
  kept.token = "old";
  kept.refresh_token = "refresh-1";
  kept.service = "https://pds.example";
  int renewals = 0;
  const CredentialKeeping keeping{
      [&](const Credentials& /*before*/, const Credentials& renewed) -> Result<bool> {
        ++renewals;
        kept = renewed;
        return true;
      },
      [&]() -> Result<Credentials> { return kept; }, std::make_shared<std::mutex>()};
  refuse("listConvos", "ExpiredToken", "Token has expired");
  pds_.say("com.atproto.server.refreshSession",
           {{"did", kAda}, {"handle", "ada.test"}, {"accessJwt", "new"}, {"refreshJwt", "refresh-2"}});
  ActingBluesky one(pds_, budget_, clock_, kAda, kept, keeping);
  ActingBluesky other(pds_, budget_, clock_, kAda, kept, keeping);
  (void)one.threads({});
  (void)other.threads({});
  EXPECT_EQ(renewals, 1);
  EXPECT_EQ(asked("refreshSession"), 1);
  EXPECT_EQ(pds_.requests.back().headers.find("Authorization"), "Bearer new");
}

TEST_F(ActingMessages, ASignInWithoutTheScopeIsToldToBeMadeAgain) {
  for (const auto* const said : {"ScopeMissingError", "Forbidden"}) {
    refuse("listConvos", said, "Missing required scope \"rpc:chat.bsky.convo.listConvos?aud=*\"", 403);
    EXPECT_EQ(acting_->threads({}).error().kind, ErrorKind::denied) << said;
  }
  refuse("listConvos", "Forbidden", "go away", 403);
  EXPECT_NE(acting_->threads({}).error().kind, ErrorKind::denied) << "about something else";
}

TEST_F(ActingMessages, ConversationsComeInPages) {
  say("listConvos", {{"cursor", "c2"}, {"convos", {direct_convo("k1", kBob)}}});
  auto group = direct_convo("k2", kCarol);
  group["kind"] = json::object{{"$type", "chat.bsky.convo.defs#groupConvo"}, {"name", "bob.test"}};
  say("listConvos cursor=c2", {{"convos", {group, 7, direct_convo("k3", kCarol)}}});
  const auto threads = acting_->threads({}).value();
  ASSERT_EQ(threads.size(), 3);
  EXPECT_EQ(threads[0].id, "k1");
  EXPECT_EQ(threads[0].participant_id, kBob);
  EXPECT_EQ(threads[0].participant_name, "bob.test");
  EXPECT_EQ(threads[0].unread_count, 2);
  EXPECT_EQ(threads[1].participant_id, "") << "nobody's alone";
  EXPECT_EQ(threads[1].participant_name, "group «bob.test»") << "no handle, whatever it is called";
  EXPECT_EQ(threads[2].participant_id, kCarol);
}

TEST_F(ActingMessages, AreReadOldestFirstWithoutWhatHappened) {
  const auto now = clock_.now();
  const json::object deleted{{"$type", "chat.bsky.convo.defs#deletedMessageView"},
                             {"id", "m2"},
                             {"sender", {{"did", kBob}}},
                             {"sentAt", to_iso8601(now)}};
  const json::object joined{
      {"$type", "chat.bsky.convo.defs#systemMessageView"}, {"id", "s1"}, {"sentAt", to_iso8601(now)}};
  say_messages({sent("m3", "three", now, kBob), deleted}, "getMessages convoId=k1", "c2");
  say_messages({joined, sent("m1", "one", now)}, "getMessages convoId=k1 cursor=c2");
  const auto messages = acting_->messages(thread("k1"), {}).value();
  ASSERT_EQ(messages.size(), 3);
  EXPECT_EQ(messages[0].text, "one");
  EXPECT_TRUE(messages[0].is_from_us);
  EXPECT_TRUE(messages[1].is_deleted);
  EXPECT_EQ(messages[1].text, "");
  EXPECT_EQ(messages[2].sender_id, kBob);
  refuse("getMessages convoId=k9", "InvalidConvo", "Convo not found");
  EXPECT_EQ(acting_->messages(thread("k9"), {}).error().kind, ErrorKind::not_found);
}

// --- what was sent without an answer

TEST_F(ActingMessages, ALostOneIsFoundByWhatItSays) {
  const auto order = to_thread();
  const auto now = clock_.now();
  say_messages({sent("m3", "Hello", now, kBob), sent("m2", " Hello\n", now), sent("m1", "Other", now)});
  const auto evidence = acting_->look(order, "", {}).value();
  EXPECT_EQ(evidence.shown, Shown::yes);
  EXPECT_EQ(evidence.platform_id, "m2");
  EXPECT_EQ(asked("getConvoForMembers"), 0) << "looking makes no conversation";
}

TEST_F(ActingMessages, IsNotThereOnlyWhenTheSearchWasComplete) {
  const auto order = to_thread();
  const auto now = clock_.now();
  const auto before = now - std::chrono::minutes(10);
  const auto look = [&] { return acting_->look(order, "", {}).value().shown; };
  EXPECT_EQ(look(), Shown::no);
  say_messages({sent("m2", "Other", now), sent("m1", "Hello", before)}, "getMessages convoId=k1", "more");
  EXPECT_EQ(look(), Shown::no) << "the same words long before are another message";
  say_messages({sent("m2", "Other", now), 7});
  EXPECT_EQ(look(), Shown::cannot_tell) << "something was left out";
  say_messages({}, "getMessages convoId=k1", "", false);
  pds_.answers["chat.bsky.convo.getMessages convoId=k1"].headers = {};
  EXPECT_EQ(look(), Shown::cannot_tell) << "the server does not say what time it has";
  say_messages({{{"$type", "chat.bsky.convo.defs#deletedMessageView"},
                 {"id", "m2"},
                 {"sender", {{"did", kAda}}},
                 {"sentAt", to_iso8601(now)}}});
  EXPECT_EQ(look(), Shown::cannot_tell) << "it may be what somebody deleted since";
  say_messages({sent("m2", "Other", now)}, "getMessages convoId=k1", "c2");
  refuse("getMessages convoId=k1 cursor=c2", "UpstreamFailure", "", 502);
  EXPECT_FALSE(acting_->look(order, "", {})) << "the rest could not be read";
  say_messages({sent("m1", "Hello", now)}, "getMessages convoId=k1 cursor=c2");
  EXPECT_EQ(look(), Shown::yes) << "on the next page";
}

TEST_F(ActingMessages, APageThatLeadsToItselfEndsTheSearchUnsure) {
  say_messages({sent("m2", "Other", clock_.now())}, "getMessages convoId=k1", "same");
  say_messages({sent("m2", "Other", clock_.now())}, "getMessages convoId=k1 cursor=same", "same");
  EXPECT_EQ(acting_->look(to_thread(), "", {})->shown, Shown::cannot_tell);
  EXPECT_LT(asked("getMessages"), 100);
  EXPECT_LT(acting_->messages(thread("k1"), {})->size(), 100);
}

TEST_F(ActingMessages, AFirstOneIsLookedForWithoutMakingAConversation) {
  say_messages({sent("m2", "Hello", clock_.now())});
  EXPECT_EQ(acting_->look(to_bob(), "", {})->shown, Shown::yes);
  say(std::string("getConvoAvailability members=") + kBob, {{"canChat", true}});
  EXPECT_EQ(acting_->look(to_bob(), "", {})->shown, Shown::no)
      << "without a conversation there is no message";
  say(std::string("getConvoAvailability members=") + kBob, {{"canChat", false}});
  EXPECT_EQ(acting_->look(to_bob(), "", {})->shown, Shown::cannot_tell);
  EXPECT_EQ(asked("getConvoForMembers"), 0);
}

TEST_F(ActingMessages, AreVerifiedByTheirId) {
  const auto now = clock_.now();
  say_messages({sent("m3", "Hello", now), sent("m2", "Altered", now)});
  EXPECT_EQ(acting_->look(to_thread(), "m3", {})->shown, Shown::yes);
  EXPECT_EQ(acting_->look(to_thread(), "m2", {})->shown, Shown::no);
  EXPECT_EQ(acting_->look(to_thread(), "m1", {})->shown, Shown::no);
}

TEST_F(ActingMessages, AreMarkedAsReadAndThatIsLookedAt) {
  const auto order = this->order(ActionType::dm_read, TargetType::dm_thread, "k1");
  say("updateRead", {{"convo", direct_convo("k1", kBob)}});
  EXPECT_EQ(acting_->perform(order, {}).kind, OutcomeKind::done);
  say("updateRead", {{"error", "Nothing"}});
  EXPECT_EQ(acting_->perform(order, {}).kind, OutcomeKind::unknown);
  EXPECT_EQ(acting_->look(order, "", {})->shown, Shown::no) << "two are unread";
  auto read = direct_convo("k1", kBob);
  read["unreadCount"] = 0;
  say("getConvo convoId=k1", {{"convo", read}});
  EXPECT_EQ(acting_->look(order, "", {})->shown, Shown::yes);
}

TEST_F(ActingMessages, AreAmongWhatThePlatformOffersAndAreNotRecognisedWhenRepeated) {
  const auto can = acting_->capabilities();
  EXPECT_TRUE(can.actions.contains(ActionType::dm_send));
  EXPECT_TRUE(can.actions.contains(ActionType::dm_read));
  EXPECT_TRUE(can.messages_have_no_key);
}

}  // namespace
}  // namespace linnet::connect::bluesky
