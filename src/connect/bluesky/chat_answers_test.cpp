// What the chat service says is read whole, and what is broken or hostile in it is left out or an error.
#include "connect/bluesky/chat_answers.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace linnet::connect::bluesky {
namespace {

using Kind = ChatMessage::Kind;

const std::string kAdasDid = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";
const std::string kBobsDid = "did:plc:bbbbbbbbbbbbbbbbbbbbbbbb";

std::string member(const std::string& did, const std::string& handle) {
  return R"({"did":")" + did + R"(","handle":")" + handle + R"("})";
}
std::string message(const std::string& more) {
  return R"({"$type":"chat.bsky.convo.defs#messageView","id":"m1","rev":"r1","sender":{"did":")" + kBobsDid +
         R"("},"sentAt":"2026-08-01T10:00:00.000Z")" + more + "}";
}
MessagePage page_of(const std::string& messages) {
  return read_message_page(R"({"messages":[)" + messages + "]}").value();
}

TEST(ChatAnswers, AConversationHasItsMembersAndWhatIsUnread) {
  const auto page =
      read_convo_page(R"({"cursor":"c2","convos":[{"id":"k1","unreadCount":3,"muted":true,
      "status":"request","kind":{"$type":"chat.bsky.convo.defs#directConvo"},"members":[)" +
                      member(kAdasDid, "ada.test") + "," + member(kBobsDid, "handle.invalid") + "]}]}")
          .value();
  EXPECT_EQ(page.cursor, "c2");
  ASSERT_EQ(page.convos.size(), 1);
  const auto& convo = page.convos.front();
  EXPECT_EQ(convo.id, "k1");
  EXPECT_EQ(convo.unread_count, 3);
  EXPECT_FALSE(convo.is_group);
  ASSERT_EQ(convo.members.size(), 2);
  EXPECT_EQ(convo.members[0].handle, "ada.test");
  EXPECT_EQ(convo.members[1].did, kBobsDid);
  EXPECT_EQ(convo.members[1].handle, "") << "leads to nobody";
}

