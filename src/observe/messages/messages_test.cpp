// Messages are kept as the network tells them, with what became of them, whatever the order and the batches.
#include <gmock/gmock.h>

#include "observe/messages/chat_fixture.hpp"

namespace linnet::observe {
namespace {

using Change = model::ReactionSighting::Change;

class MessagesProjectionTest : public ChatFixture {};

INSTANTIATE_TEST_SUITE_P(Engines, MessagesProjectionTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

TEST_P(MessagesProjectionTest, AMessageStandsWhereItWasSent) {
  ChatEvents events;
  auto message = events.message("100", "ann", "c", "look");
  message.has_links = true;
  message.mentions = {events.account("bob")};
  events.add({message});
  apply(events.all());
  EXPECT_EQ(
      number("SELECT count(*) FROM messages WHERE id = '100' AND channel_id = 'c' AND author_id = 'ann' AND "
             "content = 'look' AND visibility_scope = 'public' AND has_links = 1 AND by_person = 1"),
      1);
  EXPECT_EQ(text("SELECT mentions FROM messages"), "[\"bob\"]");
  EXPECT_EQ(number("SELECT ingested_at FROM messages"), to_micros(events.now()));
  EXPECT_EQ(number("SELECT count(*) FROM platform_users WHERE id IN ('ann', 'bob')"), 2);
  expect_sound();
}

TEST_P(MessagesProjectionTest, EditsAreKept) {
  ChatEvents events;
  events.add({events.message("100", "ann", "c", "first")});
  auto edit = events.message("100", "ann", "c", "second");
  edit.is_edit = true;
  edit.edited_at = events.now() + std::chrono::minutes(1);
  events.add({edit});
  events.add({edit});
  auto older = edit;
  older.content = "before the second";
  older.edited_at = events.now();
  older.edited_at = *edit.edited_at - std::chrono::seconds(1);
  events.add({older});
  auto card = edit;
  card.content.reset();
  card.has_embeds = true;
  events.add({card});
  apply(events.all());
  EXPECT_EQ(text("SELECT content FROM messages"), "second");
  EXPECT_EQ(number("SELECT version_seq FROM messages"), 2);
  EXPECT_EQ(number("SELECT has_media FROM messages"), 1);
  EXPECT_EQ(text("SELECT content FROM message_past_versions WHERE version_seq = 1"), "first");
  EXPECT_EQ(number("SELECT count(*) FROM message_past_versions"), 1);
  expect_sound();
}

TEST_P(MessagesProjectionTest, WhatWasDeletedStaysKnownAsDeleted) {
  ChatEvents events;
  events.add({events.message("100", "ann")});
  events.add({model::MessagesGone{"s", "c", {"100", "200"}}});
  events.add({events.message("200", "ann")});
  apply(events.all());
  EXPECT_EQ(number("SELECT count(*) FROM messages WHERE deleted_at IS NOT NULL"), 2);
  EXPECT_EQ(number("SELECT count(*) FROM message_tombstones"), 0);
}

TEST_P(MessagesProjectionTest, ReactionsAreCountedOnceHoweverOftenTheyAreTold) {
  ChatEvents events;
  events.add({events.message("100", "ann")});
  for (int i = 0; i < 2; ++i) events.add({events.reaction("100", "bob", "👍")});
  events.add({events.reaction("100", "cat", "👍")});
  events.add({events.reaction("100", "cat", "🎉")});
  apply(events.all());
  EXPECT_EQ(text("SELECT reactions FROM messages"), "{\"🎉\":1,\"👍\":2}");
  for (int i = 0; i < 2; ++i) events.add({events.reaction("100", "cat", "👍", Change::removed)});
  apply(events.all().subspan(5));
  EXPECT_EQ(text("SELECT reactions FROM messages"), "{\"🎉\":1,\"👍\":1}");
  auto cleared = events.reaction("100", "", "", Change::cleared);
  events.add({cleared});
  apply(events.all().last(1));
  EXPECT_EQ(text("SELECT reactions FROM messages"), "");
  EXPECT_EQ(number("SELECT count(*) FROM message_reactions WHERE removed_at IS NULL"), 0);
}

TEST_P(MessagesProjectionTest, AThreadIsAsOpenAsItsChannel) {
  ChatEvents events;
  model::ServerSighting server;
  server.id = "s";
  server.everyone_sees = true;
  auto hidden = events.channel("hidden", model::ChannelKind::text);
  hidden.everyone_sees = false;
  events.add({server, events.channel("c", model::ChannelKind::text), hidden,
              events.channel("t1", model::ChannelKind::thread, "c"),
              events.channel("t2", model::ChannelKind::thread, "hidden"),
              events.channel("t3", model::ChannelKind::private_thread, "c"),
              events.channel("t4", model::ChannelKind::thread, "never told")});
  apply(events.all());
  EXPECT_EQ(number("SELECT count(*) FROM open_channels WHERE id IN ('c', 't1')"), 2);
  EXPECT_EQ(number("SELECT count(*) FROM open_channels"), 2);
}

}  // namespace
}  // namespace linnet::observe
