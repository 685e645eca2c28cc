// What only followers see counts in no figure of a hashtag, whatever becomes of a post, and in databases of
// older versions as well.
#include <algorithm>
#include <random>
#include <set>

#include "observe/ingest_fixture.hpp"
#include "observe/post_tables.hpp"
#include "observe/replay.hpp"

namespace linnet::observe {
namespace {

using store::Engine;

struct Sketch {
  int id = 1;
  std::string visibility = "public";
  int minute = 0;  // when it was seen
  std::vector<std::string> tags{"boats"};
  int favourites = 1;
  int edit = 0;
};

std::string line_of(const Sketch& post) {
  std::string tags;
  for (const auto& tag : post.tags) tags += fmt::format(R"({}{{"name":"{}"}})", tags.empty() ? "" : ",", tag);
  return fmt::format(R"({{"received_at":"2026-08-02T{:02}:{:02}:00Z","event":"update","payload":{{"id":"{}",)"
                     R"("created_at":"2026-08-01T1{}:00:00Z","edited_at":{},"content":"<p>version {}</p>",)"
                     R"("visibility":"{}","replies_count":0,"reblogs_count":0,"favourites_count":{},)"
                     R"("account":{{"id":"a{}","username":"u","acct":"u"}},"tags":[{}]}}}})",
                     post.minute / 60, post.minute % 60, post.id, post.id % 2,
                     post.edit > 0 ? fmt::format("\"2026-08-01T20:{:02}:00Z\"", post.edit) : "null",
                     post.edit, post.visibility, post.favourites, post.id % 5, tags);
}

std::string deletion(int id, int minute) {
  return fmt::format(R"({{"received_at":"2026-08-02T{:02}:{:02}:00Z","event":"delete","payload":"{}"}})",
                     minute / 60, minute % 60, id);
}

// Posts that change who may see them, their hashtags and their counts, and end.
std::vector<std::string> any_stream(std::uint32_t seed) {
  std::minstd_rand random(seed);
  const char* const visibilities[] = {"public", "unlisted", "private"};
  const char* const tags[] = {"boats", "books", "bread"};
  std::vector<std::string> lines;
  for (int minute = 0; minute < 240; ++minute) {
    const int id = static_cast<int>(random() % 30);
    if (random() % 15 == 0) {
      lines.push_back(deletion(id, minute));
      continue;
    }
    Sketch post{id, visibilities[random() % 3],     minute,
                {}, static_cast<int>(random() % 9), static_cast<int>(random() % 3 == 0 ? minute / 5 : 0)};
    for (const auto* tag : tags)
      if (random() % 2 == 0) post.tags.emplace_back(tag);
    lines.push_back(line_of(post));
  }
  return lines;
}

class FollowersOnlyFigures : public IngestFixture {
 protected:
  std::int64_t counted() {
    return number("SELECT coalesce(sum(posts_using_tag), 0) FROM hashtag_hourly_stats");
  }
  void begin_on(Engine engine) { database_ = std::make_unique<test::TestDatabase>(engine); }
};

INSTANTIATE_TEST_SUITE_P(Engines, FollowersOnlyFigures, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);

TEST_P(FollowersOnlyFigures, ThePostsOfAnHourAreThoseThatEverybodySees) {
  const auto running = run();
  ASSERT_TRUE(
      running.take_all({line_of({.id = 2, .favourites = 3}), line_of({.id = 4, .visibility = "private"}),
                        line_of({.id = 6, .visibility = "private", .tags = {"clinic"}})}));
  EXPECT_EQ(counted(), 1);
  EXPECT_EQ(number("SELECT sum(unique_accounts_using_tag) FROM hashtag_hourly_stats"), 1);
  EXPECT_EQ(number("SELECT sum(total_engagement) FROM hashtag_hourly_stats"), 6);
  expect_sound();
}

TEST_P(FollowersOnlyFigures, APostCountsForAsLongAsEverybodySeesIt) {
  auto running = run();
  std::vector<AppliedChange> told;
  running.ingest.reset();
  running.ingest =
      *Ingest::start(*running.database, *running.writer, clock_, {}, [&](const AppliedBatch& batch) {
        told.insert(told.end(), batch.changes.begin(), batch.changes.end());
      });
  const auto was_told_as = [&](bool followers_only) {
    const auto found = std::find_if(told.begin(), told.end(), [](const AppliedChange& change) {
      return change.kind == AppliedChange::Kind::edit;
    });
    return found != told.end() && found->followers_only == followers_only;
  };
  ASSERT_TRUE(running.take_all({line_of({})}));
  EXPECT_EQ(counted(), 1);
  told.clear();
  ASSERT_TRUE(running.take_all({line_of({.visibility = "private", .minute = 1, .favourites = 5})}));
  EXPECT_EQ(counted(), 0);
  EXPECT_TRUE(was_told_as(true)) << "whoever follows has to look again";
  ASSERT_TRUE(running.take_all(
      {line_of({.visibility = "private", .minute = 2, .tags = {"bread"}, .favourites = 6, .edit = 1})}));
  EXPECT_EQ(counted(), 0);
  expect_sound();
  told.clear();
  ASSERT_TRUE(running.take_all({line_of({.minute = 3, .tags = {"bread"}, .favourites = 7, .edit = 1})}));
  EXPECT_EQ(counted(), 1);
  EXPECT_EQ(number("SELECT total_engagement FROM hashtag_hourly_stats"), 14);
  EXPECT_TRUE(was_told_as(false));
  expect_sound();
}

TEST_P(FollowersOnlyFigures, AReplayAndTheOtherEngineGiveTheSame) {
  for (std::uint32_t seed = 1; seed <= 5; ++seed) {
    const auto lines = any_stream(seed);
    std::set<std::string> digests;
    for (const auto engine : {GetParam(), Engine::sqlite}) {
      begin_on(engine);
      auto running = run({.batch_events = 7 * seed});
      ASSERT_TRUE(running.take_all(lines));
      EXPECT_GT(number("SELECT count(*) FROM posts WHERE followers_only = 1 AND hashtags IS NOT NULL"), 0);
      expect_sound();
      digests.insert(digest());
      running.ingest.reset();
      ASSERT_TRUE(replay(**database_, *running.writer, {}, {}));
      expect_sound();
      digests.insert(digest());
    }
    EXPECT_EQ(digests.size(), 1U) << "seed " << seed;
  }
}

// The migration that leaves such posts out, on figures of a version that counted them.
TEST_P(FollowersOnlyFigures, WhatAnOlderVersionCountedIsPutRight) {
  {
    const auto running = run();
    ASSERT_TRUE(running.take_all(any_stream(3)));
    ASSERT_TRUE(
        running.take_all({line_of({.id = 100, .visibility = "private", .minute = 300, .tags = {"clinic"}}),
                          line_of({.id = 102, .visibility = "private", .minute = 301, .edit = 1}),
                          line_of({.id = 102, .visibility = "private", .minute = 302, .edit = 2}),
                          line_of({.id = 103, .visibility = "private", .minute = 303}), deletion(103, 304)}));
    ASSERT_TRUE(running.writer->write([](store::Connection& connection) {
      return connection.execute(
          "INSERT INTO daily_summaries (instance_id, date, window_start, window_end, summary_text, mood, "
          "topics_json, notable_json, provider, model, prompt_version, input_stats_json, input_hash, "
          "created_at) VALUES (1, '2026-08-01', 0, 0, '', '', '', '', '', '', '', '', '', 0), "
          "(1, '2026-08-02', 0, 0, '', '', '', '', '', '', '', '', '', 0), "
          "(1, '2026-08-03', 0, 0, '', '', '', '', '', '', '', '', '', 0)");
    }));
  }
  const auto right = digest();
  const auto for_everybody = counted();
  while (store::rollback_loss(**database_, store::Part::tables).value()->migration.number >= 30)
    ASSERT_EQ(store::rollback(**database_, store::Part::tables).value(), 1);
  EXPECT_EQ(counted(), number("SELECT count(*) FROM post_hashtags")) << "as older versions count";
  EXPECT_GT(counted(), for_everybody);
  EXPECT_EQ(number("SELECT count(*) FROM hashtags h JOIN hashtag_hourly_stats s ON s.hashtag_id = h.id WHERE "
                   "h.name = 'clinic'"),
            1);
  ASSERT_TRUE(store::migrate(**database_));
  EXPECT_EQ(counted(), for_everybody);
  expect_sound();
  EXPECT_EQ(digest(), right);
  EXPECT_EQ(number("SELECT count(*) FROM erasure_leftovers WHERE kind = 'hour'"),
            number("SELECT count(DISTINCT created_at) FROM posts WHERE followers_only = 1"));
  EXPECT_EQ(number("SELECT count(*) FROM erasure_leftovers WHERE kind = 'day'"), 2)
      << "the one of the edit, and the one of the deletion";
}

// Whoever takes posts away knows every table that holds something of them.
TEST_P(FollowersOnlyFigures, TheListOfThePostsTablesIsWhole) {
  std::set<std::string> listed(tables_with_posts().begin(), tables_with_posts().end());
  listed.insert("post_hashtags");     // goes with its figures
  listed.insert("post_engagements");  // of actions
  std::set<std::string> found;
  auto connection = (*database_)->connect(store::Part::tables);
  ASSERT_TRUE(store::for_each_row(
      **connection,
      GetParam() == Engine::sqlite
          ? "SELECT m.name FROM sqlite_master m WHERE m.type = 'table' AND (SELECT count(*) FROM "
            "pragma_table_info(m.name) WHERE name IN ('instance_id', 'post_id')) = 2"
          : "SELECT t.table_name::text FROM information_schema.tables t WHERE t.table_schema = "
            "current_schema() AND t.table_type = 'BASE TABLE' AND (SELECT count(*) FROM "
            "information_schema.columns c WHERE c.table_schema = t.table_schema AND c.table_name = "
            "t.table_name AND c.column_name IN ('instance_id', 'post_id')) = 2",
      {}, [&](const store::Statement& row) { found.emplace(row.text(0)); }));
  EXPECT_EQ(found, listed);
}

}  // namespace
}  // namespace linnet::observe
