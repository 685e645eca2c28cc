// Several processes write to one log and its tables, as `linnet import` beside `linnet serve` does: each goes
// on with what the other left.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "observe/event_log.hpp"
#include "observe/ingest_fixture.hpp"
#include "observe/projector.hpp"
#include "observe/replay.hpp"

namespace linnet::observe {
namespace {

using store::Engine;

class SeveralIngests : public IngestFixture {};

INSTANTIATE_TEST_SUITE_P(Engines, SeveralIngests, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);

std::vector<std::string> round_of_posts(int round) {
  std::vector<std::string> lines;
  for (int i = 0; i < 3; ++i) {
    const int number = 100 + 10 * round + i;
    lines.push_back(tagged_post(number, fmt::format("tag{}", number)));
    lines.push_back(tagged_post(number - 7, "shared"));
  }
  return lines;
}

TEST_P(SeveralIngests, EachGoesOnAfterTheOtherHasFinished) {
  const auto one = run();
  const auto other = run();
  for (int round = 0; round < 6; ++round) {
    const auto& now = round % 2 == 0 ? one : other;
    const auto taken = now.take_all(round_of_posts(round));
    ASSERT_TRUE(taken) << "round " << round << ": " << taken.error().message;
  }
  expect_sound();
  const auto shared = digest();
  database_ = std::make_unique<test::TestDatabase>(GetParam());
  const auto alone = run();
  for (int round = 0; round < 6; ++round) ASSERT_TRUE(alone.take_all(round_of_posts(round)));
  EXPECT_EQ(digest(), shared);
}

// What the other wrote goes unsaid: whoever follows live must be told to look again.
TEST_P(SeveralIngests, FollowersAreToldThatOthersWrote) {
  auto one = run();
  std::atomic<bool> others_wrote{false};
  auto other = run();
  other.ingest = *Ingest::start(*other.database, *other.writer, clock_, {}, [&](const AppliedBatch& batch) {
    others_wrote = others_wrote || batch.others_wrote;
  });
  ASSERT_TRUE(other.take_all(round_of_posts(0)));
  EXPECT_FALSE(others_wrote);
  ASSERT_TRUE(one.take_all(round_of_posts(1)));
  ASSERT_TRUE(other.take_all(round_of_posts(2)));
  EXPECT_TRUE(others_wrote);
}

// As `linnet import` beside `linnet serve`, while that is busy with its tables.
TEST_P(SeveralIngests, FiguresAreThoseOfWhatEachTookIn) {
  IngestOptions options;
  options.counts_own_alone = true;
  const auto one = run(options);
  const auto other = run(options);
  ASSERT_TRUE(one.take_all(round_of_posts(0)));
  EXPECT_EQ(one.ingest->figures().applied, 6U);
  ASSERT_TRUE(one.ingest->while_paused([&]() -> Status {
    std::vector<RawEvent> events;
    for (auto& line : round_of_posts(1)) events.push_back({one.instance, std::move(line)});
    LINNET_CHECK(one.ingest->submit_durably(std::move(events)));
    return other.take_all({tagged_post(900, "late")});
  }));
  ASSERT_TRUE(one.ingest->drain());
  EXPECT_EQ(other.ingest->figures().read, 1U);
  EXPECT_EQ(other.ingest->figures().applied, 1U) << "and not what it found in the log";
  EXPECT_EQ(one.ingest->figures().read, 12U);
  EXPECT_EQ(one.ingest->figures().applied, 6U) << "the rest was taken into the tables by the other";
  expect_sound();
}

// Takes in posts one by one; 0 when all went well.
int import_beside(const std::string& location, int ready, int go) {
  SystemClock clock;
  auto database = store::open_database(location);
  if (!database) return 2;
  auto writer = store::Writer::start(**database);
  const auto instance =
      find_or_add_instance(**database, **writer, "https://other.example", "mastodon", clock.now());
  if (!instance) return 3;
  auto ingest = Ingest::start(**database, **writer, clock, {});
  if (!ingest) return 4;
  char byte = 'x';
  if (write(ready, &byte, 1) != 1 || read(go, &byte, 1) != 1) return 5;
  for (int i = 0; i < 150; ++i) {
    if (!(*ingest)->submit({{*instance, tagged_post(i, fmt::format("theirs{}", i))}})) return 6;
    if (i % 5 == 0 && !(*ingest)->drain()) return 7;
  }
  return (*ingest)->drain() ? 0 : 8;
}

TEST_P(SeveralIngests, TwoProcessesTakeInAtTheSameTime) {
  int ready[2];
  int go[2];
  ASSERT_EQ(pipe(ready), 0);
  ASSERT_EQ(pipe(go), 0);
  const auto location = database_->location();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) _exit(import_beside(location, ready[1], go[0]));
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  const auto ours = run();
  ASSERT_EQ(write(go[1], "x", 1), 1);
  for (int i = 0; i < 150; ++i) {
    ASSERT_TRUE(ours.take({tagged_post(i, fmt::format("ours{}", i))}));
    if (i % 7 == 0) {
      const auto drained = ours.ingest->drain();
      ASSERT_TRUE(drained) << drained.error().message;
    }
  }
  const auto drained = ours.ingest->drain();
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(drained) << drained.error().message;
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  for (const int end : {ready[0], ready[1], go[0], go[1]}) close(end);
  EXPECT_EQ(number("SELECT count(*) FROM posts"), 300);
  EXPECT_EQ(number("SELECT count(*) FROM hashtags"), 300);
  expect_sound();
}

// Tells when it was asked for something.
class WatchedWriter final : public store::Writer {
 public:
  explicit WatchedWriter(store::Writer& writer) : writer_(writer) {}
  std::atomic<bool> is_asked{false};

  std::future<Status> submit(Work work) override {
    is_asked = true;
    return writer_.submit(std::move(work));
  }
  Status write_rebuildable(Work work) override { return writer_.write_rebuildable(std::move(work)); }

 private:
  store::Writer& writer_;
};

// What was in the log when a replay looked at it may be gone when it is about to empty the tables.
TEST_P(SeveralIngests, AReplayEmptiesNothingThatWasPrunedMeanwhile) {
  auto running = run();
  for (int round = 0; round < 3; ++round) ASSERT_TRUE(running.take_all(round_of_posts(round)));
  running.ingest.reset();
  const auto before = digest();
  auto projecting = (*database_)->connect(store::Part::tables);
  auto pruning = (*database_)->connect(store::Part::log);
  WatchedWriter writer(*running.writer);
  Result<ReplayOutcome> outcome = Error::of(ErrorKind::internal, "it did not end");
  std::jthread replaying;
  {
    auto transaction = store::Transaction::begin(**projecting);
    const auto tables = lock_tables(**projecting);
    ASSERT_TRUE(tables);
    replaying = std::jthread([&] { outcome = replay(**database_, writer, {}, {}); });
    // It has looked at the log when it asks for the tables, and waits for them.
    while (!writer.is_asked) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const auto gone = prune_some(**pruning, EventId(tables->mark.value() + 1));
    ASSERT_TRUE(gone);
    ASSERT_GT(gone->value_or(0), 0);
    ASSERT_TRUE(transaction->commit());
  }
  replaying.join();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::conflict);
  EXPECT_EQ(digest(), before);
}

}  // namespace
}  // namespace linnet::observe
