// A log that is damaged, has holes, or was lost, beside tables that are whole.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <future>

#include "base/clock.hpp"
#include "kit/test_database.hpp"
#include "kit/watched_reader.hpp"
#include "observe/check.hpp"
#include "observe/ingest.hpp"
#include "observe/log_survey.hpp"
#include "observe/lost_tables.hpp"
#include "observe/projector.hpp"
#include "observe/prune_log.hpp"
#include "observe/replay.hpp"

namespace linnet::observe {
namespace {

std::string post(int number) {
  return fmt::format(
      R"({{"received_at":"2026-08-01T10:00:05Z","event":"update","payload":{{"id":"{}",)"
      R"("created_at":"2026-08-01T10:00:00Z","content":"<p>words of post {}</p>","replies_count":0,)"
      R"("reblogs_count":0,"favourites_count":0,"account":{{"id":"7","username":"ada","acct":"ada"}}}}}})",
      number, number);
}

class LogDamageTest : public testing::TestWithParam<store::Engine> {
 protected:
  // Three blocks of five events.
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    for (int block = 0; block < 3; ++block) ASSERT_TRUE(take(100 * (block + 1), 5));
  }

  Status take(int first, int count) {
    LINNET_TRY(auto writer, store::Writer::start(**database_));
    LINNET_TRY(const auto instance,
               find_or_add_instance(*writer, "https://social.example", "mastodon", clock_.now()));
    LINNET_TRY(auto ingest, Ingest::start(**database_, *writer, clock_, {}));
    std::vector<RawEvent> events;
    for (int i = 0; i < count; ++i) events.push_back({instance, post(first + i)});
    LINNET_CHECK(ingest->submit_durably(std::move(events)));
    return ingest->drain();
  }

  void change_log(const std::string& sql) {
    auto log = (*database_)->connect(store::Part::log);
    const auto done = (*log)->execute(sql);
    ASSERT_TRUE(done) << done.error().message;
  }
  void change_tables(const std::string& sql) {
    auto tables = (*database_)->connect(store::Part::tables);
    const auto done = (*tables)->execute(sql);
    ASSERT_TRUE(done) << done.error().message;
  }
  void damage_second_block() {
    change_log(GetParam() == store::Engine::sqlite
                   ? "UPDATE event_blocks SET payloads = x'00112233' WHERE first_event_id = 6"
                   : "UPDATE event_blocks SET payloads = '\\x00112233' WHERE first_event_id = 6");
  }
  void lose_all_but(int events) {
    change_log(fmt::format(
        "DELETE FROM event_blocks WHERE first_event_id > {0}; DELETE FROM event_rows WHERE id > {0}; "
        "UPDATE event_log_head SET last_event_id = {0}",
        events));
  }

  [[nodiscard]] std::int64_t posts() const {
    auto reader = (*database_)->reader();
    return store::query_integer(**reader, "SELECT count(*) FROM posts")->value_or(-1);
  }
  [[nodiscard]] std::string damage() const {
    auto reader = (*database_)->reader();
    const auto survey = survey_log(**reader);
    return survey ? in_words(survey->damage) : survey.error().message;
  }
  Result<ReplayOutcome> replay_all() {
    LINNET_TRY(auto writer, store::Writer::start(**database_));
    return replay(**database_, *writer, {}, {});
  }
  [[nodiscard]] std::int64_t check_differing() const {
    auto reader = (*database_)->reader();
    std::int64_t differing = 0;
    const auto findings = check_log(**reader).value();
    for (const auto& finding : findings) differing += finding.differing;
    return differing;
  }

