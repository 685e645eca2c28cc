// What of an event becomes a post, and what never does: messages, doubtful times, counts that nobody told,
// forms of hashtags, descriptions, polls, posts that went with their account. A replay gives the same.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "kit/test_database.hpp"
#include "observe/check.hpp"
#include "observe/digest.hpp"
#include "observe/event_log.hpp"
#include "observe/ingest.hpp"
#include "observe/replay.hpp"

namespace linnet::observe {
namespace {

namespace json = boost::json;
using store::Engine;

class WhatAPostIsTest : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
  }
  // After every test: the tables are sound, and follow from the log alone.
  void TearDown() override {
    if (!database_) return;
    auto writer = store::Writer::start(**database_).value();
    const auto before = digest();
    const auto replayed = replay(**database_, *writer, {}, {});
    ASSERT_TRUE(replayed) << replayed.error().message;
    EXPECT_EQ(digest(), before);
    auto reader = (*database_)->reader();
    const auto findings = check_projections(**reader);
    ASSERT_TRUE(findings);
    for (const auto& finding : *findings) EXPECT_EQ(finding.differing, 0) << finding.name;
  }

  static json::object status(std::string_view id) {
    return {{"id", id},
            {"created_at", "2026-08-01T10:00:00Z"},
            {"edited_at", nullptr},
            {"content", "<p>one</p>"},
            {"visibility", "public"},
            {"replies_count", 0},
            {"reblogs_count", 0},
            {"favourites_count", 0},
            {"account", json::object{{"id", "7"}, {"username", "ada"}, {"acct", "ada"}}},
            {"tags", json::array{}}};
  }
  static std::string event(const json::value& payload, std::string_view received_at = "2026-08-01T10:00:05Z",
                           std::string_view type = "update") {
    return json::serialize(json::object{{"received_at", received_at}, {"event", type}, {"payload", payload}});
  }

  IngestFigures take(const std::vector<std::string>& lines, const IngestOptions& options = {}) {
    auto writer = store::Writer::start(**database_).value();
    const auto instance =
        find_or_add_instance(*writer, "https://social.example", "mastodon", clock_.now()).value();
    auto ingest = Ingest::start(**database_, *writer, clock_, options).value();
    std::vector<RawEvent> events;
    for (const auto& line : lines) events.push_back({instance, line});
    EXPECT_TRUE(ingest->submit(std::move(events)));
    EXPECT_TRUE(ingest->drain());
    return ingest->figures();
  }
  std::int64_t number(std::string_view sql) {
    auto reader = (*database_)->reader();
    auto result = store::query_integer(**reader, sql);
    EXPECT_TRUE(result) << result.error().message;
    return result ? result->value_or(-1) : -1;
  }
  std::string text(std::string_view sql) {
    auto reader = (*database_)->reader();
    auto result = store::query_text(**reader, sql);
    EXPECT_TRUE(result) << result.error().message;
    return result ? result->value_or("(null)") : "";
  }
  std::int64_t micros(std::string_view time) { return to_micros(*parse_iso8601(time)); }
  std::string digest() {
    auto reader = (*database_)->reader();
    return digest_projections(**reader).value().sha256;
  }
  std::string whole_log() {
    auto reader = (*database_)->reader();
    std::string lines;
    EXPECT_TRUE(
        read_events(**reader, EventId(1), *last_logged(**reader), [&](const LoggedEvent& one) -> Status {
          lines += one.line;
          return {};
        }));
    return lines;
  }

  ManualClock clock_{*parse_iso8601("2026-08-02T00:00:00Z")};
  std::unique_ptr<test::TestDatabase> database_;
};

INSTANTIATE_TEST_SUITE_P(Engines, WhatAPostIsTest, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);

TEST_P(WhatAPostIsTest, messages_reach_neither_the_log_nor_the_tables) {
  auto message = status("2");
  message["visibility"] = "direct";
  message["content"] = "SECRET";
  const auto figures = take(
      {event(status("1")), event(message), event(message, "2026-08-01T10:00:06Z", "status.update"),
       event(json::value(json::serialize(message))), json::serialize(message),
       event(json::object{{"type", "mention"}, {"status", message}}, "2026-08-01T10:00:06Z", "notification"),
       event(status("3"))});
  EXPECT_EQ(figures.read, 7U);
  EXPECT_EQ(figures.ignored, 5U);
  EXPECT_EQ(number("SELECT count(*) FROM posts"), 2);
  EXPECT_EQ(number("SELECT count(*) FROM event_rows"), 2);
  EXPECT_EQ(whole_log().find("SECRET"), std::string::npos);
}

