// What dispatches of Discord say: recorded ones, made ones, and odd ones, of which no field costs a message.
#include "connect/discord/message_payload.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "connect/discord/dispatch_eraser.hpp"
#include "connect/discord/events.hpp"
#include "connect/event_line.hpp"
#include "connect/event_reader.hpp"
#include "connect/private_lines.hpp"

namespace linnet::connect::discord {
namespace {

namespace json = boost::json;
using model::EventKind;
using testing::ElementsAre;
using testing::HasSubstr;

// A message as the gateway sends it; `more` stands in it as well.
json::object message(const json::object& more = {}) {
  json::object data{
      {"id", "500000000000000001"},
      {"type", 0},
      {"channel_id", "323456789012345678"},
      {"guild_id", "223456789012345678"},
      {"content", "hello <@7>"},
      {"timestamp", "2026-01-05T00:49:53.676000+00:00"},
      {"edited_timestamp", nullptr},
      {"author",
       json::object{{"id", "42"}, {"username", "ann"}, {"global_name", "Ann"}, {"discriminator", "0"}}},
      {"mentions", json::array{json::object{{"id", "7"}, {"username", "ben"}}}},
      {"mention_roles", json::array{"9"}},
      {"attachments",
       json::array{json::object{{"id", "11"}, {"content_type", "image/png"}, {"url", "https://cdn/x"}}}}};
  for (const auto& [name, value] : more) data[name] = value;
  return data;
}

class DispatchTest : public testing::Test {
 protected:
  model::Event read(std::string_view name, const json::value& data) {
    const auto now = parse_iso8601("2026-01-05T00:50:00Z").value();
    return reader_.read(make_event_line(now, name, json::serialize(data), "discord"), now, arena_);
  }
  template <typename T>
  T only(const model::Event& event) {
    EXPECT_EQ(event.error, "");
    EXPECT_EQ(event.kind, EventKind::chat);
    EXPECT_EQ(event.chat.size(), 1U);
    return event.chat.empty() || !std::holds_alternative<T>(event.chat[0]) ? T{} : std::get<T>(event.chat[0]);
  }

