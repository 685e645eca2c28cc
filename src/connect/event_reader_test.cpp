// What servers send is understood.
#include "connect/event_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/json_text.hpp"
#include "base/text.hpp"
#include "connect/event_line.hpp"
#include "connect/event_reader_fixture.hpp"
#include "source_dir.hpp"

namespace linnet::connect {
namespace {

namespace json = boost::json;
using model::EventKind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST_F(EventReaderTest, reads_a_status) {
  const auto event = read_status(status_seen());
  ASSERT_EQ(event.error, "");
  EXPECT_EQ(event.kind, EventKind::post);
  EXPECT_EQ(event.type, "update");
  EXPECT_EQ(to_iso8601(event.received_at), "2026-08-01T11:00:00.000Z");
  EXPECT_EQ(event.status_id, "117020569296803689");
  ASSERT_EQ(event.posts.size(), 1U);
  const auto& post = event.posts[0];
  EXPECT_EQ(to_iso8601(post.created_at), "2026-08-01T11:59:42.878Z");
  EXPECT_EQ(post.content_text, "Hello");
  EXPECT_EQ(post.counts.replies, 1);
  EXPECT_EQ(post.counts.reblogs, 2);
  EXPECT_EQ(post.counts.favourites, 3);
  EXPECT_EQ(post.author.id, "7");
  EXPECT_EQ(post.author.domain(), "example.social");
  EXPECT_THAT(post.hashtags, ElementsAre("cats"));
}

TEST_F(EventReaderTest, a_payload_as_text_is_the_same_as_one_as_an_object) {
  const auto as_object = read_status(status_seen());
  const auto as_text = read(event_with(json::value(json::serialize(status_seen()))));
  ASSERT_EQ(as_text.error, "");
  ASSERT_EQ(as_text.posts.size(), 1U);
  EXPECT_EQ(as_text.posts[0].content_hash, as_object.posts[0].content_hash);
  EXPECT_EQ(as_text.posts[0].content_html, as_object.posts[0].content_html);
  EXPECT_EQ(as_text.status_id, as_object.status_id);
}

TEST_F(EventReaderTest, the_payload_may_stand_before_the_kind_of_event) {
  const auto event = read("{\"payload\":" + json::serialize(status_seen()) + ",\"event\":\"status.update\"}");
  EXPECT_EQ(event.error, "");
  EXPECT_EQ(event.posts.size(), 1U);
  const auto deletion = read(R"({"payload":"42","event":"delete"})");
  EXPECT_EQ(deletion.error, "");
  EXPECT_EQ(deletion.status_id, "42");
}

TEST_F(EventReaderTest, a_status_alone_is_an_update_received_now) {
  const auto event = read(json::serialize(status_seen()));
  EXPECT_EQ(event.error, "");
  EXPECT_EQ(event.type, "update");
  EXPECT_EQ(event.received_at, kReadAt);
  EXPECT_EQ(event.posts.size(), 1U);
}

TEST_F(EventReaderTest, reads_a_deletion) {
  const auto event = read(R"({"event":"delete","payload":"117020569296803689"})");
  EXPECT_EQ(event.error, "");
  EXPECT_EQ(event.kind, EventKind::deletion);
  EXPECT_EQ(event.status_id, "117020569296803689");
  for (const char* payload : {"\"\"", "{}", "null", "[]", "true"}) {
    const auto refused = read(std::string(R"({"event":"delete","payload":)") + payload + "}");
    EXPECT_THAT(refused.error, StartsWith("payload: expected the id")) << payload;
    EXPECT_EQ(refused.kind, EventKind::other);
  }
}

TEST_F(EventReaderTest, leaves_other_kinds_of_events_alone) {
  for (const char* line :
       {R"({"event":"filters_changed","payload":"null"})", R"({"event":"filters_changed"})",
        R"({"event":"notification","payload":{"id":5}})", R"({"event":"encrypted","payload":7})"}) {
    const auto event = read(line);
    EXPECT_EQ(event.error, "") << line;
    EXPECT_EQ(event.kind, EventKind::other) << line;
    EXPECT_TRUE(event.posts.empty()) << line;
  }
}

TEST_F(EventReaderTest, ids_may_be_whole_numbers) {
  auto payload = status_seen();
  payload["id"] = std::uint64_t{18'446'744'073'709'551'615U};
  payload["account"].as_object()["id"] = 7;
  payload["in_reply_to_id"] = 5;
  payload["media_attachments"] = json::array{json::object{{"id", 9}, {"type", "image"}}};
  payload["mentions"] = json::array{json::object{{"id", 8}, {"acct", "bo"}}};
  const auto event = read_status(payload);
  ASSERT_EQ(event.error, "");
  EXPECT_EQ(event.left_out, "");
  const auto& post = event.posts.at(0);
  EXPECT_EQ(post.id, "18446744073709551615");
  EXPECT_EQ(post.author.id, "7");
  EXPECT_EQ(post.in_reply_to_id, "5");
  EXPECT_EQ(post.media.at(0).id, "9");
  EXPECT_EQ(post.mentions.at(0).account_id, "8");
  EXPECT_EQ(read(R"({"event":"delete","payload":42})").status_id, "42");
}

TEST_F(EventReaderTest, an_edit_that_lies_ahead_is_of_when_it_was_seen) {
  auto payload = status_seen();
  payload["edited_at"] = "2099-01-01T00:00:00Z";
  const auto event = read_status(payload);
  EXPECT_EQ(event.posts.at(0).edited_at, event.received_at);
  EXPECT_THAT(std::string(event.left_out), HasSubstr("edited_at: it lies ahead"));
}

TEST_F(EventReaderTest, descriptions_and_polls_are_content) {
  auto payload = status_seen();
  payload["media_attachments"] = json::array{json::object{{"id", "m1"}, {"type", "image"}}};
  const auto bare = read_status(payload).posts.at(0).content_hash;
  payload["media_attachments"].as_array()[0].as_object()["description"] = "a cat";
  const auto described = read_status(payload).posts.at(0);
  EXPECT_NE(described.content_hash, bare);
  EXPECT_EQ(described.plain_hash, bare);
  EXPECT_EQ(described.attached_json, R"({"media":[{"id":"m1","description":"a cat"}],"poll":[]})");
  payload["poll"] = json::object{{"options", json::array{json::object{{"title", "Red"}, {"votes_count", 2}},
                                                         json::object{{"title", "Blue"}}}},
                                 {"voters_count", 2},
                                 {"multiple", false}};
  const auto polled = read_status(payload).posts.at(0);
  EXPECT_NE(polled.content_hash, described.content_hash);
  EXPECT_EQ(
      polled.poll_json,
      R"({"options":[{"title":"Red","votes":2},{"title":"Blue","votes":null}],"voters_count":2,"multiple":false})");
  payload["poll"].as_object()["voters_count"] = 3;
  EXPECT_EQ(read_status(payload).posts.at(0).content_hash, polled.content_hash);
}

TEST_F(EventReaderTest, folds_hashtags_and_takes_each_once) {
  auto payload = status_seen();
  payload["tags"] = json::array{json::object{{"name", "ÄPFEL"}},   json::object{{"name", "äpfel"}},
                                json::object{{"name", "Σίσυφος"}}, json::object{{"name", ""}},
                                json::object{{"url", "x"}},        json::object{{"name", 5}}};
  EXPECT_THAT(read_status(payload).posts.at(0).hashtags, ElementsAre("äpfel", "σίσυφοσ"));
}

TEST_F(EventReaderTest, reads_a_boost_as_two_posts_the_boosted_one_first) {
  auto outer = status_seen();
  auto inner = status_seen();
  inner["id"] = "99";
  inner["account"].as_object()["id"] = "8";
  outer["reblog"] = inner;
  const auto event = read_status(outer);
  ASSERT_EQ(event.error, "");
  ASSERT_EQ(event.posts.size(), 2U);
  EXPECT_EQ(event.posts[0].id, "99");
  EXPECT_TRUE(event.posts[1].is_boost);
  EXPECT_EQ(event.posts[1].content_html, "");
  EXPECT_TRUE(event.posts[1].hashtags.empty());
  EXPECT_EQ(event.status_id, outer["id"].as_string());

  inner.erase("id");
  outer["reblog"] = inner;
  const auto broken = read_status(outer);
  EXPECT_THAT(broken.error, StartsWith("reblog.id: expected"));
  EXPECT_TRUE(broken.posts.empty()) << "a boost applies whole or not at all";
}

TEST_F(EventReaderTest, goes_no_deeper_than_one_boost) {
  auto innermost = status_seen();
  for (int depth = 0; depth < 50; ++depth) {
    auto around = status_seen();
    around["reblog"] = innermost;
    innermost = around;
  }
  const auto event = read_status(innermost);
  EXPECT_EQ(event.error, "");
  EXPECT_EQ(event.posts.size(), 2U);
}

TEST_F(EventReaderTest, reads_media_and_a_mention_of_somebody_never_seen) {
  auto payload = status_seen();
  payload["media_attachments"] =
      json::array{json::object{{"id", "m1"},
                               {"type", "image"},
                               {"url", "https://x/y"},
                               {"description", "a cat"},
                               {"meta", json::object{{"focus", json::object{{"x", 0}}}}}},
                  json::object{{"id", "m1"}, {"type", "image"}}, json::object{{"type", "video"}}, 7};
  payload["mentions"] = json::array{json::object{{"id", "4711"}, {"acct", "nobody@far.example"}}};
  const auto event = read_status(payload);
  ASSERT_EQ(event.error, "");
  const auto& post = event.posts[0];
  ASSERT_EQ(post.media.size(), 2U);
  EXPECT_EQ(post.media[0].description, "a cat");
  EXPECT_EQ(post.media_ids_json, R"(["m1","#2"])");
  ASSERT_EQ(post.mentions.size(), 1U);
  EXPECT_EQ(post.mentions[0].acct, "nobody@far.example");
}

TEST_F(EventReaderTest, the_text_of_an_event_lives_in_the_arena_not_in_the_line) {
  auto line = event_with(json::value(json::serialize(status_seen())));
  const auto event = read(line);
  line.assign(line.size(), '?');
  static_cast<void>(read(event_with(json::value(std::string(2'000, 'z')))));
  EXPECT_EQ(event.posts.at(0).content_html, "<p>Hello</p>");
}

TEST_F(EventReaderTest, reads_every_status_of_the_recordings) {
  const char* shared = std::getenv("LINNET_SHARED");
  const auto root = shared != nullptr ? std::filesystem::path(shared)
                                      : std::filesystem::path(LINNET_SOURCE_DIR).parent_path() / "shared";
  std::ifstream file(root / "data" / "mastodon" / "statuses.jsonl");
  if (!file) GTEST_SKIP() << "the recordings are not here: " << root;
  std::string line;
  int read_well = 0;
  int too_old = 0;
  while (std::getline(file, line)) {
    const auto event = read(line);
    ASSERT_EQ(event.error, "") << truncate_utf8(line, 100);
    // Mastodon 2.4 did not count replies.
    if (!event.posts.back().has_counts) ++too_old;
    ++read_well;
    // The same through the form of the live stream.
    const auto streamed = read(make_event_line(kReadAt, "update", json_quote(line)));
    ASSERT_EQ(streamed.error, "");
    ASSERT_EQ(streamed.posts.size(), event.posts.size());
    EXPECT_EQ(streamed.posts.back().content_hash, event.posts.back().content_hash);
  }
  EXPECT_EQ(read_well, 232);
  EXPECT_EQ(too_old, 20);
}

}  // namespace
}  // namespace linnet::connect
