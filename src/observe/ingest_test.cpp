// What ingest makes of events: the rules of «A post», and that duplicates, order of arrival and replays
// change nothing.
#include "observe/ingest.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "kit/test_database.hpp"
#include "observe/check.hpp"
#include "observe/digest.hpp"
#include "observe/event_log.hpp"
#include "observe/import_events.hpp"
#include "observe/prune_log.hpp"
#include "observe/replay.hpp"

namespace linnet::observe {
namespace {

using store::Engine;

struct Sketch {
  std::string id = "100";
  std::string content = "<p>one</p>";
  std::string edited_at;
  std::string tags;
  int favourites = 0;
  std::string account = "7";
  std::string reblog;
  int media = 0;
};

// Posts stand in three hours, by their ids: 100 at ten.
int hour_of(const std::string& id) {
  return 8 + (std::stoi(id) + 1) % 3;
}

std::string status(const Sketch& s) {
  std::string tags;
  for (std::size_t i = 0; i < s.tags.size(); ++i)
    tags += fmt::format("{}{{\"name\":\"{}\"}}", i > 0 ? "," : "", s.tags[i]);
  std::string media;
  for (int i = 0; i < s.media; ++i)
    media += fmt::format(R"({}{{"id":"m{}","type":"image","url":"https://social.example/{}.png"}})",
                         i > 0 ? "," : "", i, i);
  return fmt::format(
      R"({{"id":"{}","created_at":"2026-08-01T{:02}:00:00.000Z","edited_at":{},"content":"{}","replies_count":0,"reblogs_count":0,)"
      R"("favourites_count":{},"account":{{"id":"{}","username":"u{}","acct":"u{}"}},"tags":[{}],"media_attachments":[{}],"reblog":{}}})",
      s.id, hour_of(s.id), s.edited_at.empty() ? "null" : "\"" + s.edited_at + "\"", s.content, s.favourites,
      s.account, s.account, s.account, tags, media, s.reblog.empty() ? "null" : s.reblog);
}

std::string update(const std::string& received_at, const Sketch& s) {
  return fmt::format(R"({{"received_at":"{}","event":"update","payload":{}}})", received_at, status(s));
}
std::string deletion(const std::string& received_at, const std::string& id) {
  return fmt::format(R"({{"received_at":"{}","event":"delete","payload":"{}"}})", received_at, id);
}

class IngestTest : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
  }