  SystemClock clock_;
  std::unique_ptr<test::TestDatabase> database_;
};

TEST_P(LogDamageTest, AWholeLogIsCalledWhole) {
  EXPECT_EQ(damage(), "");
  EXPECT_EQ(check_differing(), 0);
  EXPECT_TRUE(replay_all()->from_empty);
}

TEST_P(LogDamageTest, AReplayKeepsWhatADamagedBlockAloneTells) {
  damage_second_block();
  EXPECT_EQ(check_differing(), 5);
  const auto outcome = replay_all();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_FALSE(outcome->from_empty);
  ASSERT_EQ(outcome->unread.size(), 1U);
  EXPECT_EQ(outcome->unread[0].first, EventId(6));
  EXPECT_EQ(outcome->unread[0].last, EventId(10));
  EXPECT_EQ(posts(), 15);
  EXPECT_TRUE(take(900, 1));
  EXPECT_EQ(posts(), 16);
}

TEST_P(LogDamageTest, OneBitThatFellOverIsNoticed) {
  change_log(
      GetParam() == store::Engine::sqlite
          ? "UPDATE event_blocks SET payloads = CAST(substr(payloads, 1, 30) || x'5a' || substr(payloads, "
            "32) AS BLOB) WHERE first_event_id = 6"
          : "UPDATE event_blocks SET payloads = set_byte(payloads, 30, 90) WHERE first_event_id = 6");
  EXPECT_EQ(check_differing(), 5) << damage();
}

TEST_P(LogDamageTest, ADamagedLengthAsksForNoMemory) {
  change_log("UPDATE event_blocks SET raw_bytes = 9000000000000000000 WHERE first_event_id = 6");
  EXPECT_EQ(check_differing(), 5) << damage();
  change_log("UPDATE event_blocks SET raw_bytes = -1 WHERE first_event_id = 6");
  EXPECT_EQ(check_differing(), 5) << damage();
}

TEST_P(LogDamageTest, ARowThatIsMissingTakesNoOtherWithIt) {
  change_log("DELETE FROM event_rows WHERE id = 7");
  EXPECT_EQ(check_differing(), 1) << damage();
  const auto outcome = replay_all();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_FALSE(outcome->from_empty);
  EXPECT_EQ(posts(), 15);
}

TEST_P(LogDamageTest, AHoleIsTold) {
  change_log(
      "DELETE FROM event_blocks WHERE first_event_id = 6; DELETE FROM event_rows WHERE id BETWEEN 6 AND 10");
  EXPECT_EQ(damage(), "events 6 to 10 (not in the log)");
  EXPECT_FALSE(replay_all()->from_empty);
  EXPECT_EQ(posts(), 15);
}

TEST_P(LogDamageTest, WhatWasNotYetAppliedAndIsDamagedHoldsNothingUp) {
  damage_second_block();
  change_tables(
      "DELETE FROM posts WHERE id >= '200'; DELETE FROM post_metric_snapshots WHERE post_id >= '200'; "
      "DELETE FROM post_unchanged_counts WHERE post_id >= '200'; "
      "UPDATE projection_marks SET position = 5 WHERE name = 'tables'");
  EXPECT_TRUE(take(900, 1));
  EXPECT_EQ(posts(), 11);
}

TEST_P(LogDamageTest, TablesThatAreOlderThanTheLogAreTold) {
  EXPECT_EQ(check_differing(), 0);
  change_tables("UPDATE projection_marks SET position = 5 WHERE name = 'tables'");
  auto reader = (*database_)->reader();
  const auto behind = find_tables_behind(**reader).value();
  ASSERT_TRUE(behind);
  EXPECT_EQ(behind->applied, EventId(5));
  EXPECT_EQ(behind->once, EventId(15));
  EXPECT_NE(behind->in_words.find("opt-outs"), std::string::npos) << behind->in_words;
  EXPECT_EQ(check_differing(), 10);
}

// While serve is at work, each of them grows between one look and the next.
TEST_P(LogDamageTest, TablesThatGrowMeanwhileAreNotOlder) {
  change_tables("UPDATE projection_marks SET position = 5 WHERE name = 'tables'");
  change_log("DELETE FROM event_marks WHERE last_event_id > 5");
  int looks = 0;
  auto reader = (*database_)->reader();
  test::WatchedReader watched(**reader, [&](std::string_view) -> Status {
    if (++looks != 2) return {};
    change_tables("UPDATE projection_marks SET position = 15 WHERE name = 'tables'");
    change_log("INSERT INTO event_marks (last_event_id, processed_at) VALUES (15, 1)");
    return {};
  });
  EXPECT_FALSE(find_tables_behind(watched).value());
  EXPECT_GE(looks, 2);
}

// Works, but nothing that it writes survives a power cut.
class ForgetfulWriter final : public store::Writer {
 public:
  explicit ForgetfulWriter(store::Writer& writer) : writer_(writer) {}
  std::future<Status> submit(Work) override {
    std::promise<Status> refused;
    refused.set_value(unavailable("the disk is full"));
    return refused.get_future();
  }
  Status write_rebuildable(Work work) override { return writer_.write_rebuildable(std::move(work)); }

