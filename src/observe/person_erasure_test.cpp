// Erasing a person: nothing of them is left in the log or the tables, a replay gives the same, figures are
// those of what is left.
#include "observe/person_erasure.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "kit/test_database.hpp"
#include "observe/check.hpp"
#include "observe/digest.hpp"
#include "observe/erasure_leftovers.hpp"
#include "observe/event_log.hpp"
#include "observe/ingest.hpp"
#include "observe/projector.hpp"
#include "observe/prune_log.hpp"
#include "observe/replay.hpp"

namespace linnet::observe {
namespace {

using store::Engine;

constexpr int kPeople = 4;

// Account n is called person-n, and says so in all it writes.
std::string account(int n) {
  return fmt::format(
      R"({{"id":"{0}","username":"person-{0}","acct":"person-{0}","url":"https://social.example/@person-{0}"}})",
      n);
}

struct Post {
  int id = 0;
  int edit = 0;
  int favourites = 0;
  std::string tags, mentions, more;
};

std::string status(const Post& post, const std::string& reblog = "null") {
  const int author = post.id % kPeople;
  return fmt::format(
      R"({{"id":"p{}","created_at":"2026-08-01T1{}:00:00.000Z","edited_at":{},"content":"<p>person-{} wrote {}</p>",)"
      R"("replies_count":0,"reblogs_count":0,"favourites_count":{},"account":{},"tags":[{}],"mentions":[{}],"reblog":{}{}}})",
      post.id, post.id % 3, post.edit > 0 ? fmt::format("\"2026-08-01T2{}:00:00.000Z\"", post.edit) : "null",
      author, post.edit, post.favourites, account(author), post.tags, post.mentions, reblog, post.more);
}

class RandomStream {
 public:
  explicit RandomStream(std::uint64_t seed) : random_(seed) {}

  std::vector<std::string> lines(int count) {
    std::vector<std::string> lines;
    for (int i = 0; i < count; ++i) {
      const auto at = fmt::format("2026-08-02T{:02}:{:02}:00Z", below(20), below(60));
      const auto kind = below(10);
      if (kind == 0) {
        lines.push_back(
            fmt::format(R"({{"received_at":"{}","event":"delete","payload":"p{}"}})", at, below(24)));
      } else if (kind < 4) {
        // A boost: which post it boosts follows from its id.
        const int id = 100 + below(16);
        lines.push_back(update(at, status({.id = id}, status(post(id * 7 % 24)))));
      } else {
        lines.push_back(update(at, status(post(below(24)))));
      }
    }
    return lines;
  }

 private:
  static std::string update(const std::string& at, const std::string& payload) {
    return fmt::format(R"({{"received_at":"{}","event":"update","payload":{}}})", at, payload);
  }

  Post post(int id) {
    Post made{.id = id, .edit = below(3), .favourites = below(4), .tags = {}, .mentions = {}, .more = {}};
    for (const char tag : {'a', 'b', 'c'}) {
      if (below(2) == 0) made.tags += fmt::format("{}{{\"name\":\"{}\"}}", made.tags.empty() ? "" : ",", tag);
    }
    for (int n = 0; n < kPeople; ++n) {
      if (below(3) == 0)
        made.mentions +=
            fmt::format(R"({}{{"id":"{}","acct":"person-{}"}})", made.mentions.empty() ? "" : ",", n, n);
    }
    if (id % 5 == 0)
      made.more =
          fmt::format(R"(,"in_reply_to_id":"p{}","in_reply_to_account_id":"{}")", id / 2, id / 2 % kPeople);
    return made;
  }

  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  std::mt19937_64 random_;
};

class PersonErasureTest : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override { LINNET_SKIP_WITHOUT(GetParam()); }

  void start(const std::vector<std::string>& lines) {
    writer_.reset();
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    writer_ = *store::Writer::start(**database_);
    const auto instance = find_or_add_instance(*writer_, "https://social.example", "mastodon", clock_.now());
    auto ingest = Ingest::start(**database_, *writer_, clock_, {});
    ASSERT_TRUE(ingest);
    std::vector<RawEvent> events;
    for (const auto& line : lines) events.push_back({*instance, line});
    ASSERT_TRUE((*ingest)->submit(std::move(events)));
    ASSERT_TRUE((*ingest)->drain());
  }