TEST_P(WhatAPostIsTest, a_batch_of_messages_alone_is_done_and_its_place_is_saved) {
  auto message = status("2");
  message["visibility"] = "direct";
  auto writer = store::Writer::start(**database_).value();
  const auto instance =
      find_or_add_instance(*writer, "https://social.example", "mastodon", clock_.now()).value();
  auto ingest = Ingest::start(**database_, *writer, clock_, {}).value();
  ASSERT_TRUE(ingest->submit_durably({{instance, event(message)}}, Cursor{"x user", "2"}));
  ASSERT_TRUE(ingest->drain());
  auto reader = (*database_)->reader();
  EXPECT_EQ(load_cursor(**reader, "x user")->value_or(""), "2");
  EXPECT_EQ(last_logged(**reader)->value(), 0);
}

TEST_P(WhatAPostIsTest, what_only_followers_see_is_marked_or_not_kept) {
  auto post = status("2");
  post["visibility"] = "private";
  take({event(post)}, {.keep_followers_only = false});
  EXPECT_EQ(number("SELECT count(*) FROM event_rows"), 0);
  take({event(post), event(status("1"))});
  EXPECT_EQ(text("SELECT id FROM posts WHERE followers_only = 1"), "2");
  EXPECT_EQ(text("SELECT id FROM posts WHERE followers_only = 0"), "1");
}

