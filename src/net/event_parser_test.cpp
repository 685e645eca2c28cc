// The parser of server-sent events against the standard's own examples, and against any way to cut the
// stream.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "net/event_source.hpp"

namespace linnet::net {
namespace {

using Seen = std::vector<std::tuple<std::string, std::string, std::string>>;

Seen feed_pieces(EventParser& parser, const std::vector<std::string>& pieces) {
  Seen seen;
  for (const auto& piece : pieces) {
    const auto status = parser.feed(piece, [&](const ServerEvent& event) -> Status {
      seen.emplace_back(event.type, event.data, event.last_event_id);
      return {};
    });
    EXPECT_TRUE(status.ok());
  }
  return seen;
}

Seen feed(const std::string& text) {
  EventParser parser;
  return feed_pieces(parser, {text});
}

TEST(EventParser, ReadsTheStandardsExamples) {
  EXPECT_EQ(feed("data: YHOO\ndata: +2\ndata: 10\n\n"), (Seen{{"message", "YHOO\n+2\n10", ""}}));
  EXPECT_EQ(
      feed(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n"),
      (Seen{{"message", "first event", "1"}, {"message", "second event", ""}}));
  EXPECT_EQ(feed("data\n\ndata\ndata\n\ndata:"), (Seen{{"message", "", ""}, {"message", "\n", ""}}));
  EXPECT_EQ(feed("data:test\n\ndata: test\n\n"), (Seen{{"message", "test", ""}, {"message", "test", ""}}));
}

TEST(EventParser, ReadsMastodonsStream) {
  EXPECT_EQ(feed(":)\n:thump\nevent: update\ndata: {\"id\":\"1\"}\n\n:thump\nevent: delete\ndata: 2\n\n"),
            (Seen{{"update", "{\"id\":\"1\"}", ""}, {"delete", "2", ""}}));
}

TEST(EventParser, KnowsEveryLineEndAndTheByteOrderMark) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    EXPECT_EQ(feed("\xEF\xBB\xBFid: 7" + end + "data: a" + end + "data: b" + end + end + ":" + end),
              (Seen{{"message", "a\nb", "7"}}));
  }
  EXPECT_EQ(feed("\n\xEF\xBB\xBF"
                 "data: a\n\n"),
            Seen{})
      << "the mark counts only at the very start";
}

TEST(EventParser, KeepsTheIdAndForgetsTheType) {
  EXPECT_EQ(feed("event: x\nid: 5\ndata: 1\n\ndata: 2\n\nevent: y\n\ndata: 3\n\n"),
            (Seen{{"x", "1", "5"}, {"message", "2", "5"}, {"message", "3", "5"}}));
}

TEST(EventParser, IgnoresAnIdWithNulAndUnknownFields) {
  EXPECT_EQ(feed(std::string("id: a\nid: b\0c\nfoo: bar\n foo\ndata: 1\n\n", 37)),
            (Seen{{"message", "1", "a"}}));
}

TEST(EventParser, ReadsRetry) {
  EventParser parser;
  feed_pieces(parser, {"retry: 2500\n"});
  EXPECT_EQ(parser.retry(), std::chrono::milliseconds{2500});
  feed_pieces(parser, {"retry: 12x\nretry: -1\nretry:\nretry: 99999999999999999999\n"});
  EXPECT_EQ(parser.retry(), std::chrono::milliseconds{2500});
}

TEST(EventParser, GivesValidUtf8) {
  const auto seen = feed("data: a\xFF\n\n");
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(std::get<1>(seen[0]), "a\xEF\xBF\xBD");
}

TEST(EventParser, BoundsItsMemory) {
  const auto ignore = [](const ServerEvent&) -> Status { return {}; };
  EventParser one_line(1000);
  Status status;
  for (int i = 0; i < 100 && status; ++i) status = one_line.feed(std::string(100, 'x'), ignore);
  EXPECT_FALSE(status.ok());
  EventParser many_lines(1000);
  status = {};
  for (int i = 0; i < 5000 && status; ++i) status = many_lines.feed("data\n", ignore);
  EXPECT_FALSE(status.ok());
  EventParser many_events(1000);
  for (int i = 0; i < 100; ++i)
    ASSERT_TRUE(many_events.feed("data: " + std::string(500, 'x') + "\n\n", ignore).ok());
}

TEST(EventParser, HandsOnTheCallersError) {
  EventParser parser;
  const auto status = parser.feed("data: 1\n\ndata: 2\n\n", [](const ServerEvent& event) -> Status {
    EXPECT_EQ(event.data, "1");
    return Error::of(ErrorKind::cancelled, "enough");
  });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::cancelled);
}

RC_GTEST_PROP(EventParser, TheCutsMakeNoDifference, ()) {
  const auto parts = *rc::gen::container<std::vector<std::string>>(
      rc::gen::element<std::string>("data: a\n", "data\r\n", "\n", "\r", "\r\n", "id: 1\n", "event: e\r",
                                    ": c\n", "\xEF\xBB\xBF", "x", "data:\xC3\xA9\n\n", "retry: 5\n"));
  std::string text;
  for (const auto& part : parts) text += part;
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at < text.size();) {
    const auto size = static_cast<std::size_t>(*rc::gen::inRange(1, 5));
    pieces.push_back(text.substr(at, size));
    at += size;
  }
  EventParser cut;
  RC_ASSERT(feed_pieces(cut, pieces) == feed(text));
}

}  // namespace
}  // namespace linnet::net
