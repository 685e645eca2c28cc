// What Linnet did itself stands in the log among what came in, is repeated by a replay, and is said by nobody
// else.
#include "observe/own_facts.hpp"

#include <fmt/ranges.h>

#include <random>

#include "observe/event_log.hpp"
#include "observe/ingest_fixture.hpp"
#include "observe/person_erasure.hpp"
#include "observe/prune_log.hpp"
#include "observe/replay.hpp"

namespace linnet::observe {
namespace {

using store::Engine;

struct SeenPost {
  std::string id = "p1";
  int day = 1;  // of August, when it was seen
  std::string tags = R"({"name":"boats"})";
  int favourites = 1;
  int edit = 0;
  std::string author = "a1";
};

std::string seen(const SeenPost& post) {
  return fmt::format(R"({{"received_at":"2026-08-{:02}T12:00:00Z","event":"update","payload":{{"id":"{}",)"
                     R"("created_at":"2026-08-01T10:00:00Z","edited_at":{},"content":"<p>version {}</p>",)"
                     R"("visibility":"public","replies_count":0,"reblogs_count":0,"favourites_count":{},)"
                     R"("account":{{"id":"{}","username":"{}","acct":"{}"}},"tags":[{}]}}}})",
                     post.day, post.id,
                     post.edit > 0 ? fmt::format("\"2026-08-01T20:{:02}:00Z\"", post.edit) : "null",
                     post.edit, post.favourites, post.author, post.author, post.author, post.tags);
}

std::string was_deleted(const std::string& id, int day) {
  return fmt::format(R"({{"received_at":"2026-08-{:02}T13:00:00Z","event":"delete","payload":"{}"}})", day,
                     id);
}

Instant day_of_august(int day) {
  return *parse_iso8601(fmt::format("2026-08-{:02}T00:00:00Z", day));
}

std::string removed(std::vector<std::string> posts, int before, InstanceId instance = InstanceId(1)) {
  return line_of(PostsRemoved{"a rule", day_of_august(before), instance, std::move(posts)},
                 day_of_august(before));
}

class OwnFactsTest : public IngestFixture {
 protected:
  static RawEvent own(std::string line) { return {kLinnet, std::move(line)}; }

