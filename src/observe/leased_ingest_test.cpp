// Several processes on one database: what one of them read under a lease that it lost, what it logged and did
// not apply, and what the others are told.
#include <gmock/gmock.h>

#include <thread>

#include "base/guarded.hpp"
#include "base/hash.hpp"
#include "connect/once_sink.hpp"
#include "observe/applied_notice.hpp"
#include "observe/event_log.hpp"
#include "observe/ingest_fixture.hpp"
#include "observe/ingest_sink.hpp"
#include "observe/logged_lately.hpp"
#include "store/lease.hpp"
#include "store/notices.hpp"

namespace linnet::observe {
namespace {

using store::Engine;

class LeasedIngest : public IngestFixture {
 protected:
  store::Fence take(std::string_view holder) {
    auto connection = (*database_)->connect(store::Part::tables).value();
    EXPECT_TRUE(store::run(*connection, "UPDATE leases SET lease_until = 0 WHERE name = 'stream'"));
    auto transaction = store::Transaction::begin(*connection).value();
    auto fence = store::take_lease(*connection, "stream", holder, std::chrono::minutes(1)).value();
    EXPECT_TRUE(transaction.commit());
    EXPECT_TRUE(fence);
    return fence.value_or(store::Fence{});
  }

  // As if its place had been saved when the posts came in.
  std::vector<std::string> lines_logged_lately(InstanceId instance, std::string_view connector) {
    std::vector<std::string> lines;
    const auto tables = (*database_)->connect(store::Part::log).value();
    EXPECT_TRUE(store::run(*tables, "UPDATE connector_cursors SET saved_at = $1",
                           {to_micros(parse_iso8601("2026-08-02T00:05:00Z").value())}));
    auto reader = (*database_)->reader();
    EXPECT_TRUE(each_logged_lately(**reader, instance, connector, [&](const LoggedEvent& event) -> Status {
      lines.emplace_back(event.line);
      return {};
    }));
    return lines;
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, LeasedIngest, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);

TEST_P(LeasedIngest, WhatWasReadUnderALostLeaseIsLeftOutAndNothingElse) {
  if (GetParam() == Engine::sqlite) GTEST_SKIP() << "nobody else takes one";
  const auto running = run();
  const auto submit = [&](int post, const store::Fence& under) {
    return running.ingest->submit_durably({{running.instance, tagged_post(post, "birds")}},
                                          Cursor{"stream", std::to_string(post)}, under);
  };
  const auto ours = take("one");
  ASSERT_TRUE(submit(1, ours));
  const auto theirs = take("two");
  // Together with others, so that all go the same way.
  ASSERT_TRUE(running.ingest->submit({{running.instance, tagged_post(2, "birds")}}));
  ASSERT_TRUE(running.ingest->submit({{running.instance, tagged_post(3, "birds")}}, {}, ours));
  const auto late = submit(4, ours);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::cancelled);
  ASSERT_TRUE(submit(5, theirs));
  ASSERT_TRUE(running.ingest->drain());
  EXPECT_EQ(number("SELECT count(*) FROM event_rows"), 3);
  EXPECT_EQ(number("SELECT count(*) FROM posts WHERE id IN ('1', '2', '5')"), 3);
  auto reader = (*database_)->reader();
  EXPECT_EQ(load_cursor(**reader, "stream").value(), "5");
  EXPECT_FALSE(running.ingest->failure());
  expect_sound();
}

TEST_P(LeasedIngest, WhatOneLoggedAndLeftAnotherApplies) {
  const auto running = run();
  ASSERT_TRUE(running.take_all({tagged_post(1, "birds")}));
  // As a process that was killed in between.
  const auto log = running.database->connect(store::Part::log).value();
  EventLogWriter writer(*log);
  const auto line = tagged_post(2, "birds");
  std::vector<model::Event> events(1);
  events.front().instance = running.instance;
  events.front().received_at = clock_.now();
  events.front().type = "update";
  const std::string_view view = line;
  ASSERT_TRUE(writer.append(events, {&view, 1}, {}, clock_.now()));
  for (int i = 0; i < 500 && number("SELECT count(*) FROM posts") < 2; ++i) {
    running.ingest->look_after_others();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(number("SELECT count(*) FROM posts"), 2);
  ASSERT_TRUE(running.take_all({tagged_post(3, "birds")}));
  EXPECT_EQ(number("SELECT count(*) FROM posts"), 3);
  expect_sound();
}

TEST_P(LeasedIngest, WhoGoesOnKnowsWhatWasLoggedLately) {
  const auto running = run();
  ASSERT_TRUE(running.take({tagged_post(1, "before any place was saved")}));
  const auto logged = [&] { return lines_logged_lately(running.instance, "stream"); };
  EXPECT_TRUE(logged().empty());
  ASSERT_TRUE(
      running.ingest->submit_durably({{running.instance, tagged_post(2, "birds")}}, Cursor{"stream", "2"}));
  const std::string edited =
      R"({"received_at":"2026-08-02T00:00:00Z","event":"status.update","payload":{"id":"2","edited_at":)"
      R"("2026-08-02T00:00:00.000Z","content":"<p>x</p>"}})";
  ASSERT_TRUE(running.ingest->submit_durably({{running.instance, edited}}));
  const auto found = logged();
  EXPECT_THAT(found, testing::Contains(tagged_post(2, "birds")));
  EXPECT_THAT(found, testing::Contains(edited));
}

TEST_P(LeasedIngest, LinesThatAreReadAgainAreLoggedOnce) {
  const auto running = run();
  IngestSink ours(*running.ingest, running.instance, "jetstream");
  {
    connect::OnceSink sink(ours, {});
    ASSERT_TRUE(sink.accept({tagged_post(1, "birds"), tagged_post(2, "birds")}, "2"));
    ASSERT_TRUE(sink.accept({tagged_post(2, "birds"), tagged_post(3, "birds")}, {}));
    ASSERT_TRUE(running.ingest->drain());
  }
  std::vector<std::uint64_t> logged;
  for (const auto& line : lines_logged_lately(running.instance, "jetstream"))
    logged.push_back(fast_hash(line));
  EXPECT_EQ(logged.size(), 3U);
  connect::OnceSink next(ours, logged);
  ASSERT_TRUE(next.accept({tagged_post(2, "birds"), tagged_post(3, "birds"), tagged_post(4, "birds")}, "4"));
  EXPECT_EQ(number("SELECT count(*) FROM event_rows"), 4);
}

TEST_P(LeasedIngest, OthersHearOfEachBatchThatIsCommitted) {
  if (GetParam() == Engine::sqlite) GTEST_SKIP() << "there are none";
  Guarded<std::vector<AppliedBatch>> heard;
  const auto listener =
      store::NoticeListener::start(**database_, kAppliedTopic, {.on_notice = [&](std::string_view text) {
        auto batch = from_notice(text, "another voice");
        ASSERT_TRUE(batch) << text;
        EXPECT_FALSE(from_notice(text, own_voice())) << "its own are not for it";
        heard.with([&](auto& all) { all.push_back(std::move(*batch)); });
      }});
  ASSERT_TRUE(listener);
  const auto running = run();
  ASSERT_TRUE(running.take_all({tagged_post(1, "birds"), tagged_post(2, "birds")}));
  ASSERT_TRUE(running.take_all({tagged_post(3, "birds")}));
  std::size_t events = 0;
  std::set<std::string> posts;
  for (int i = 0; i < 3'000 && events < 3; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    events = 0;
    heard.with([&](const auto& all) {
      for (const auto& batch : all) {
        events += batch.events;
        for (const auto& change : batch.changes) posts.insert(change.post.value());
      }
    });
  }
  EXPECT_EQ(events, 3U);
  EXPECT_EQ(posts, (std::set<std::string>{"1", "2", "3"}));
}

AppliedBatch batch_of(std::size_t changes) {
  AppliedBatch batch{
      EventId(10), EventId(10 + static_cast<std::int64_t>(changes)), changes, true, false, false, {}};
  for (std::size_t i = 0; i < changes; ++i) {
    batch.changes.push_back({AppliedChange::Kind::edit, InstanceId(3),
                             PostId(fmt::format("at://did:plc:abc/app.bsky.feed.post/{}", i)),
                             from_micros(static_cast<std::int64_t>(i)), i % 2 == 0});
  }
  return batch;
}

TEST(AppliedNotice, SaysInPiecesWhatABatchChanged) {
  const auto batch = batch_of(1'000);
  std::size_t events = 0;
  std::vector<AppliedChange> changes;
  const auto notices = to_notices(batch, "one");
  EXPECT_GT(notices.size(), 1U);
  for (const auto& notice : notices) {
    EXPECT_LE(notice.size(), store::kMostNoticeBytes);
    const auto piece = from_notice(notice, "two");
    ASSERT_TRUE(piece);
    EXPECT_EQ(piece->last, batch.last);
    EXPECT_FALSE(piece->others_wrote) << "all of it is told";
    events += piece->events;
    changes.insert(changes.end(), piece->changes.begin(), piece->changes.end());
  }
  EXPECT_EQ(events, 1'000U);
  ASSERT_EQ(changes.size(), 1'000U);
  EXPECT_EQ(changes[7].post, batch.changes[7].post);
  EXPECT_EQ(changes[7].created_at, batch.changes[7].created_at);
  EXPECT_EQ(changes[7].kind, AppliedChange::Kind::edit);
  EXPECT_FALSE(changes[7].followers_only);
  EXPECT_TRUE(changes[8].followers_only);
}

TEST(AppliedNotice, SaysWhereItsChangesDoNotTellAll) {
  const auto heard = [](const AppliedBatch& batch) {
    return *from_notice(to_notices(batch, "one").front(), "two");
  };
  EXPECT_FALSE(heard(batch_of(3)).others_wrote);
  auto batch = batch_of(3);
  batch.made_anew = true;
  EXPECT_TRUE(heard(batch).others_wrote) << "what others remember of the tables holds no more";
  batch = batch_of(3);
  batch.took_posts_away = true;
  EXPECT_TRUE(heard(batch).others_wrote);
}

TEST(AppliedNotice, OfAVeryLargeBatchTheNewestIsTold) {
  const auto notices = to_notices(batch_of(5'000), "one");
  const auto last = from_notice(notices.back(), "two");
  ASSERT_TRUE(last);
  EXPECT_TRUE(last->others_wrote);
  EXPECT_EQ(last->changes.back().created_at, from_micros(4'999));
  EXPECT_EQ(to_notices(batch_of(0), "one").size(), 1U) << "that there was one is told";
  EXPECT_FALSE(from_notice("{}", "two"));
  EXPECT_FALSE(from_notice("not JSON", "two"));
}

}  // namespace
}  // namespace linnet::observe