  Person person(std::string_view address) {
    auto reader = (*database_)->reader();
    auto found = find_person(**reader, address);
    EXPECT_TRUE(found) << found.error().message;
    return found ? *found : Person{};
  }
  ObservedErasure erase(const Person& who) {
    auto erased = erase_observed(**database_, *writer_, who);
    EXPECT_TRUE(erased) << erased.error().message;
    return erased ? *erased : ObservedErasure{};
  }
  std::string digest() {
    auto reader = (*database_)->reader();
    return digest_projections(**reader)->sha256;
  }
  std::int64_t number(std::string_view sql) {
    auto reader = (*database_)->reader();
    auto result = store::query_integer(**reader, sql);
    EXPECT_TRUE(result) << result.error().message;
    return result ? result->value_or(-1) : -1;
  }
  void expect_sound() {
    auto reader = (*database_)->reader();
    const auto findings = check_projections(**reader);
    ASSERT_TRUE(findings);
    for (const auto& finding : *findings) EXPECT_EQ(finding.differing, 0) << finding.name;
  }
  // Whether the log has the words anywhere.
  bool log_holds(std::string_view words) {
    auto reader = (*database_)->reader();
    const auto last = last_logged(**reader);
    bool found = false;
    EXPECT_TRUE(read_events(**reader, EventId(1), *last, [&](const LoggedEvent& event) -> Status {
      found = found || event.line.find(words) != std::string_view::npos;
      return {};
    }));
    return found;
  }

  SystemClock clock_;
  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<store::Writer> writer_;
};

TEST_P(PersonErasureTest, AReplayGivesWhatTheErasureLeft) {
  const int rounds = GetParam() == Engine::sqlite ? 20 : 5;
  for (int round = 0; round < rounds; ++round) {
    start(RandomStream(static_cast<std::uint64_t>(round) + 1).lines(120));
    const auto who = person("@Person-1@social.example");
    ASSERT_EQ(who.accounts.size(), 1U);
    const auto erased = erase(who);
    EXPECT_GT(erased.posts, 0);
    EXPECT_GT(erased.events, erased.posts / 2);
    const auto left = digest();
    expect_sound();
    EXPECT_FALSE(log_holds("person-1"));
    EXPECT_TRUE(log_holds("person-2"));
    EXPECT_EQ(number("SELECT count(*) FROM posts WHERE account_id = '1' OR mentions LIKE '%person-1%' OR "
                     "in_reply_to_account_id = '1'"),
              0);
    EXPECT_EQ(number("SELECT count(*) FROM post_past_versions WHERE mentions LIKE '%person-1%'"), 0);
    EXPECT_EQ(number("SELECT count(*) FROM post_mentions WHERE account_id = '1'"), 0);
    auto outcome = replay(**database_, *writer_, {}, {});
    ASSERT_TRUE(outcome) << outcome.error().message;
    ASSERT_EQ(outcome->digest.sha256, left) << "seed " << round + 1;
    EXPECT_EQ(erase(who).events, 0) << "nothing is left for a second time";
  }
}

TEST_P(PersonErasureTest, CountsBeforehandWhatGoes) {
  start(RandomStream(3).lines(150));
  const auto who = person("https://social.example/@person-2");
  auto reader = (*database_)->reader();
  const auto counted = count_observed(**reader, who);
  ASSERT_TRUE(counted);
  const auto erased = erase(who);
  EXPECT_EQ(counted->posts, erased.posts);
  EXPECT_EQ(counted->boosts, erased.boosts);
  EXPECT_EQ(counted->mentions, erased.mentions);
  EXPECT_EQ(counted->replies, erased.replies);
  EXPECT_GT(counted->boosts + counted->mentions + counted->replies, 0);
  EXPECT_TRUE(person("https://social.example/@person-2").accounts.empty());
}

TEST_P(PersonErasureTest, ReachesPostsWhoseEventsThePrunedLogLost) {
  start(RandomStream(5).lines(100));
  ASSERT_TRUE(prune_log(**database_, *writer_, *parse_iso8601("2027-01-01T00:00:00Z"), false));
  erase(person("person-1@social.example"));
  expect_sound();
  const auto left = digest();
  auto outcome = replay(**database_, *writer_, {}, {});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->digest.sha256, left);
  EXPECT_EQ(number("SELECT count(*) FROM posts WHERE account_id = '1'"), 0);
}

TEST_P(PersonErasureTest, AnIngestThatRunsForgetsThemToo) {
  writer_.reset();
  database_ = std::make_unique<test::TestDatabase>(GetParam());
  writer_ = *store::Writer::start(**database_);
  const auto instance = find_or_add_instance(*writer_, "https://social.example", "mastodon", clock_.now());
  auto ingest = Ingest::start(**database_, *writer_, clock_, {});
  ASSERT_TRUE(ingest);
  const auto take = [&](std::uint64_t seed) {
    std::vector<RawEvent> events;
    for (const auto& line : RandomStream(seed).lines(80)) events.push_back({*instance, line});
    ASSERT_TRUE((*ingest)->submit(std::move(events)));
    ASSERT_TRUE((*ingest)->drain());
  };
  take(1);
  // Nothing tells the ingest but the tables themselves, as when another process erases.
  erase(person("person-1@social.example"));
  take(2);
  expect_sound();
  const auto left = digest();
  ASSERT_TRUE((*ingest)->while_paused([&]() -> Status {
    LINNET_TRY(const auto outcome, replay(**database_, *writer_, {}, {}));
    EXPECT_EQ(outcome.digest.sha256, left);
    return {};
  }));
}