  static Status take_events(const Running& running, std::vector<RawEvent> events) {
    LINNET_CHECK(running.ingest->submit(std::move(events)));
    return running.ingest->drain();
  }
  // A replay gives what stands there.
  void expect_repeated(Running& running) {
    expect_sound();
    const auto before = digest();
    running.ingest.reset();
    const auto outcome = replay(*running.database, *running.writer, {}, {});
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->digest.sha256, before);
    expect_sound();
  }
  std::int64_t posts() { return number("SELECT count(*) FROM posts"); }
  std::string whole_log() {
    std::string lines;
    auto reader = (*database_)->reader();
    EXPECT_TRUE(
        read_events(**reader, EventId(1), *last_logged(**reader), [&](const LoggedEvent& event) -> Status {
          lines.append(event.line) += '\n';
          return {};
        }));
    return lines;
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, OwnFactsTest, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);

TEST(OwnFacts, AreReadAsTheyWereWritten) {
  Arena arena;
  LineReader reader;
  const auto event = reader.read(kLinnet, removed({"a", "\"b\"\n"}, 9, InstanceId(3)), Instant{}, arena);
  EXPECT_EQ(event.error, "");
  EXPECT_EQ(event.kind, model::EventKind::fact);
  EXPECT_EQ(event.received_at, day_of_august(9));
  const auto fact = read_posts_removed(event.fact);
  ASSERT_TRUE(fact) << fact.error().message;
  EXPECT_EQ(fact->rule, "a rule");
  EXPECT_EQ(fact->before, day_of_august(9));
  EXPECT_EQ(fact->instance, InstanceId(3));
  EXPECT_EQ(fact->posts, (std::vector<std::string>{"a", "\"b\"\n"}));
}

TEST(OwnFacts, SayWhatIsWrongWithThem) {
  Arena arena;
  LineReader reader;
  const auto error = [&](std::string_view line) {
    return std::string(reader.read(kLinnet, line, Instant{}, arena).error);
  };
  EXPECT_NE(error("{").find("expected JSON"), std::string::npos);
  EXPECT_EQ(error(seen({})), "network: expected \"linnet\"");
  EXPECT_EQ(error(R"({"event":"retention.posts_removed","network":"linnet","payload":{"before":"soon"}})"),
            "payload.before: expected an ISO 8601 time");
  const auto newer = reader.read(kLinnet, R"({"event":"unheard.of","network":"linnet"})", Instant{}, arena);
  EXPECT_EQ(newer.error, "");
  EXPECT_EQ(newer.kind, model::EventKind::other);
}

TEST_P(OwnFactsTest, PostsThatARuleTookAwayAreGoneAlsoAfterAReplay) {
  auto running = run();
  bool told = false;
  running.ingest.reset();
  running.ingest = *Ingest::start(*running.database, *running.writer, clock_, {},
                                  [&](const AppliedBatch& batch) { told = told || batch.took_posts_away; });
  ASSERT_TRUE(running.take_all(
      {seen({}), seen({.id = "p2", .tags = R"({"name":"bread"})"}), seen({.id = "p3", .day = 5})}));
  EXPECT_FALSE(told);
  ASSERT_TRUE(take_events(running, {own(removed({"p1", "p2", "p3", "never seen"}, 3))}));
  EXPECT_TRUE(told);
  EXPECT_EQ(posts(), 1) << "p3 was seen first after the moment that the rule looks back to";
  EXPECT_EQ(number("SELECT count(*) FROM hashtags WHERE name = 'bread'"), 0);
  EXPECT_EQ(number("SELECT posts_using_tag FROM hashtag_hourly_stats"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM erasure_leftovers WHERE kind = 'search'"), 2);
  expect_repeated(running);
}

TEST_P(OwnFactsTest, WhatComesAfterItInOneBatchIsSeenAnew) {
  auto running = run();
  const auto again = seen({.day = 9, .tags = R"({"name":"bread"})", .favourites = 5});
  ASSERT_TRUE(take_events(running, {{running.instance, seen({.tags = R"({"name":"bread"})"})},
                                    {running.instance, seen({.favourites = 3, .edit = 1})},
                                    own(removed({"p1"}, 3)),
                                    {running.instance, again},
                                    own(removed({"p1"}, 3)),
                                    {running.instance, seen({.id = "p2", .day = 9})}}));
  EXPECT_EQ(posts(), 2);
  EXPECT_EQ(number("SELECT version_seq FROM posts WHERE id = 'p1'"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM post_metric_snapshots"), 2);
  expect_repeated(running);
}

TEST_P(OwnFactsTest, WhatItsAuthorDeletedStaysDeleted) {
  auto running = run();
  ASSERT_TRUE(running.take_all({seen({}), was_deleted("p1", 2)}));
  ASSERT_TRUE(take_events(running, {own(removed({"p1"}, 3))}));
  EXPECT_EQ(posts(), 0);
  ASSERT_TRUE(running.take_all({seen({.day = 9})}));
  EXPECT_EQ(number("SELECT count(*) FROM posts WHERE deleted_at IS NOT NULL"), 1);
  expect_repeated(running);
}

// Streams of posts that change, end, are taken away and come again.
std::vector<std::pair<bool, std::string>> any_history(std::uint32_t seed) {
  std::minstd_rand random(seed);
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  const auto any_post = [&] { return fmt::format("p{}", below(25)); };
  std::vector<std::pair<bool, std::string>> lines;
  for (int i = 0; i < 200; ++i) {
    const auto kind = below(12);
    if (kind == 0) {
      lines.emplace_back(false, was_deleted(any_post(), 1 + below(20)));
    } else if (kind == 1) {
      std::vector<std::string> gone;
      for (int n = below(9); n >= 0; --n) gone.push_back(any_post());
      lines.emplace_back(true, removed(std::move(gone), 1 + below(20)));
    } else {
      std::vector<std::string> tags;
      for (const auto* const tag : {"boats", "books", "bread"})
        if (below(2) == 0) tags.push_back(fmt::format(R"({{"name":"{}"}})", tag));
      const auto id = any_post();
      lines.emplace_back(false, seen({.id = id,
                                      .day = 1 + below(20),
                                      .tags = fmt::format("{}", fmt::join(tags, ",")),
                                      .favourites = below(9),
                                      .edit = below(3) == 0 ? 1 + below(50) : 0,
                                      .author = fmt::format("a{}", id.size() + id.back() % 5)}));
    }
  }
  return lines;
}

TEST_P(OwnFactsTest, AReplayAndTheOtherEngineGiveTheSameOfAnyHistory) {
  for (std::uint32_t seed = 1; seed <= 8; ++seed) {
    const auto lines = any_history(seed);
    std::set<std::string> digests;
    for (const auto engine : {GetParam(), Engine::sqlite}) {
      database_ = std::make_unique<test::TestDatabase>(engine);
      auto running = run({.batch_events = 1 + 9 * (seed % 4)});
      std::vector<RawEvent> events;
      for (const auto& [is_ours, line] : lines)
        events.push_back({is_ours ? kLinnet : running.instance, line});
      ASSERT_TRUE(take_events(running, std::move(events)));
      EXPECT_EQ(number("SELECT count(*) FROM event_rows WHERE process_error IS NOT NULL"), 0);
      digests.insert(digest());
      expect_repeated(running);
    }
    EXPECT_EQ(digests.size(), 1U) << "seed " << seed;
  }
}

TEST_P(OwnFactsTest, AReplayOverTheRowsOfAPrunedLogTakesAwayTheSame) {
  auto running = run({.batch_events = 1});
  ASSERT_TRUE(running.take_all({seen({}), seen({.id = "p2"}), seen({.id = "p3"})}));
  ASSERT_TRUE(prune_log(*running.database, *running.writer, day_of_august(2), false));
  ASSERT_TRUE(take_events(running, {own(removed({"p1", "p2"}, 3)), {running.instance, seen({.day = 9})}}));
  EXPECT_EQ(posts(), 2);
  expect_repeated(running);
}

// Whoever else says so is not believed, in whatever form, at whatever entrance, now or when it is read again.
TEST_P(OwnFactsTest, AServerThatSaysSoIsNotBelieved) {
  auto running = run();
  ASSERT_TRUE(running.take_all({seen({}), removed({"p1"}, 3)}));
  EXPECT_EQ(posts(), 1);
  EXPECT_EQ(number("SELECT count(*) FROM event_rows WHERE process_error LIKE 'network: %'"), 1);
  auto log = (*database_)->connect(store::Part::log);
  EXPECT_EQ(reread_failed(**log).value(), 0);
  expect_repeated(running);
  EXPECT_EQ(posts(), 1);
}

TEST_P(OwnFactsTest, APersonWhoIsErasedIsNamedInNoneOfThem) {
  auto running = run();
  ASSERT_TRUE(running.take_all({seen({.author = "ada"}), seen({.id = "p2", .author = "bea"}),
                                seen({.id = "p3", .day = 9, .author = "ada"})}));
  ASSERT_TRUE(take_events(running, {own(removed({"p1", "p2"}, 3)), own(removed({"p1"}, 3, InstanceId(2)))}));
  running.ingest.reset();
  Person ada;
  {
    auto reader = (*database_)->reader();
    ada = find_person(**reader, "ada@social.example").value();
  }
  ASSERT_EQ(ada.accounts.size(), 1U);
  const auto erased = erase_observed(*running.database, *running.writer, ada);
  ASSERT_TRUE(erased) << erased.error().message;
  const auto log = whole_log();
  EXPECT_EQ(log.find("ada"), std::string::npos) << log;
  EXPECT_NE(log.find(R"("instance_id":1,"posts":["p2"])"), std::string::npos) << log;
  EXPECT_NE(log.find(R"("instance_id":2,"posts":["p1"])"), std::string::npos) << "another server's p1";
  expect_repeated(running);
}

// The AT Protocol's ids name the author, also where nothing else is left that tells whose they are.
TEST_P(OwnFactsTest, IdsThatNameTheAuthorGoWithoutAnythingElseKnown) {
  auto running = run();
  const std::string theirs = "at://did:plc:ada/app.bsky.feed.post/1";
  ASSERT_TRUE(take_events(running, {own(removed({theirs, "at://did:plc:adam/app.bsky.feed.post/1"}, 3))}));
  running.ingest.reset();
  const Person ada{"ada.example", {{running.instance, "bluesky", "did:plc:ada", "ada.example"}}};
  ASSERT_TRUE(erase_observed(*running.database, *running.writer, ada));
  EXPECT_EQ(whole_log().find("did:plc:ada/"), std::string::npos);
  EXPECT_NE(whole_log().find("did:plc:adam/"), std::string::npos);
}

}  // namespace
}  // namespace linnet::observe