TEST_P(WhatAPostIsTest, counts_that_nobody_told_are_no_snapshot) {
  auto untold = status("1");
  untold["favourites_count"] = nullptr;
  take({event(untold)});
  EXPECT_EQ(number("SELECT count(*) FROM posts"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM post_metric_snapshots"), 0);
  auto told = status("1");
  told["favourites_count"] = 5;
  take({event(told, "2026-08-01T10:01:00Z"), event(untold, "2026-08-01T10:02:00Z")});
  EXPECT_EQ(number("SELECT count(*) FROM post_metric_snapshots"), 1);
  EXPECT_EQ(number("SELECT favourites_count FROM posts"), 5);
  EXPECT_EQ(number("SELECT counts_at FROM posts"), micros("2026-08-01T10:01:00Z"));
}

TEST_P(WhatAPostIsTest, a_time_that_lies_ahead_is_when_the_post_was_seen_first) {
  auto ahead = status("1");
  ahead["created_at"] = "2099-01-01T00:00:00Z";
  ahead["tags"] = json::array{json::object{{"name", "late"}}};
  auto soon = status("2");
  soon["created_at"] = "2026-08-01T10:10:00Z";
  take({event(ahead, "2026-08-01T12:00:00Z"), event(soon, "2026-08-01T10:00:00Z")});
  EXPECT_EQ(number("SELECT created_at FROM posts WHERE id = '1'"), micros("2026-08-01T12:00:00Z"));
  EXPECT_EQ(number("SELECT stated_created_at FROM posts WHERE id = '1'"), micros("2099-01-01T00:00:00Z"));
  EXPECT_EQ(number("SELECT created_at FROM posts WHERE id = '2'"), micros("2026-08-01T10:10:00Z"));
  EXPECT_EQ(text("SELECT stated_created_at FROM posts WHERE id = '2'"), "(null)");
  // Seen before, as another dump tells later: it moves, with its hashtags and their hours.
  take({event(ahead, "2026-08-01T09:00:00Z")});
  EXPECT_EQ(number("SELECT created_at FROM posts WHERE id = '1'"), micros("2026-08-01T09:00:00Z"));
  EXPECT_EQ(number("SELECT valid_from FROM posts WHERE id = '1'"), micros("2026-08-01T09:00:00Z"));
  EXPECT_EQ(number("SELECT last_seen_at FROM hashtags"), micros("2026-08-01T09:00:00Z"));
  EXPECT_EQ(number("SELECT count(*) FROM hashtag_hourly_stats"), 1);
}

TEST_P(WhatAPostIsTest, the_time_is_the_same_in_whatever_order_the_sightings_come) {
  auto ahead = status("1");
  ahead["created_at"] = "2026-08-01T11:00:00Z";
  ahead["tags"] = json::array{json::object{{"name", "late"}}};
  auto edited = ahead;
  edited["content"] = "<p>two</p>";
  edited["edited_at"] = "2026-08-01T12:00:00Z";
  std::vector<std::string> lines{event(ahead, "2026-08-01T10:40:00Z"), event(ahead, "2026-08-01T10:30:00Z"),
                                 event(ahead, "2026-08-01T11:30:00Z"), event(edited, "2026-08-01T12:00:00Z")};
  take(lines);
  EXPECT_EQ(number("SELECT created_at FROM posts"), micros("2026-08-01T10:30:00Z"));
  EXPECT_EQ(number("SELECT valid_from FROM post_past_versions"), micros("2026-08-01T10:30:00Z"));
  const auto first = digest();
  database_ = std::make_unique<test::TestDatabase>(GetParam());
  for (const auto i : {2, 0, 3, 1}) take({lines[static_cast<std::size_t>(i)]});
  EXPECT_EQ(digest(), first);
}

TEST_P(WhatAPostIsTest, every_form_of_a_hashtag_is_one) {
  std::vector<std::string> lines;
  int id = 0;
  for (const char* form : {"caf\u00E9", "cafe\u0301", "\uFF23\uFF21\uFF26\u00C9", "CAF\u00C9"}) {
    auto post = status(std::to_string(++id));
    post["tags"] = json::array{json::object{{"name", form}}};
    lines.push_back(event(post));
  }
  take(lines);
  EXPECT_EQ(number("SELECT count(*) FROM hashtags"), 1);
  EXPECT_EQ(number("SELECT posts_using_tag FROM hashtag_hourly_stats"), 4);
}

TEST_P(WhatAPostIsTest, a_changed_description_and_a_changed_poll_are_edits) {
  auto post = status("1");
  post["media_attachments"] =
      json::array{json::object{{"id", "m1"}, {"type", "image"}, {"description", "a cat"}}};
  post["poll"] = json::object{{"options", json::array{json::object{{"title", "Red"}, {"votes_count", 0}}}}};
  auto described = post;
  described["edited_at"] = "2026-08-01T11:00:00Z";
  described["media_attachments"].as_array()[0].as_object()["description"] = "a dog";
  auto voted = described;
  voted["poll"].as_object()["options"].as_array()[0].as_object()["votes_count"] = 4;
  auto asked = voted;
  asked["edited_at"] = "2026-08-01T12:00:00Z";
  asked["poll"].as_object()["options"].as_array()[0].as_object()["title"] = "Blue";
  take({event(post), event(described, "2026-08-01T11:00:05Z"), event(voted, "2026-08-01T11:30:00Z"),
        event(asked, "2026-08-01T12:00:05Z")});
  EXPECT_EQ(number("SELECT version_seq FROM posts"), 3);
  EXPECT_EQ(text("SELECT description FROM media_attachments"), "a dog");
  EXPECT_THAT(text("SELECT attached FROM post_past_versions WHERE version_seq = 1"),
              testing::HasSubstr("a cat"));
  EXPECT_THAT(text("SELECT attached FROM post_past_versions WHERE version_seq = 2"),
              testing::HasSubstr("Red"));
  EXPECT_THAT(text("SELECT poll FROM posts"), testing::HasSubstr(R"({"title":"Blue","votes":4})"));
}

TEST_P(WhatAPostIsTest, the_same_description_with_the_same_edit_is_stale) {
  auto post = status("1");
  auto other = status("1");
  other["media_attachments"] = json::array{json::object{{"id", "m1"}, {"description", "a cat"}}};
  const auto figures = take({event(post), event(other, "2026-08-01T11:00:05Z")});
  EXPECT_EQ(figures.stale, 1U);
  EXPECT_EQ(number("SELECT version_seq FROM posts"), 1);
}

TEST_P(WhatAPostIsTest, posts_that_went_with_their_account_come_back_with_it_and_deleted_ones_do_not) {
  const auto about = [](std::string_view id, std::string_view at, std::string_view type) {
    return event(json::value(id), at, type);
  };
  take({event(status("1")), event(status("2")), event(status("3")),
        about("1", "2026-08-01T11:00:00Z", "takedown"), about("2", "2026-08-01T11:00:00Z", "takedown"),
        about("2", "2026-08-01T11:30:00Z", "delete"), about("3", "2026-08-01T10:30:00Z", "delete"),
        about("3", "2026-08-01T11:00:00Z", "takedown")});
  EXPECT_EQ(number("SELECT count(*) FROM posts WHERE deleted_at IS NOT NULL"), 3);
  std::vector<std::string> back;
  for (const char* id : {"1", "2", "3"}) back.push_back(about(id, "2026-08-01T12:00:00Z", "restoration"));
  take(back);
  EXPECT_EQ(text("SELECT id FROM posts WHERE deleted_at IS NULL"), "1");
  EXPECT_EQ(number("SELECT count(*) FROM posts WHERE deleted_at IS NULL"), 1);
  // Read again, the takedown is over.
  take({about("1", "2026-08-01T11:00:00Z", "takedown")});
  EXPECT_EQ(number("SELECT count(*) FROM posts WHERE deleted_at IS NULL"), 1);
}

TEST_P(WhatAPostIsTest, the_log_says_what_was_left_out) {
  auto odd = status("1");
  odd["language"] = 5;
  take({event(odd)});
  EXPECT_EQ(text("SELECT left_out FROM event_rows"), "language: expected text, got a number");
  EXPECT_EQ(text("SELECT process_error FROM event_rows"), "(null)");
}

}  // namespace
}  // namespace linnet::observe