  IngestFigures take(const std::vector<std::string>& lines, const IngestOptions& options = {}) {
    auto writer = store::Writer::start(**database_);
    EXPECT_TRUE(writer);
    const auto instance = find_or_add_instance(**writer, "https://social.example", "mastodon", clock_.now());
    EXPECT_TRUE(instance);
    auto ingest = Ingest::start(**database_, **writer, clock_, options);
    EXPECT_TRUE(ingest) << ingest.error().message;
    std::vector<RawEvent> events;
    for (const auto& line : lines) events.push_back({*instance, line});
    EXPECT_TRUE((*ingest)->submit(std::move(events)));
    const auto drained = (*ingest)->drain();
    EXPECT_TRUE(drained) << drained.error().message;
    return (*ingest)->figures();
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
  std::string digest() {
    auto reader = (*database_)->reader();
    auto result = digest_projections(**reader);
    EXPECT_TRUE(result) << result.error().message;
    return result ? result->sha256 : "";
  }
  void expect_sound() {
    auto reader = (*database_)->reader();
    auto findings = check_projections(**reader);
    ASSERT_TRUE(findings) << findings.error().message;
    for (const auto& finding : *findings) EXPECT_EQ(finding.differing, 0) << finding.name;
  }

  ManualClock clock_{*parse_iso8601("2026-08-02T00:00:00Z")};
  std::unique_ptr<test::TestDatabase> database_;
};

INSTANTIATE_TEST_SUITE_P(Engines, IngestTest, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);

TEST_P(IngestTest, AnImportThatWasBrokenOffGoesOnAndLogsNothingTwice) {
  std::vector<std::string> lines;
  for (int i = 0; i < 100; ++i)
    lines.push_back(update("2026-08-01T10:00:01Z", {.id = std::to_string(1'000 + i)}));
  auto writer = store::Writer::start(**database_);
  const auto instance = find_or_add_instance(**writer, "https://social.example", "mastodon", clock_.now());
  const auto import = [&](std::size_t breaks_at, std::uint64_t skip) {
    // Batches that are no multiple of what an import hands in at once.
    auto ingest = Ingest::start(**database_, **writer, clock_, {.batch_events = 25});
    EXPECT_TRUE(ingest);
    std::size_t next = 0;
    return import_lines(**ingest, *instance,
                        [&](std::string& line) -> Result<bool> {
                          if (next == breaks_at)
                            return Error::of(ErrorKind::unavailable, "the disk was pulled out");
                          if (next == lines.size()) return false;
                          line = lines[next++];
                          return true;
                        },
                        20, {"import test", skip});
  };
  EXPECT_FALSE(import(67, 0));
  auto reader = (*database_)->reader();
  const auto taken = lines_taken(**reader, "import test");
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->lines, 60U);
  EXPECT_EQ(taken->last_hash, hash_of_line(lines[59]));
  EXPECT_TRUE(import(1'000, taken->lines));
  EXPECT_EQ(number("SELECT count(*) FROM event_rows"), 100);
  EXPECT_EQ(number("SELECT count(*) FROM posts"), 100);
  EXPECT_EQ(lines_taken(**reader, "import test")->lines, 0U) << "finished: the next one begins anew";
}

// Another process empties the tables and fills them again while this one runs: what it remembers is worth
// nothing.
TEST_P(IngestTest, AReplayByAnotherProcessIsNoticed) {
  const std::vector<std::string> before{update("2026-08-01T10:00:01Z", {.id = "1", .tags = "bc"}),
                                        update("2026-08-01T10:00:02Z", {.id = "2", .tags = "c"})};
  const std::vector<std::string> after{update("2026-08-01T11:00:01Z", {.id = "3", .tags = "cb"})};
  std::vector<std::string> all = before;
  all.insert(all.end(), after.begin(), after.end());
  take(all);
  const auto expected = digest();
  database_ = std::make_unique<test::TestDatabase>(GetParam());

  auto writer = store::Writer::start(**database_);
  const auto instance = find_or_add_instance(**writer, "https://social.example", "mastodon", clock_.now());
  auto ingest = Ingest::start(**database_, **writer, clock_, {});
  ASSERT_TRUE(ingest);
  const auto submit = [&](const std::vector<std::string>& lines) {
    std::vector<RawEvent> events;
    for (const auto& line : lines) events.push_back({*instance, line});
    ASSERT_TRUE((*ingest)->submit(std::move(events)));
    ASSERT_TRUE((*ingest)->drain());
  };
  submit(before);
  {
    // As another process would: with a writer and a projector of its own. Its hashtags get other numbers.
    auto other = store::Writer::start(**database_);
    ASSERT_TRUE(replay(**database_, **other, {}, {}));
    ASSERT_TRUE((*other)->write([](store::Connection& connection) -> Status {
      LINNET_CHECK(store::run(connection, "UPDATE post_hashtags SET hashtag_id = hashtag_id + 100"));
      LINNET_CHECK(store::run(connection, "UPDATE hashtag_hourly_stats SET hashtag_id = hashtag_id + 100"));
      return store::run(connection, "UPDATE hashtags SET id = id + 100");
    }));
  }
  submit(after);
  EXPECT_EQ(digest(), expected);
  expect_sound();
}

// Connections are cut at random moments while events come in; the tables and the log end as without.
TEST_P(IngestTest, NothingIsLostOrDoubledWhenTheServerEndsConnections) {
  if (GetParam() != Engine::postgres) GTEST_SKIP() << "SQLite has no server";
  std::vector<std::string> lines;
  for (int i = 0; i < 3'000; ++i) {
    lines.push_back(update("2026-08-01T10:00:01Z", {.id = std::to_string(1'000 + i % 900),
                                                    .content = fmt::format("<p>{}</p>", i % 900),
                                                    .favourites = i}));
  }
  take(lines);
  const auto undisturbed = digest();
  database_ = std::make_unique<test::TestDatabase>(GetParam());

  std::atomic<bool> done{false};
  std::atomic<bool> has_started{false};
  std::atomic<bool> is_over{false};
  std::atomic<std::int64_t> cut{0};
  std::jthread cutter([&] {
    std::minstd_rand random(1);
    auto own = (*database_)->connect(store::Part::tables);
    ASSERT_TRUE(own);
    // A start takes long on a busy machine: it is given more time each time, and not counted.
    int starts = 0;
    for (int round = 0; round < 60 && !done; has_started ? ++round : ++starts) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20 + random() % 100) *
                                  (has_started ? 1 : 1 + starts / 20));
      const auto ended = store::query_integer(
          **own,
          "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> "
          "pg_backend_pid() AND datname = current_database() AND backend_type = 'client backend'");
      ASSERT_TRUE(ended) << ended.error().message;
      cut += ended->value_or(0);
    }
    is_over = true;
  });
  auto writer = store::Writer::start(**database_);
  ASSERT_TRUE(writer);
  Result<InstanceId> instance = Error::of(ErrorKind::unavailable, "");
  while (!instance)
    instance = find_or_add_instance(**writer, "https://social.example", "mastodon", clock_.now());
  auto ingest = Ingest::start(**database_, **writer, clock_, {.batch_events = 50});
  while (!ingest) ingest = Ingest::start(**database_, **writer, clock_, {.batch_events = 50});
  const auto cut_before = cut.load();
  has_started = true;
  for (std::size_t i = 0; i < lines.size(); i += 20) {
    // Not all at once: at least as many cuts as there are tenths of the stream.
    while (!is_over && cut - cut_before < static_cast<std::int64_t>(i / 300))
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    std::vector<RawEvent> events;
    for (std::size_t j = i; j < std::min(i + 20, lines.size()); ++j) events.push_back({*instance, lines[j]});
    ASSERT_TRUE((*ingest)->submit(std::move(events)));
  }
  const auto drained = (*ingest)->drain();
  done = true;
  cutter.join();
  ASSERT_TRUE(drained) << drained.error().message;
  EXPECT_GE(cut - cut_before, 9) << "this ingest's own connections among them";
  EXPECT_EQ(number("SELECT count(*) FROM event_rows"), 3'000);
  EXPECT_EQ(digest(), undisturbed);
  expect_sound();
}

TEST_P(IngestTest, AnEditMakesAVersionAndClosesTheOneBefore) {
  take({update("2026-08-01T10:00:01Z", {}),
        update("2026-08-01T11:00:01Z", {.content = "<p>two</p>", .edited_at = "2026-08-01T11:00:00.000Z"})});
  EXPECT_EQ(number("SELECT count(*) FROM post_versions"), 2);
  EXPECT_EQ(text("SELECT content_text FROM post_versions WHERE version_seq = 1"), "one");
  EXPECT_EQ(text("SELECT content_text FROM post_versions WHERE version_seq = 2"), "two");
  EXPECT_EQ(number("SELECT valid_to FROM post_versions WHERE version_seq = 1"),
            to_micros(*parse_iso8601("2026-08-01T11:00:00Z")));
  EXPECT_EQ(number("SELECT valid_from FROM post_versions WHERE version_seq = 1"),
            to_micros(*parse_iso8601("2026-08-01T10:00:00Z")));
  expect_sound();
}

TEST_P(IngestTest, OlderContentIsStaleAndCounted) {
  const auto figures =
      take({update("2026-08-01T11:00:01Z", {.content = "<p>two</p>", .edited_at = "2026-08-01T11:00:00Z"}),
            update("2026-08-01T11:00:02Z", {.content = "<p>one</p>"})});
  EXPECT_EQ(figures.stale, 1U);
  EXPECT_EQ(text("SELECT content_text FROM posts"), "two");
}

TEST_P(IngestTest, ALateCountAddsItsSnapshotInThePastAndLeavesTheCurrentCounts) {
  take({update("2026-08-01T10:00:00Z", {.favourites = 1}), update("2026-08-01T12:00:00Z", {.favourites = 9}),
        update("2026-08-01T11:00:00Z", {.favourites = 5})});
  EXPECT_EQ(number("SELECT count(*) FROM post_metric_snapshots"), 3);
  EXPECT_EQ(number("SELECT favourites_count FROM posts"), 9);
  EXPECT_EQ(number("SELECT engagement_score FROM posts"), 18);
  EXPECT_EQ(number("SELECT favourites_gained FROM post_metric_snapshots WHERE favourites_count = 9"), 4);
  expect_sound();
}

TEST_P(IngestTest, TheEarliestDeletionWinsAndAPostSeenAfterItsDeletionIsStoredDeleted) {
  take({deletion("2026-08-01T12:00:00Z", "100"), deletion("2026-08-01T11:00:00Z", "100")});
  EXPECT_EQ(number("SELECT count(*) FROM post_tombstones"), 1);
  take({update("2026-08-01T13:00:00Z", {})});
  EXPECT_EQ(number("SELECT deleted_at FROM posts"), to_micros(*parse_iso8601("2026-08-01T11:00:00Z")));
  EXPECT_EQ(number("SELECT count(*) FROM post_tombstones"), 0);
}

TEST_P(IngestTest, RedactionEmptiesContentAndKeepsHashes) {
  IngestOptions options;
  options.redact_on_delete = true;
  take({update("2026-08-01T10:00:01Z", {}),
        update("2026-08-01T11:00:01Z", {.content = "<p>two</p>", .edited_at = "2026-08-01T11:00:00Z"}),
        deletion("2026-08-01T12:00:00Z", "100")},
       options);
  EXPECT_EQ(
      number("SELECT count(*) FROM post_versions WHERE content_html IS NOT NULL OR content_text IS NOT NULL"),
      0);
  EXPECT_EQ(number("SELECT count(*) FROM post_versions WHERE content_hash <> 0"), 2);
}

TEST_P(IngestTest, ABoostIsStoredAfterThePostItBoosts) {
  const auto inner = status({.id = "50", .content = "<p>inner</p>", .account = "8"});
  take({update("2026-08-01T10:00:01Z", {.id = "200", .content = "<p>inner</p>", .reblog = inner})});
  EXPECT_EQ(text("SELECT reblog_of_id FROM posts WHERE id = '200'"), "50");
  EXPECT_EQ(text("SELECT content_html FROM posts WHERE id = '200'"), "(null)");
  EXPECT_EQ(number("SELECT count(*) FROM post_versions WHERE post_id = '200'"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM post_metric_snapshots WHERE post_id = '200'"), 1);
  EXPECT_EQ(text("SELECT content_text FROM posts WHERE id = '50'"), "inner");
}

TEST_P(IngestTest, AnEventThatCannotBeUnderstoodIsKeptWithItsError) {
  const auto figures =
      take({"{not json", R"({"event":"update","payload":{"id":"1"}})",
            R"({"event":"notification","payload":"x"})", update("2026-08-01T10:00:01Z", {})});
  EXPECT_EQ(figures.failed, 2U);
  EXPECT_EQ(figures.ignored, 1U);
  EXPECT_EQ(figures.applied, 1U);
  EXPECT_EQ(number("SELECT count(*) FROM event_rows WHERE process_error IS NOT NULL"), 2);
  auto reader = (*database_)->reader();
  std::string kept;
  ASSERT_TRUE(read_events(**reader, EventId(1), EventId(1), [&](const LoggedEvent& event) -> Status {
    kept = event.line;
    return {};
  }));
  EXPECT_EQ(kept, "{not json");
}

TEST_P(IngestTest, ARemovedHashtagLeavesNoHourBehind) {
  take({update("2026-08-01T10:00:01Z", {.tags = "ab"}),
        update("2026-08-01T11:00:01Z",
               {.content = "<p>two</p>", .edited_at = "2026-08-01T11:00:00Z", .tags = "b"})});
  EXPECT_EQ(number("SELECT count(*) FROM hashtag_hourly_stats"), 1);
  EXPECT_EQ(text("SELECT name FROM hashtags"), "b");
  expect_sound();
}

// Events over few posts, accounts and moments, so that everything collides with everything.
std::vector<std::string> random_events(std::uint64_t seed, std::size_t count) {
  std::mt19937_64 random(seed);
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < count; ++i) {
    Sketch s;
    s.id = std::to_string(100 + below(6));
    s.account = std::to_string(below(3));
    s.favourites = below(4);
    s.media = below(3);
    const int edit = below(4);
    if (edit > 0) {
      s.edited_at = fmt::format("2026-08-01T1{}:00:00.000Z", edit);
      s.content = fmt::format("<p>edit {}</p>", below(3));
    }
    for (const char tag : {'a', 'b', 'c'}) {
      if (below(2) == 0) s.tags += tag;
    }
    const auto at = fmt::format("2026-08-01T{:02}:{:02}:00Z", 10 + below(10), below(3));
    lines.push_back(below(12) == 0 ? deletion(at, s.id) : update(at, s));
  }
  return lines;
}

TEST_P(IngestTest, EventsGivenTwiceAndReplayedGiveTheSameTables) {
  const int rounds = GetParam() == Engine::sqlite ? 25 : 6;
  for (int round = 0; round < rounds; ++round) {
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    const auto lines = random_events(static_cast<std::uint64_t>(round) + 1, 60);
    take(lines);
    const auto once = digest();
    expect_sound();
    IngestOptions small;
    small.batch_events = 7;
    take(lines, small);
    ASSERT_EQ(digest(), once) << "given twice, seed " << round + 1;
    expect_sound();
    auto writer = store::Writer::start(**database_);
    auto outcome = replay(**database_, **writer, {}, {});
    ASSERT_TRUE(outcome) << outcome.error().message;
    ASSERT_EQ(outcome->digest.sha256, once) << "replayed, seed " << round + 1;
  }
}

TEST_P(IngestTest, AReplayOfAPrunedLogKeepsWhatOnlyItHeld) {
  take(random_events(7, 40));
  const auto whole = digest();
  auto writer = store::Writer::start(**database_);
  const auto pruned = prune_log(**database_, **writer, *parse_iso8601("2027-01-01T00:00:00Z"), false);
  ASSERT_TRUE(pruned) << pruned.error().message;
  EXPECT_EQ(*pruned, 40);
  const auto outcome = replay(**database_, **writer, {}, {});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_FALSE(outcome->from_empty);
  EXPECT_EQ(outcome->digest.sha256, whole);
}

TEST_P(IngestTest, TheTailOfTheLogIsAppliedAtTheNextStart) {
  const auto lines = random_events(99, 40);
  take(lines);
  const auto whole = digest();
  // As after a crash in which the tables lost their last commits: the mark went back with them.
  {
    auto writer = store::Writer::start(**database_);
    ASSERT_TRUE((*writer)->write([](store::Connection& c) -> Status {
      for (const auto* const table :
           {"posts", "platform_users", "post_past_versions", "post_metric_snapshots", "post_unchanged_counts",
            "post_tombstones", "hashtags", "post_hashtags", "hashtag_hourly_stats", "post_mentions",
            "media_attachments"}) {
        LINNET_CHECK(c.execute(fmt::format("DELETE FROM {}", table)));
      }
      return set_mark(c, EventId(0));
    }));
  }
  take({});
  EXPECT_EQ(digest(), whole);
}

TEST_P(IngestTest, ACursorIsSavedWithTheEventsBeforeIt) {
  auto writer = store::Writer::start(**database_);
  const auto instance = find_or_add_instance(**writer, "https://social.example", "mastodon", clock_.now());
  auto ingest = Ingest::start(**database_, **writer, clock_, {});
  ASSERT_TRUE((*ingest)->submit_durably({{*instance, update("2026-08-01T10:00:01Z", {})}},
                                        Cursor{"x public", "100"}));
  auto reader = (*database_)->reader();
  EXPECT_EQ(load_cursor(**reader, "x public")->value_or(""), "100");
  EXPECT_EQ(last_logged(**reader)->value(), 1);
}

}  // namespace
}  // namespace linnet::observe