// Followers pass a number of content_changes once: a greater one must not be seen before a smaller one.
TEST_P(PersonErasureTest, ChangesBecomeVisibleInTheOrderOfTheirNumbers) {
  start(RandomStream(1).lines(40));
  auto projecting = (*database_)->connect(store::Part::tables);
  ASSERT_TRUE(
      writer_->write([](store::Connection& connection) { return leave_search_rows(connection, {1}); }));
  const auto changes = number("SELECT count(*) FROM content_changes");
  std::thread erasing;
  std::atomic<bool> is_done{false};
  {
    auto transaction = store::Transaction::begin(**projecting);
    ASSERT_TRUE(lock_tables(**projecting));
    ASSERT_TRUE(
        (*projecting)->execute("INSERT INTO content_changes (instance_id, post_id) VALUES (1, 'p1')"));
    erasing = std::thread([&] {
      EXPECT_TRUE(finish_search(**database_, *writer_));
      is_done = true;
    });
    const auto waits = [&] {
      if (GetParam() == Engine::sqlite) return true;
      return number(
                 "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = "
                 "current_database()") > 0;
    };
    while (!is_done && !waits()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_EQ(number("SELECT count(*) FROM content_changes"), changes);
    ASSERT_TRUE(transaction->commit());
  }
  erasing.join();
  EXPECT_EQ(number("SELECT count(*) FROM content_changes"), changes + 2);
}

// Others are not kept waiting for all of it.
TEST_P(PersonErasureTest, ErasesManyPostsInShortTransactions) {
  std::vector<std::string> lines;
  for (int i = 0; i < 1'500; ++i)
    lines.push_back(
        fmt::format(R"({{"received_at":"2026-08-02T00:00:00Z","event":"update","payload":{}}})",
                    status({.id = 4 * i + 1, .tags = fmt::format(R"({{"name":"t{}"}})", i % 50)})));
  start(lines);
  const auto before = number("SELECT position FROM projection_marks WHERE name = 'generation'");
  const auto erased = erase(person("person-1@social.example"));
  EXPECT_EQ(erased.posts, 1'500);
  EXPECT_EQ(number("SELECT count(*) FROM posts"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM hashtags"), 0);
  EXPECT_GE(number("SELECT position FROM projection_marks WHERE name = 'generation'") -
                std::max<std::int64_t>(before, 0),
            1'500 / 300)
      << "each of them tells projectors to forget";
  expect_sound();
}

TEST_P(PersonErasureTest, ANameOfTwoAccountsIsNobodysUntilItIsSaidWhose) {
  start(RandomStream(1).lines(60));
  ASSERT_TRUE(writer_->write([](store::Connection& connection) {
    return connection.execute("UPDATE platform_users SET acct = 'person-1' WHERE id = '2'");
  }));
  auto reader = (*database_)->reader();
  const auto found = find_person(**reader, "person-1@social.example");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::conflict);
  EXPECT_EQ(person("https://social.example/@person-2").accounts.size(), 1U);
}

TEST_P(PersonErasureTest, TwoAccountsOfOneNameAreFoundOutAlsoWithAnotherSpellingBetweenThem) {
  start(RandomStream(1).lines(60));
  ASSERT_TRUE(writer_->write([](store::Connection& connection) {
    return connection.execute(
        "UPDATE platform_users SET acct = 'person-1@social.example' WHERE id = '2';"
        "UPDATE platform_users SET acct = 'Person-1' WHERE id = '3'");
  }));
  auto reader = (*database_)->reader();
  const auto found = find_person(**reader, "person-1@social.example");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::conflict);
}

TEST_P(PersonErasureTest, AnAddressThatIsNoneIsRefused) {
  start({});
  auto reader = (*database_)->reader();
  const auto found = find_person(**reader, "ada");
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().message.find("ada@example.social"), std::string::npos);
  EXPECT_TRUE(find_person(**reader, "nobody@social.example")->accounts.empty());
}

INSTANTIATE_TEST_SUITE_P(Engines, PersonErasureTest, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);

}  // namespace
}  // namespace linnet::observe
