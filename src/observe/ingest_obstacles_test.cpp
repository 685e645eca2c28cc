// What stands in ingest's way: it waits it out, says so, passes over what the tables refuse, and ends for
// nothing that may pass.
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "connect/event_reader.hpp"
#include "observe/event_log.hpp"
#include "observe/ingest_fixture.hpp"
#include "observe/replay.hpp"

namespace linnet::observe {
namespace {

using store::Engine;
using State = IngestHealth::State;

class IngestObstacles : public IngestFixture {
 protected:
  void wait_for(const Ingest& ingest, State state) {
    while (ingest.health().state != state && !ingest.failure())
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    ASSERT_EQ(ingest.health().state, state);
  }

  // From now on the tables take no post of this id.
  void refuse_post(const std::string& id) {
    auto connection = (*database_)->connect(store::Part::tables);
    const auto done =
        (*connection)
            ->execute(
                GetParam() == Engine::sqlite
                    ? fmt::format(
                          "CREATE TRIGGER refuse_{0} BEFORE INSERT ON posts WHEN NEW.id = '{0}' BEGIN SELECT "
                          "RAISE(ABORT, 'on purpose'); END",
                          id)
                    : fmt::format("ALTER TABLE posts ADD CONSTRAINT refuse_{0} CHECK (id <> '{0}')", id));
    ASSERT_TRUE(done) << done.error().message;
  }

