// A database that an older version wrote is put right once: no message stays in it, the log included.
#include "observe/upkeep.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <thread>

#include "kit/test_database.hpp"
#include "observe/check.hpp"
#include "observe/event_log.hpp"
#include "observe/ingest.hpp"
#include "observe/rewrite_log.hpp"

namespace linnet::observe {
namespace {

using store::Engine;

std::string line_of(std::string_view id, std::string_view visibility, std::string_view text,
                    std::string_view tag = "Cafe\u0301") {
  return fmt::format(
      R"({{"received_at":"2026-08-01T10:00:05Z","event":"update","payload":{{"id":"{}",)"
      R"("created_at":"2026-08-01T10:00:00Z","content":"<p>{}</p>","visibility":"{}","replies_count":0,)"
      R"("reblogs_count":0,"favourites_count":0,"account":{{"id":"a{}","username":"u","acct":"u{}"}},)"
      R"("tags":[{{"name":"{}"}}]}}}})",
      id, text, visibility, id, id, tag);
}

class UpkeepTest : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    fill();
  }

  // As the older version did: the message is in the log and among the posts, the tag in the form it came in.
  void fill() {
    auto writer = store::Writer::start(**database_).value();
    const auto instance =
        find_or_add_instance(*writer, "https://social.example", "mastodon", clock_.now()).value();
    {
      auto ingest = Ingest::start(**database_, *writer, clock_, {}).value();
      ASSERT_TRUE(ingest->submit({{instance, line_of("1", "public", "hello")},
                                  {instance, line_of("2", "public", "SECRET")},
                                  {instance, line_of("3", "public", "there")}}));
      ASSERT_TRUE(ingest->drain());
    }
    auto log = (*database_)->connect(store::Part::log).value();
    ASSERT_TRUE(rewrite_events(
        *log, EventId(0), [&](const LoggedEvent& event) -> Result<std::optional<RewrittenEvent>> {
          if (event.id.value() != 2) return std::optional<RewrittenEvent>();
          return std::optional(RewrittenEvent{line_of("2", "direct", "SECRET"), "update", "2"});
        }));
    ASSERT_TRUE(writer->write([](store::Connection& connection) -> Status {
      LINNET_CHECK(connection.execute("UPDATE posts SET visibility = 'direct' WHERE id = '2'"));
      LINNET_CHECK(
          connection.execute("UPDATE posts SET created_at = 4070908800000000, content_text = 'old' "
                             "WHERE id = '3'"));
      LINNET_CHECK(
          connection.execute("UPDATE post_hashtags SET created_at = 4070908800000000 WHERE post_id = '3'"));
      LINNET_CHECK(connection.execute("UPDATE posts SET hashtags = '[\"CAFE\u0301\"]'"));
      return connection.execute("UPDATE hashtags SET name = 'CAFE\u0301'");
    }));
  }

  void put_right() {
    const auto done = put_right_once(**database_, [] { return ProjectorOptions{}; });
    ASSERT_TRUE(done) << done.error().message;
  }
  std::int64_t number(std::string_view sql) {
    auto reader = (*database_)->reader();
    auto result = store::query_integer(**reader, sql);
    EXPECT_TRUE(result) << result.error().message;
    return result ? result->value_or(-1) : -1;
  }
  std::string text(std::string_view sql) {
    auto reader = (*database_)->reader();
    return store::query_text(**reader, sql)->value_or("(null)");
  }
  void expect_no_message() {
    auto reader = (*database_)->reader();
    std::string log;
    ASSERT_TRUE(read_events(**reader, EventId(1), EventId(3), [&](const LoggedEvent& event) -> Status {
      log += event.line;
      return {};
    }));
    EXPECT_EQ(log.find("SECRET"), std::string::npos);
    EXPECT_EQ(number("SELECT count(*) FROM posts"), 2);
    EXPECT_EQ(number("SELECT count(*) FROM platform_users"), 2);
    const auto findings = check_projections(**reader);
    ASSERT_TRUE(findings);
    for (const auto& finding : *findings) EXPECT_EQ(finding.differing, 0) << finding.name;
  }

  ManualClock clock_{*parse_iso8601("2026-08-02T00:00:00Z")};
  std::unique_ptr<test::TestDatabase> database_;
};

INSTANTIATE_TEST_SUITE_P(Engines, UpkeepTest, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);

TEST_P(UpkeepTest, messages_leave_the_log_and_the_tables_and_the_rest_is_read_again) {
  put_right();
  expect_no_message();
  EXPECT_EQ(text("SELECT name FROM hashtags"), "caf\u00E9");
  EXPECT_EQ(number("SELECT posts_using_tag FROM hashtag_hourly_stats"), 2);
}

TEST_P(UpkeepTest, what_the_log_no_longer_has_is_mended_where_it_stands) {
  auto log = (*database_)->connect(store::Part::log).value();
  ASSERT_TRUE(log->execute("DELETE FROM event_rows WHERE id = 1"));
  put_right();
  EXPECT_EQ(number("SELECT count(*) FROM posts"), 2);
  EXPECT_EQ(text("SELECT name FROM hashtags"), "caf\u00E9");
  EXPECT_EQ(number("SELECT count(*) FROM hashtags"), 1);
  EXPECT_EQ(text("SELECT hashtags FROM posts WHERE id = '3'"), "[\"caf\u00E9\"]");
  EXPECT_EQ(text("SELECT content_text FROM posts WHERE id = '3'"), "there");
  EXPECT_EQ(number("SELECT created_at FROM posts WHERE id = '3'"),
            number("SELECT discovered_at FROM posts WHERE id = '3'"));
  EXPECT_EQ(number("SELECT stated_created_at FROM posts WHERE id = '3'"), 4'070'908'800'000'000);
  EXPECT_EQ(number("SELECT posts_using_tag FROM hashtag_hourly_stats"), 2);
}

// Another process, which was done earlier, takes in an edit meanwhile.
TEST_P(UpkeepTest, an_edit_that_comes_meanwhile_stays) {
  auto log = (*database_)->connect(store::Part::log).value();
  ASSERT_TRUE(log->execute("DELETE FROM event_rows WHERE id = 1"));
  auto other = (*database_)->connect(store::Part::tables).value();
  ASSERT_TRUE(other->execute("UPDATE posts SET visibility = 'public'"));
  std::jthread mending;
  {
    auto transaction = store::Transaction::begin(*other);
    ASSERT_TRUE(lock_tables(*other));
    mending = std::jthread([this] { put_right(); });
    std::this_thread::sleep_for(std::chrono::milliseconds(400));  // it would have read by now
    ASSERT_TRUE(other->execute(
        "UPDATE posts SET content_html = '<p>edited</p>', content_text = 'edited' WHERE id = '3'"));
    ASSERT_TRUE(transaction->commit());
  }
  mending.join();
  EXPECT_EQ(text("SELECT content_text FROM posts WHERE id = '3'"), "edited");
  EXPECT_EQ(text("SELECT content_text FROM posts WHERE id = '1'"), "hello");
  EXPECT_GT(number("SELECT position FROM projection_marks WHERE name = 'generation'"), 0)
      << "what other processes remember holds no more";
}

TEST_P(UpkeepTest, it_is_done_once) {
  put_right();
  auto writer = store::Writer::start(**database_).value();
  ASSERT_TRUE(writer->write([](store::Connection& connection) {
    return connection.execute("UPDATE posts SET content_text = 'mine' WHERE id = '1'");
  }));
  put_right();
  EXPECT_EQ(text("SELECT content_text FROM posts WHERE id = '1'"), "mine");
}

}  // namespace
}  // namespace linnet::observe