 private:
  store::Writer& writer_;
};

// Else a power cut would look like an older copy that was put back.
TEST_P(LogDamageTest, OnlyWhatAPowerCutLeavesInTheTablesIsMarked) {
  const auto marked = [&] {
    auto reader = (*database_)->reader();
    return store::query_integer(**reader, "SELECT max(last_event_id) FROM event_marks")->value_or(0);
  };
  EXPECT_EQ(marked(), 15);
  auto writer = store::Writer::start(**database_).value();
  ForgetfulWriter forgetful(*writer);
  auto ingest = Ingest::start(**database_, forgetful, clock_, {}).value();
  ASSERT_TRUE(ingest->submit({{InstanceId(1), post(800)}}));
  ASSERT_TRUE(ingest->drain());
  ingest.reset();
  EXPECT_EQ(posts(), 16);
  EXPECT_EQ(marked(), 15);
  writer.reset();
  ASSERT_TRUE(take(801, 1));
  EXPECT_EQ(marked(), 17);
}

// As one that was killed in the middle leaves them.
TEST_P(LogDamageTest, TablesThatAReplayFillsAreNotOlder) {
  ASSERT_TRUE(replay_all());
  change_tables("UPDATE projection_marks SET position = 5 WHERE name = 'tables'");
  auto reader = (*database_)->reader();
  EXPECT_FALSE(find_tables_behind(**reader).value());
}

TEST_P(LogDamageTest, TablesThatAreGoneAreMadeAnewOnlyWhenAskedFor) {
  EXPECT_TRUE(refuse_lost_tables(**database_));
  while (store::rollback(**database_, store::Part::tables).value() > 0) {
  }
  const auto refused = refuse_lost_tables(**database_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::corrupt);
  EXPECT_NE(refused.error().safe.find("events continue"), std::string::npos) << refused.error().safe;
  EXPECT_EQ(begin_tables_anew(**database_, clock_.now()).value(), 1);
  EXPECT_TRUE(refuse_lost_tables(**database_));
  ASSERT_TRUE(replay_all());
  EXPECT_EQ(posts(), 15);
  EXPECT_EQ(check_differing(), 0);
  ASSERT_TRUE(take(900, 1));
  auto reader = (*database_)->reader();
  EXPECT_EQ(store::query_integer(**reader, "SELECT instance_id FROM posts WHERE id = '900'").value(), 2)
      << "no other server takes the number of one that was lost";
}

// Killed while it went through the log, or before it gave the servers their numbers.
TEST_P(LogDamageTest, MakingTablesAnewCanBeRunAgain) {
  while (store::rollback(**database_, store::Part::tables).value() > 0) {
  }
  ASSERT_TRUE(store::migrate(**database_));
  EXPECT_FALSE(refuse_lost_tables(**database_)) << "no server is known to them yet";
  {
    // PostgreSQL's numbers are used up also by what was not committed.
    auto tables = (*database_)->connect(store::Part::tables).value();
    auto transaction = store::Transaction::begin(*tables);
    ASSERT_TRUE(
        store::run(*tables, "INSERT INTO instances (base_url, created_at) VALUES ('https://x.invalid', 0)"));
  }
  EXPECT_EQ(begin_tables_anew(**database_, clock_.now()).value(), 1);
  EXPECT_TRUE(refuse_lost_tables(**database_));
  auto reader = (*database_)->reader();
  EXPECT_EQ(store::query_text(**reader, "SELECT base_url FROM instances WHERE id = 1").value(),
            "https://lost-1.invalid");
}

TEST_P(LogDamageTest, AnEmptyDatabaseIsNothingLost) {
  ASSERT_TRUE(store::reset(**database_));
  EXPECT_TRUE(refuse_lost_tables(**database_));
  while (store::rollback(**database_, store::Part::tables).value() > 0) {
  }
  EXPECT_TRUE(refuse_lost_tables(**database_));
}

TEST_P(LogDamageTest, WhatGoesByAgeGoesAroundWhatIsDamaged) {
  // Of the first blocks the rows are lost, of the second the block.
  change_log("DELETE FROM event_rows WHERE id <= 5; DELETE FROM event_blocks WHERE first_event_id = 6");
  auto writer = store::Writer::start(**database_).value();
  const auto before = *parse_iso8601("2026-08-01T11:00:00Z");
  EXPECT_EQ(prune_log(**database_, *writer, before, true).value(), 10);
  EXPECT_EQ(prune_log(**database_, *writer, before, false).value(), 10);
  auto reader = (*database_)->reader();
  EXPECT_EQ(store::query_integer(**reader,
                                 "SELECT (SELECT count(*) FROM event_rows) + (SELECT count(*) FROM "
                                 "event_blocks)")
                .value(),
            0);
}

TEST_P(LogDamageTest, ALogThatEndsBeforeTheTablesIsRefusedAndNothingIsLost) {
  for (const int left : {3, 0}) {
    lose_all_but(left);
    const auto refused = take(900, 1);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::corrupt);
    EXPECT_NE(refused.error().safe.find("older than the tables"), std::string::npos);
    EXPECT_FALSE(replay_all());
    EXPECT_EQ(posts(), 15);
    EXPECT_GT(check_differing(), 0);
  }
}

TEST_P(LogDamageTest, NumbersGoOnAfterALogThatWasLost) {
  lose_all_but(5);
  const auto gap = go_on_after_loss(**database_, clock_.now());
  ASSERT_TRUE(gap && *gap);
  EXPECT_EQ((*gap)->count(), 10);
  EXPECT_FALSE(*go_on_after_loss(**database_, clock_.now())) << "nothing is missing any more";
  ASSERT_TRUE(take(900, 2));
  EXPECT_EQ(posts(), 17);
  EXPECT_EQ(check_differing(), 0) << "a gap that was agreed to is known";
  const auto outcome = replay_all();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_FALSE(outcome->from_empty);
  EXPECT_EQ(posts(), 17);
}

INSTANTIATE_TEST_SUITE_P(Engines, LogDamageTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

}  // namespace
}  // namespace linnet::observe