TEST(ChatAnswers, AConversationIsAnotherWhenItsLastMessageIs) {
  const auto rev = [](const std::string& more) {
    return read_convo_page(R"({"convos":[{"id":"k1","members":[])" + more + "}]}").value().convos.front().rev;
  };
  EXPECT_EQ(rev(""), "");
  const auto with = rev(R"(,"rev":"r1","lastMessage":)" + message(R"(,"text":"Hi")"));
  EXPECT_EQ(with, rev(R"(,"rev":"r1","lastMessage":)" + message(R"(,"text":"Hi")")));
  EXPECT_NE(with, rev(R"(,"rev":"r2","lastMessage":)" + message(R"(,"text":"Hi")")));
  EXPECT_NE(
      with,
      rev(R"(,"rev":"r1","lastMessage":{"$type":"chat.bsky.convo.defs#deletedMessageView","id":"m1"})"));
}

TEST(ChatAnswers, AGroupIsOneByItsKindOrItsMembers) {
  const auto is_group = [](const std::string& more) {
    return read_convo(R"({"convo":{"id":"k","members":[],"unreadCount":0)" + more + "}}").value().is_group;
  };
  EXPECT_FALSE(is_group(""));
  EXPECT_TRUE(is_group(R"(,"kind":{"$type":"chat.bsky.convo.defs#groupConvo","name":"Readers"})"));
  EXPECT_TRUE(is_group(R"(,"kind":{"$type":"chat.bsky.convo.defs#somethingNew"})"));
  const auto three = read_convo(R"({"convo":{"id":"k","members":[)" + member(kAdasDid, "a.test") + "," +
                                member(kBobsDid, "b.test") + "," + member(kBobsDid, "c.test") + "]}}");
  EXPECT_TRUE(three->is_group);
}

TEST(ChatAnswers, MessagesAreToldFromWhatWasDeletedAndWhatHappened) {
  const auto page = page_of(
      message(R"(,"text":"Hi","reactions":[{"value":"x"}])") +
      R"(,{"$type":"chat.bsky.convo.defs#deletedMessageView","id":"m0","sender":{"did":")" + kAdasDid +
      R"("},"sentAt":"2026-08-01T09:00:00Z"},{"$type":"chat.bsky.convo.defs#systemMessageView","id":"s1",
              "sentAt":"2026-08-01T08:00:00Z","text":"not said by anybody"})");
  ASSERT_EQ(page.messages.size(), 3);
  EXPECT_TRUE(page.is_whole);
  EXPECT_EQ(page.messages[0].kind, Kind::text);
  EXPECT_EQ(page.messages[0].text, "Hi");
  EXPECT_EQ(page.messages[0].sender, kBobsDid);
  EXPECT_EQ(to_iso8601(*page.messages[0].sent_at).substr(0, 19), "2026-08-01T10:00:00");
  EXPECT_EQ(page.messages[1].kind, Kind::deleted);
  EXPECT_EQ(page.messages[1].sender, kAdasDid);
  EXPECT_EQ(page.messages[2].kind, Kind::other);
  EXPECT_EQ(page.messages[2].text, "");
}

TEST(ChatAnswers, WhatIsLeftOutIsKnownToBeMissing) {
  for (
      const auto* const broken :
      {"1", "null", "{}", R"({"id":7,"text":"x"})", R"({"id":"","text":"x"})",
       R"({"id":"a\u0000b","text":"x"})",
       R"({"$type":"chat.bsky.convo.defs#messageView","id":"m","text":"x","sender":{"did":"bob"}})",
       R"({"$type":"chat.bsky.convo.defs#messageView","id":"m","text":7,"sender":{"did":"did:web:b.test"}})"}) {
    const auto page = page_of(broken);
    EXPECT_TRUE(page.messages.empty()) << broken;
    EXPECT_FALSE(page.is_whole) << broken;
  }
  EXPECT_FALSE(read_message_page(R"({"messages":[],"cursor":7})")->is_whole) << "there may be more";
  EXPECT_FALSE(
      read_message_page(R"({"messages":[],"cursor":")" + std::string(10'000, 'c') + R"("})")->is_whole);
  const auto timeless = page_of(
      R"({"$type":"chat.bsky.convo.defs#messageView","id":"m","text":"x","sentAt":"soon","sender":{"did":")" +
      kBobsDid + R"("}})");
  ASSERT_EQ(timeless.messages.size(), 1);
  EXPECT_FALSE(timeless.messages.front().sent_at);
}

TEST(ChatAnswers, TextsAreFitToBeKept) {
  const auto page = page_of(message(R"(,"text":"a\u0000b")"));
  ASSERT_EQ(page.messages.size(), 1);
  EXPECT_EQ(page.messages.front().text.find('\0'), std::string::npos);
  EXPECT_TRUE(is_valid_utf8(page.messages.front().text));
  const auto convo =
      read_convo(R"({"convo":{"id":"k","unreadCount":-9,"members":[7,{"did":"x"},{}]}})").value();
  EXPECT_EQ(convo.unread_count, 0);
  EXPECT_TRUE(convo.members.empty());
}

TEST(ChatAnswers, WhatIsNoAnswerIsAnError) {
  for (const auto* const body : {"", "[]", "null", "{", "{}", R"({"convos":{}})", R"({"messages":"none"})",
                                 R"({"convo":[]})", R"({"convo":{"id":""}})", "\xff\xfe"}) {
    EXPECT_EQ(read_convo_page(body).error().kind, ErrorKind::unavailable) << body;
    EXPECT_EQ(read_message_page(body).error().kind, ErrorKind::unavailable) << body;
    EXPECT_EQ(read_convo(body).error().kind, ErrorKind::unavailable) << body;
    EXPECT_EQ(read_message(body).error().kind, ErrorKind::unavailable) << body;
    EXPECT_EQ(read_availability(body).error().kind, ErrorKind::unavailable) << body;
  }
  std::string deep = R"({"convos":)";
  deep += std::string(100'000, '[') + std::string(100'000, ']') + "}";
  EXPECT_FALSE(read_convo_page(deep));
}

TEST(ChatAnswers, WhetherOneMayWriteIsSaidInFull) {
  EXPECT_FALSE(read_availability(R"({"canChat":false})")->can_chat);
  const auto with = read_availability(R"({"canChat":true,"convo":{"id":"k1","members":[]}})").value();
  EXPECT_TRUE(with.can_chat);
  ASSERT_TRUE(with.convo);
  EXPECT_EQ(with.convo->id, "k1");
  EXPECT_FALSE(read_availability(R"({"canChat":true,"convo":{"id":7}})"))
      << "one that cannot be read is not none";
}

}  // namespace
}  // namespace linnet::connect::bluesky