  Arena arena_;
  EventReader reader_;
};

TEST_F(DispatchTest, a_message_is_read_whole) {
  const auto read_one = only<model::MessageSighting>(read("MESSAGE_CREATE", message()));
  EXPECT_EQ(read_one.id, "500000000000000001");
  EXPECT_EQ(read_one.server_id, "223456789012345678");
  EXPECT_EQ(read_one.channel_id, "323456789012345678");
  EXPECT_EQ(read_one.author.id, "42");
  EXPECT_EQ(read_one.author.username, "ann");
  EXPECT_EQ(read_one.author.display_name, "Ann");
  EXPECT_EQ(read_one.content, "hello <@7>");
  EXPECT_FALSE(read_one.is_edit);
  EXPECT_FALSE(read_one.edited_at);
  ASSERT_EQ(read_one.mentions.size(), 1U);
  EXPECT_EQ(read_one.mentions[0].id, "7");
  EXPECT_THAT(read_one.mentioned_role_ids, ElementsAre("9"));
  ASSERT_EQ(read_one.media.size(), 1U);
  EXPECT_EQ(read_one.media[0].type, "image");
  EXPECT_FALSE(read_one.reactions);
  // The id tells when: 4194304 of them a millisecond, from 2015 on.
  EXPECT_EQ(to_iso8601(read_one.created_at).substr(0, 10), "2018-10-11");
}

TEST_F(DispatchTest, an_answer_names_the_message_and_its_author) {
  const auto answer = only<model::MessageSighting>(
      read("MESSAGE_CREATE",
           message({{"type", 19},
                    {"message_reference", json::object{{"message_id", "77"}}},
                    {"referenced_message", json::object{{"author", json::object{{"id", "8"}}}}}})));
  EXPECT_EQ(answer.reply_to_id, "77");
  EXPECT_EQ(answer.reply_to_author_id, "8");
  // A forwarded message refers to another one, too, and answers nobody.
  const auto forward = only<model::MessageSighting>(read(
      "MESSAGE_CREATE", message({{"message_reference", json::object{{"type", 1}, {"message_id", "77"}}}})));
  EXPECT_FALSE(forward.reply_to_id);
}

TEST_F(DispatchTest, an_edit_may_tell_but_a_part) {
  const auto edit = only<model::MessageSighting>(
      read("MESSAGE_UPDATE",
           json::object{{"id", "5"}, {"channel_id", "6"}, {"guild_id", "7"}, {"embeds", json::array{1}}}));
  EXPECT_TRUE(edit.is_edit);
  EXPECT_FALSE(edit.content);
  EXPECT_TRUE(edit.author.id.empty());
}

TEST_F(DispatchTest, counts_of_reactions_are_read_where_they_stand) {
  const auto read_one = only<model::MessageSighting>(read(
      "MESSAGE_CREATE",
      message({{"reactions",
                json::array{
                    json::object{{"count", 3}, {"emoji", json::object{{"id", nullptr}, {"name", "👍"}}}},
                    json::object{{"count", 1}, {"emoji", json::object{{"id", "99"}, {"name", "blob"}}}}}}})));
  ASSERT_TRUE(read_one.reactions);
  ASSERT_EQ(read_one.reactions->size(), 2U);
  EXPECT_EQ(read_one.reactions->at(0).emoji.name, "👍");
  EXPECT_EQ(read_one.reactions->at(0).count, 3);
  EXPECT_EQ(read_one.reactions->at(1).emoji.id, "99");
}

TEST_F(DispatchTest, deletions_one_and_many) {
  const auto one = only<model::MessagesGone>(
      read("MESSAGE_DELETE", json::object{{"id", "5"}, {"channel_id", "6"}, {"guild_id", "7"}}));
  EXPECT_THAT(one.ids, ElementsAre("5"));
  const auto many = only<model::MessagesGone>(
      read("MESSAGE_DELETE_BULK",
           json::object{{"ids", json::array{"5", 6, "x", "8"}}, {"channel_id", "6"}, {"guild_id", "7"}}));
  EXPECT_THAT(many.ids, ElementsAre("5", "8"));
}

TEST_F(DispatchTest, reactions_say_who_gave_what) {
  const json::object data{
      {"user_id", "1"},  {"message_id", "2"},        {"channel_id", "3"},
      {"guild_id", "4"}, {"message_author_id", "5"}, {"emoji", json::object{{"id", nullptr}, {"name", "👍"}}}};
  const auto added = only<model::ReactionSighting>(read("MESSAGE_REACTION_ADD", data));
  using Change = model::ReactionSighting::Change;
  EXPECT_EQ(added.change, Change::added);
  EXPECT_EQ(added.user_id, "1");
  EXPECT_EQ(added.message_author_id, "5");
  EXPECT_EQ(added.emoji.name, "👍");
  EXPECT_EQ(only<model::ReactionSighting>(read("MESSAGE_REACTION_REMOVE", data)).change, Change::removed);
  EXPECT_EQ(only<model::ReactionSighting>(read("MESSAGE_REACTION_REMOVE_EMOJI", data)).change,
            Change::emoji_cleared);
  EXPECT_EQ(only<model::ReactionSighting>(read("MESSAGE_REACTION_REMOVE_ALL", data)).change, Change::cleared);
}

TEST_F(DispatchTest, a_server_comes_with_its_channels_and_who_sees_them) {
  const json::object hidden{{"id", "1"}, {"type", 0}, {"allow", "0"}, {"deny", "1024"}};
  const json::object server{
      {"id", "1"},
      {"name", "Garden"},
      {"roles", json::array{json::object{{"id", "1"}, {"name", "@everyone"}, {"permissions", "1024"}}}},
      {"channels",
       json::array{json::object{{"id", "2"}, {"type", 0}, {"name", "general"}},
                   json::object{{"id", "3"}, {"type", 0}, {"permission_overwrites", json::array{hidden}}}}},
      {"threads", json::array{json::object{{"id", "4"}, {"type", 12}, {"parent_id", "2"}}}},
      {"members", json::array{json::object{{"user", json::object{{"id", "9"}, {"username", "ann"}}},
                                           {"roles", json::array{}}}}}};
  const auto event = read("GUILD_CREATE", server);
  ASSERT_EQ(event.error, "");
  ASSERT_EQ(event.chat.size(), 6U);
  const auto seen = std::get<model::ServerSighting>(event.chat[0]);
  EXPECT_EQ(seen.name, "Garden");
  EXPECT_TRUE(seen.is_whole);
  EXPECT_EQ(seen.everyone_sees, true);
  EXPECT_EQ(std::get<model::RoleSighting>(event.chat[1]).name, "@everyone");
  EXPECT_FALSE(std::get<model::ChannelSighting>(event.chat[2]).everyone_sees);
  EXPECT_EQ(std::get<model::ChannelSighting>(event.chat[3]).everyone_sees, false);
  EXPECT_EQ(std::get<model::ChannelSighting>(event.chat[4]).kind, model::ChannelKind::private_thread);
  EXPECT_EQ(std::get<model::MemberSighting>(event.chat[5]).user.username, "ann");
  // One that Discord does not reach just now says nothing: nothing of it is gone.
  EXPECT_TRUE(read("GUILD_DELETE", json::object{{"id", "1"}, {"unavailable", true}}).chat.empty());
}

TEST_F(DispatchTest, odd_fields_never_cost_a_message) {
  for (const auto& [name, whole] : message()) {
    if (name == "id" || name == "channel_id" || name == "guild_id" || name == "author") continue;
    for (const json::value& odd :
         {json::value(5), json::value("x"), json::value(true), json::value(nullptr),
          json::value(json::array{json::value(1), nullptr}), json::value(json::object{{"a", 1}})}) {
      const auto event = read("MESSAGE_CREATE", message({{name, odd}}));
      EXPECT_EQ(event.error, "") << name << " " << odd;
      ASSERT_EQ(event.chat.size(), 1U) << name << " " << odd;
    }
  }
  EXPECT_EQ(read("MESSAGE_CREATE", message({{"content", 5}})).left_out,
            "content: expected text, got something else");
}

TEST_F(DispatchTest, what_identifies_a_message_has_to_be_there) {
  EXPECT_THAT(std::string(read("MESSAGE_CREATE", message({{"id", "abc"}})).error), HasSubstr("payload.id"));
  EXPECT_THAT(std::string(read("MESSAGE_CREATE", message({{"author", 5}})).error), HasSubstr("author.id"));
  EXPECT_THAT(std::string(read("MESSAGE_CREATE", message({{"channel_id", -1}})).error),
              HasSubstr("channel_id"));
  EXPECT_THAT(std::string(read("MESSAGE_CREATE", 5).error), HasSubstr("payload"));
}

TEST_F(DispatchTest, other_dispatches_are_left_alone) {
  const auto event = read("TYPING_START", json::object{{"guild_id", "1"}});
  EXPECT_EQ(event.kind, EventKind::other);
  EXPECT_EQ(event.error, "");
  EXPECT_FALSE(is_read("PRESENCE_UPDATE"));
}

TEST_F(DispatchTest, a_direct_message_stays_out_in_every_form) {
  auto direct = message({{"content", "SECRET"}});
  direct.erase("guild_id");
  // A forwarded message names the server that it came from.
  direct["message_reference"] = json::object{{"guild_id", "1"}};
  const auto line = make_event_line(Instant{}, "MESSAGE_CREATE", json::serialize(direct), "discord");
  EXPECT_NE(read("MESSAGE_CREATE", direct).error, "");
  for (const auto& kept :
       {line, line.substr(0, line.size() - 5),
        make_event_line(Instant{}, "MESSAGE_UPDATE", json::serialize(direct), "discord"),
        make_event_line(Instant{}, "INTERACTION_CREATE",
                        json::serialize(json::object{{"token", "SECRET"}, {"guild_id", "1"}}), "discord")}) {
    EXPECT_TRUE(may_be_private(kept, model::Reach::addressed)) << kept;
    EXPECT_EQ(without_private(kept, model::Reach::addressed).kept, KeptLine::Kept::nothing) << kept;
  }
  const auto open = make_event_line(Instant{}, "MESSAGE_CREATE", json::serialize(message()), "discord");
  EXPECT_EQ(without_private(open, model::Reach::addressed).kept, KeptLine::Kept::whole);
}

TEST_F(DispatchTest, a_person_is_taken_out) {
  using Change = ErasedPayload::Change;
  const auto erase = [](const json::object& data, std::string_view person) {
    return erase_from_dispatch("MESSAGE_CREATE", json::serialize(data), person);
  };
  EXPECT_EQ(erase(message(), "42").change, Change::blanked);
  EXPECT_EQ(erase(message(), "12345").change, Change::none);
  const auto left = erase(message(), "7");
  ASSERT_EQ(left.change, Change::rewritten);
  const auto data = json::parse(left.payload).as_object();
  EXPECT_EQ(data.at("content").as_string(), "hello @erased");
  EXPECT_TRUE(data.at("mentions").as_array().empty());
  EXPECT_EQ(data.at("author").at("id").as_string(), "42");
  const json::object reaction{{"user_id", "1"}, {"message_author_id", "2"}, {"message_id", "3"}};
  EXPECT_EQ(erase(reaction, "1").change, Change::blanked);
  EXPECT_EQ(erase(reaction, "2").change, Change::rewritten);
}

}  // namespace
}  // namespace linnet::connect::discord