  static std::vector<std::string> posts(int first, int count) {
    std::vector<std::string> lines;
    for (int i = first; i < first + count; ++i) lines.push_back(tagged_post(i, fmt::format("tag{}", i % 9)));
    return lines;
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, IngestObstacles, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);

TEST_P(IngestObstacles, ALockOfAnotherIsWaitedOutAndTold) {
  if (GetParam() == Engine::postgres) GTEST_SKIP() << "there a lock ends no wait";
  for (const auto part : {store::Part::log, store::Part::tables}) {
    const auto running = run({}, std::chrono::milliseconds(20));
    auto other = (*database_)->connect(part);
    {
      auto holding = store::Transaction::begin(**other);
      ASSERT_TRUE(holding);
      ASSERT_TRUE(running.take(posts(100, 5)));
      wait_for(*running.ingest, State::waiting);
      EXPECT_NE(running.ingest->health().reason.find("locked by another process"), std::string::npos);
      if (part == store::Part::log) {
        const auto refused = running.ingest->submit_within({{running.instance, tagged_post(1, "late")}},
                                                           std::chrono::milliseconds(20));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
        EXPECT_NE(refused.error().safe.find("locked by another process"), std::string::npos);
      } else {
        EXPECT_TRUE(running.ingest->submit_durably({{running.instance, tagged_post(1, "late")}}))
            << "the log is not locked";
      }
    }
    const auto drained = running.ingest->drain();
    ASSERT_TRUE(drained) << drained.error().message;
    EXPECT_EQ(running.ingest->health().state, State::running);
    EXPECT_EQ(number("SELECT count(*) FROM posts"), 6);
  }
  expect_sound();
}

// On a disk of its own that is full for a while; 0 when all is there in the end, 77 when it may not mount
// one.
int take_in_on_a_full_disk(const std::string& folder) {
  constexpr int kPosts = 3'000;
  if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      mount("none", folder.c_str(), "tmpfs", 0, "size=200m") != 0) {
    return 77;
  }
  const auto ballast = folder + "/ballast";
  std::ofstream(ballast) << std::string(192 << 20, 'x');
  SystemClock clock;
  auto database = store::open_database("sqlite:" + folder + "/linnet.db");
  if (!database || !store::migrate(**database)) return 2;
  auto writer = store::Writer::start(**database);
  const auto instance =
      find_or_add_instance(**database, **writer, "https://social.example", "mastodon", clock.now());
  IngestOptions options;
  options.batch_events = 100;
  options.queue_events = 10'000;
  options.patience = std::chrono::minutes(2);  // rather than to wait for ever for what does not pass
  auto ingest = Ingest::start(**database, **writer, clock, options);
  if (!ingest) return 3;
  for (int i = 0; i < kPosts; ++i) {
    auto line = tagged_post(i, fmt::format("tag{}", i));
    line.insert(line.find("<p>") + 3, std::string(5'000, 'a'));
    if (!(*ingest)->submit({{*instance, std::move(line)}})) return 5;
  }
  while ((*ingest)->health().state == State::running) {
    if ((*ingest)->figures().applied_up_to.value() >= kPosts) return 6;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  if ((*ingest)->health().state != State::waiting) return 7;
  if ((*ingest)->health().reason.find("disk is full") == std::string::npos) return 8;
  std::filesystem::remove(ballast);
  if (!(*ingest)->drain()) return 9;
  auto reader = (*database)->reader();
  if (store::query_integer(**reader, "SELECT count(*) FROM posts")->value_or(0) != kPosts) return 10;
  if (store::query_integer(**reader, "SELECT count(*) FROM event_rows")->value_or(0) != kPosts) return 11;
  const auto findings = check_projections(**reader);
  for (const auto& finding : *findings)
    if (finding.differing != 0) return 12;
  return 0;
}

TEST_P(IngestObstacles, AFullDiskIsWaitedOut) {
  if (GetParam() == Engine::postgres) GTEST_SKIP() << "the files are the server's";
  auto folder = (std::filesystem::temp_directory_path() / "linnet-test-XXXXXX").string();
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) _exit(take_in_on_a_full_disk(folder));
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  std::filesystem::remove_all(folder);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "may not mount a small disk: run as root";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_P(IngestObstacles, WhoeverWaitsIsLetGoWhenTheProgramEnds) {
  if (GetParam() == Engine::postgres) GTEST_SKIP() << "SQLite's locks";
  auto running = run({}, std::chrono::milliseconds(20));
  auto other = (*database_)->connect(store::Part::log);
  auto holding = store::Transaction::begin(**other);
  ASSERT_TRUE(holding);
  std::thread producer([&] {
    EXPECT_FALSE(running.ingest->submit_durably({{running.instance, tagged_post(1, "lost")}}));
  });
  wait_for(*running.ingest, State::waiting);
  running.ingest->hasten();
  producer.join();
}

TEST_P(IngestObstacles, AnEventThatTheTablesRefuseIsPassedOver) {
  refuse_post("113");
  refuse_post("114");
  refuse_post("139");
  auto running = run();
  const auto taken = running.take_all(posts(100, 60));
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_EQ(number("SELECT count(*) FROM posts"), 57);
  EXPECT_EQ(number("SELECT count(*) FROM event_rows WHERE process_error IS NOT NULL"), 3);
  EXPECT_EQ(number("SELECT min(id) FROM event_rows WHERE process_error LIKE 'the tables do not take it: %'"),
            14);
  EXPECT_EQ(running.ingest->figures().failed, 3U);
  EXPECT_EQ(running.ingest->health().state, State::running);
  ASSERT_TRUE(running.take_all(posts(200, 5))) << "and it goes on";
  expect_sound();
  const auto before = digest();
  running.ingest.reset();
  const auto again = replay(**database_, *running.writer, {}, {});
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->digest.sha256, before);
}

// As at every start after an older version had stopped at it.
TEST_P(IngestObstacles, ARefusedEventInTheTailOfTheLogIsPassedOverAtTheStart) {
  ASSERT_TRUE(run().take_all(posts(100, 10)));
  {
    auto log = (*database_)->connect(store::Part::log);
    const auto lines = posts(110, 10);
    Arena arena;
    connect::EventReader reader;
    std::vector<model::Event> events;
    for (const auto& line : lines) {
      events.push_back(reader.read(line, clock_.now(), arena));
      events.back().instance = InstanceId(1);
    }
    const std::vector<std::string_view> views(lines.begin(), lines.end());
    ASSERT_TRUE(EventLogWriter(**log).append(events, views, {}, clock_.now()));
  }
  refuse_post("113");
  ASSERT_TRUE(run().ingest->drain());
  EXPECT_EQ(number("SELECT count(*) FROM posts"), 19);
  EXPECT_EQ(number("SELECT id FROM event_rows WHERE process_error IS NOT NULL"), 14);
  expect_sound();
}

// Whatever was at fault with the tables, a replay does not keep on blaming the event.
TEST_P(IngestObstacles, ARefusedEventIsTriedAgainWhenItIsReadAnew) {
  refuse_post("113");
  auto running = run();
  ASSERT_TRUE(running.take_all(posts(100, 20)));
  running.ingest.reset();
  ASSERT_EQ(number("SELECT count(*) FROM posts"), 19);
  {
    auto tables = (*database_)->connect(store::Part::tables);
    ASSERT_TRUE((*tables)->execute(GetParam() == Engine::sqlite
                                       ? "DROP TRIGGER refuse_113"
                                       : "ALTER TABLE posts DROP CONSTRAINT refuse_113"));
  }
  ASSERT_TRUE(replay(**database_, *running.writer, {}, {}));
  EXPECT_EQ(number("SELECT count(*) FROM posts"), 20);
  EXPECT_EQ(number("SELECT count(*) FROM event_rows WHERE process_error IS NOT NULL"), 0);
}

TEST_P(IngestObstacles, TablesThatRefuseEverythingEndIngestAndBlameNoEvent) {
  std::atomic<int> told{0};
  IngestOptions options;
  options.on_stopped = [&] { ++told; };
  auto running = run(options);
  ASSERT_TRUE(running.take_all(posts(100, 5)));
  {
    auto tables = (*database_)->connect(store::Part::tables);
    ASSERT_TRUE((*tables)->execute("ALTER TABLE posts RENAME TO somewhere_else"));
  }
  const auto drained = running.take_all(posts(200, 5));
  ASSERT_FALSE(drained);
  EXPECT_EQ(running.ingest->health().state, State::stopped);
  ASSERT_TRUE(running.ingest->failure());
  EXPECT_EQ(told, 1);
  EXPECT_FALSE(running.take(posts(300, 1))) << "nothing is acknowledged that would not be applied";
  EXPECT_EQ(number("SELECT count(*) FROM event_rows WHERE process_error IS NOT NULL"), 0);
}

TEST_P(IngestObstacles, EventsAreLoggedWhileTheTablesAreKept) {
  auto running = run({.batch_events = 100, .queue_events = 500});
  ASSERT_TRUE(running.ingest->while_paused([&]() -> Status {
    // Far more than any queue on the way holds.
    for (int i = 0; i < 120; ++i) {
      std::vector<RawEvent> events;
      for (auto& line : posts(1'000 + 100 * i, 100)) events.push_back({running.instance, std::move(line)});
      LINNET_CHECK(running.ingest->submit_durably(std::move(events)));
    }
    EXPECT_EQ(number("SELECT count(*) FROM event_rows"), 12'000);
    EXPECT_EQ(number("SELECT count(*) FROM posts"), 0);
    return {};
  }));
  ASSERT_TRUE(running.ingest->drain());
  EXPECT_EQ(number("SELECT count(*) FROM posts"), 12'000);
  EXPECT_EQ(running.ingest->figures().applied, 12'000U);
  expect_sound();
}

TEST_P(IngestObstacles, CountsBeyondReasonAddUpToNothingThatOverflows) {
  constexpr std::int64_t kGreatest = std::int64_t{1} << 53;
  auto running = run();
  std::vector<std::string> lines;
  for (int i = 0; i < 600; ++i) lines.push_back(tagged_post(24 * i, "huge", kGreatest));
  for (int i = 0; i < 600; ++i) lines.push_back(tagged_post(24 * i, "huge", kGreatest - 1 - i % 2));
  lines.push_back(tagged_post(7, "next"));
  ASSERT_TRUE(running.take_all(std::move(lines)));
  EXPECT_EQ(number("SELECT count(*) FROM event_rows WHERE process_error IS NOT NULL"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM posts"), 601);
  EXPECT_GT(number("SELECT total_engagement FROM hashtag_hourly_stats ORDER BY 1 DESC LIMIT 1"), 0);
  EXPECT_GT(number("SELECT CAST(sum(engagement_score) AS BIGINT) FROM posts"), 0);
  EXPECT_EQ(number("SELECT favourites_count FROM posts WHERE id = '0'"), kGreatest - 1)
      << "shown as it was told";
  expect_sound();
}

// The time of day stands still, or is set back: a commit does not wait for it.
TEST_P(IngestObstacles, ACommitDoesNotWaitForTheTimeOfDay) {
  ManualClock standing(*parse_iso8601("2026-08-02T00:00:00Z"));
  IngestOptions options;
  options.batch_events = 1'000'000;
  options.queue_events = 1'000'000;
  const auto running = run_on(database_->location(), standing, options);
  int handed_in = 0;
  for (; handed_in < 5'000 && running.ingest->figures().logged.value() == 0; ++handed_in) {
    ASSERT_TRUE(running.take({tagged_post(handed_in, "a")}));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_LT(handed_in, 5'000);
}

// In the log, a line feed would end the event.
TEST_P(IngestObstacles, ALineFeedWithinAnEventHarmsNothing) {
  auto running = run();
  auto line = tagged_post(1, "a");
  line.insert(1, "\n\n");
  ASSERT_TRUE(running.take_all({line, tagged_post(2, "b")}));
  EXPECT_EQ(number("SELECT count(*) FROM posts"), 2);
  running.ingest.reset();
  const auto again = replay(**database_, *running.writer, {}, {});
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(number("SELECT count(*) FROM posts"), 2);
}

}  // namespace
}  // namespace linnet::observe
