// Frames of a live stream become lines, whatever they hold.
#include "connect/mastodon/stream_frame.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/arena.hpp"
#include "connect/event_reader.hpp"
#include "connect/mastodon/pretend_server.hpp"
#include "connect/mastodon/stream_kind.hpp"

namespace linnet::connect::mastodon {
namespace {

using testing::HasSubstr;

const Instant kNow = parse_iso8601("2026-08-01T12:00:00Z").value();

TEST(StreamFrame, hands_the_payload_on_as_it_came) {
  const auto event =
      read_frame(R"({"stream":["public"],"event":"update","payload":"{\"id\":\"42\",\"x\":\"\u00e4\"}"} )",
                 kNow)
          .value();
  EXPECT_EQ(
      event.line,
      R"({"received_at":"2026-08-01T12:00:00.000Z","event":"update","payload":"{\"id\":\"42\",\"x\":\"\u00e4\"}"})");
  EXPECT_EQ(event.status_id, "42");
  EXPECT_EQ(event.type, "update");
}

TEST(StreamFrame, notes_when_a_status_was_edited) {
  const auto event =
      read_frame(
          R"({"event":"status.update","payload":"{\"edited_at\":\"2026-08-01T11:00:00Z\",\"id\":\"42\"}"})",
          kNow)
          .value();
  EXPECT_EQ(event.edited_at, "2026-08-01T11:00:00Z");
}

TEST(StreamFrame, takes_deletions_objects_and_events_without_payload) {
  EXPECT_THAT(read_frame(R"({"event":"delete","payload":"42"})", kNow)->line,
              HasSubstr(R"("payload":"42"})"));
  const auto object =
      read_frame("{\"event\":\"update\",\"payload\":{\"id\":\"42\",\n\"a\":1}}", kNow).value();
  EXPECT_EQ(object.status_id, "42");
  EXPECT_EQ(object.line.find('\n'), std::string::npos);
  EXPECT_THAT(read_frame(R"({"event":"filters_changed"})", kNow)->line, HasSubstr(R"("payload":null)"));
}

TEST(StreamFrame, what_is_no_event_is_kept_for_the_log) {
  for (const char* frame :
       {"nonsense", "{\"event\":", "[]", "{}", "\xFF\n\xFE", R"({"event":7,"payload":"x"})"}) {
    const auto event = read_frame(frame, kNow);
    ASSERT_TRUE(event.ok()) << frame;
    EXPECT_EQ(event->type, "");
    EXPECT_EQ(event->line.size(), std::string_view(frame).size());
    EXPECT_EQ(event->line.find('\n'), std::string::npos);
  }
}

TEST(StreamFrame, a_refusal_is_an_error_of_its_kind) {
  EXPECT_EQ(read_frame(R"({"error":"Unauthorized","status":401})", kNow).error().kind, ErrorKind::denied);
  EXPECT_EQ(read_frame(R"({"error":"Unknown stream type","status":400})", kNow).error().kind,
            ErrorKind::invalid);
  EXPECT_EQ(read_frame(R"({"error":"oops","status":503})", kNow).error().kind, ErrorKind::unavailable);
}

TEST(StreamFrame, a_server_sent_event_reads_like_the_same_frame) {
  const auto data = status_json("42", "a \\\"quoted\\\" word");
  const auto event = read_server_event("update", data, kNow);
  EXPECT_EQ(event.status_id, "42");
  EventReader reader;
  Arena arena;
  const auto read = reader.read(event.line, kNow, arena);
  EXPECT_EQ(read.error, "");
  EXPECT_EQ(read.posts.at(0).content_text, "a \"quoted\" word");
}

RC_GTEST_PROP(StreamFrame, any_data_makes_one_line_without_a_line_feed, (const std::string& data)) {
  RC_ASSERT(read_server_event("update", data, kNow).line.find('\n') == std::string::npos);
  const auto event = read_frame(data, kNow);
  RC_ASSERT(!event || event->line.find('\n') == std::string::npos);
}

TEST(StreamKind, reads_the_streams_people_write_and_refuses_others) {
  EXPECT_EQ(StreamKind::parse("public")->timeline_path(), "/api/v1/timelines/public");
  EXPECT_EQ(StreamKind::parse("public:local")->event_stream_path(), "/public/local");
  EXPECT_EQ(net::build_query(StreamKind::parse("public:remote")->timeline_parameters()), "remote=true");
  const auto cats = StreamKind::parse("hashtag:#Cäts").value();
  EXPECT_EQ(cats.name(), "hashtag:Cäts");
  EXPECT_EQ(cats.timeline_path(), "/api/v1/timelines/tag/C%C3%A4ts");
  EXPECT_EQ(net::build_query(cats.subscription()), "stream=hashtag&tag=C%C3%A4ts");
  EXPECT_TRUE(StreamKind::parse("list:12")->needs_account());
  EXPECT_EQ(StreamKind::parse("user")->timeline_path(), "/api/v1/timelines/home");
  for (const char* text : {"", "Public", "hashtag:", "hashtag:#", "list:", "hashtag:a/b", "hashtag:a b",
                           "direct", "public:", "list:1?x", "hashtag:\xFF"}) {
    EXPECT_FALSE(StreamKind::parse(text).ok()) << text;
  }
}

}  // namespace
}  // namespace linnet::connect::mastodon
