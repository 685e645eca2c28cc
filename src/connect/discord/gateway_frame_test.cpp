// Frames of the gateway, its compression, its numbers: read as they come, whole or in pieces, and refused
// where they are broken.
#include "connect/discord/gateway_frame.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <boost/json.hpp>

#include "connect/discord/slash_commands.hpp"
#include "connect/discord/snowflake.hpp"
#include "connect/discord/zlib_stream.hpp"

namespace linnet::connect::discord {
namespace {

using testing::HasSubstr;

// As Discord's end does it: one stream, flushed after each message.
class Compressor {
 public:
  Compressor() { deflateInit(&stream_, Z_DEFAULT_COMPRESSION); }
  ~Compressor() { deflateEnd(&stream_); }
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  std::string pack(std::string text) {
    std::string packed(text.size() + 100, '\0');
    stream_.next_in = reinterpret_cast<Bytef*>(text.data());
    stream_.avail_in = static_cast<uInt>(text.size());
    stream_.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream_.avail_out = static_cast<uInt>(packed.size());
    deflate(&stream_, Z_SYNC_FLUSH);
    packed.resize(packed.size() - stream_.avail_out);
    return packed;
  }

 private:
  z_stream stream_{};
};

TEST(ZlibStream, gives_each_message_once_its_end_has_come) {
  for (const std::size_t size : {1UL, 2UL, 3UL, 5UL, 1'000UL}) {
    Compressor compressor;
    ZlibStream stream(100'000);
    for (const auto& text : {std::string("{\"op\":10}"), std::string(50'000, 'x'), std::string("last")}) {
      const auto packed = compressor.pack(text);
      std::optional<std::string> message;
      for (std::size_t at = 0; at < packed.size(); at += size) {
        EXPECT_FALSE(message) << "before its end";
        message = stream.take(std::string_view(packed).substr(at, size)).value();
      }
      ASSERT_TRUE(message) << size;
      EXPECT_EQ(*message, text);
    }
  }
}

TEST(ZlibStream, refuses_what_is_broken_or_too_large) {
  ZlibStream broken(100);
  EXPECT_FALSE(broken.take("\xDE\xAD\xBE\xEF"));
  Compressor compressor;
  ZlibStream small(100);
  const auto refused = small.take(compressor.pack(std::string(1'000'000, 'x')));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().safe, HasSubstr("more than 100 bytes"));
}

TEST(FrameReader, reads_a_frame_and_its_data_as_they_came) {
  FrameReader reader;
  const auto frame =
      reader.read(R"({"t":"MESSAGE_CREATE","s":7,"op":0,"d":{"id": "1",  "x":[1, 2]},"new":{}})").value();
  EXPECT_EQ(frame.op, 0);
  EXPECT_EQ(frame.seq, 7);
  EXPECT_EQ(frame.event, "MESSAGE_CREATE");
  EXPECT_EQ(frame.data, R"({"id": "1",  "x":[1, 2]})");
  const auto other = reader.read(R"({"op":9,"d":false,"s":null,"t":null})").value();
  EXPECT_EQ(other.op, 9);
  EXPECT_EQ(other.data, "false");
  EXPECT_FALSE(other.seq);
  EXPECT_EQ(reader.read(R"({"op":77})").value().data, "null");
  for (const auto* const wrong : {"", "[]", "5", "{", R"({"op":"x"})", R"({"op":0,"d":{"a":})", R"({"d":1})",
                                  R"({"op":0,"s":"x"})", "\xFF"})
    EXPECT_FALSE(reader.read(wrong)) << wrong;
}

TEST(GatewayFrames, say_what_is_asked_for) {
  const auto frame = boost::json::parse(identify_frame("t0", intents::kUnprivileged, {1, 4})).as_object();
  EXPECT_EQ(frame.at("op").as_int64(), 2);
  EXPECT_EQ(frame.at("d").at("shard").as_array(), (boost::json::array{1, 4}));
  // Direct messages are not asked for.
  constexpr std::int64_t kDirectMessages = 1 << 12;
  EXPECT_EQ((intents::kUnprivileged | intents::kContent | intents::kMembers) & kDirectMessages, 0);
  EXPECT_EQ(heartbeat_frame({}), R"({"op":1,"d":null})");
  EXPECT_EQ(heartbeat_frame(5), R"({"op":1,"d":5})");
}

TEST(GatewayFrames, the_end_of_a_connection_says_what_comes_next) {
  EXPECT_EQ(after_close(4000), AfterClose::resume);
  EXPECT_EQ(after_close(1006), AfterClose::resume);
  EXPECT_EQ(after_close(4007), AfterClose::begin_anew);
  EXPECT_EQ(after_close(4014), AfterClose::ask_for_less);
  EXPECT_EQ(after_close(4004), AfterClose::give_up);
  EXPECT_THAT(std::string(words_for_close(4004)), HasSubstr("token"));
}

TEST(Snowflake, is_a_time) {
  EXPECT_EQ(to_iso8601(time_of_snowflake(175'928'847'299'117'063)).substr(0, 19), "2016-04-30T11:18:25");
  const auto at = parse_iso8601("2026-01-05T00:49:53Z").value();
  EXPECT_EQ(time_of_snowflake(first_snowflake_at(at)), at);
  EXPECT_EQ(first_snowflake_at(Instant{}), 0U);
  for (const auto* const wrong : {"", "0", "01", "-1", "1x", "x", "18446744073709551616"})
    EXPECT_FALSE(is_snowflake(wrong)) << wrong;
  EXPECT_TRUE(is_snowflake("18446744073709551615"));
}

TEST(ShardName, has_what_discord_sends_it) {
  const std::uint64_t server = 223'456'789'012'345'678;
  int of_one = 0;
  for (std::int64_t i = 0; i < 7; ++i) of_one += ShardName{i, 7}.has(server);
  EXPECT_EQ(of_one, 1);
  EXPECT_TRUE((ShardName{0, 1}.has(server)));
}

TEST(SlashCommands, are_read_from_servers_and_from_conversations) {
  const auto here = read_interaction(
      R"({"id":"1","token":"t","type":2,"guild_id":"9","data":{"name":"consent","options":[{"name":"revoke","type":1}]},)"
      R"("member":{"user":{"id":"42","username":"ann"}}})");
  ASSERT_TRUE(here);
  EXPECT_EQ(here->wish->kind, PersonWish::Kind::stop_reading);
  EXPECT_EQ(here->wish->person_id, "42");
  EXPECT_TRUE(read_interaction(
      R"({"id":"1","token":"t","type":2,"data":{"name":"leave-me-alone"},"user":{"id":"42","username":"ann"}})"));
  for (const auto* const other :
       {"", "{}", R"({"id":"1","token":"t","type":2,"data":{"name":"ping"},"user":{"id":"42"}})",
        R"({"id":"1","token":"t","type":3,"data":{"name":"consent"},"user":{"id":"42"}})",
        R"({"id":"1","token":"t","type":2,"data":{"name":"leave-me-alone"}})",
        R"({"id":"1","token":"t","type":2,"data":{"name":"consent","options":[5]},"user":{"id":"42"}})"})
    EXPECT_FALSE(read_interaction(other)) << other;
}

}  // namespace
}  // namespace linnet::connect::discord
