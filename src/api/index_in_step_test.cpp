// What follows behind the tables while rows are taken out of them: an erasure or a replay between its reading
// and its writing.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "analyze/followers.hpp"
#include "analyze/post_list.hpp"
#include "base/clock.hpp"
#include "kit/test_database.hpp"
#include "kit/watched_reader.hpp"
#include "observe/ingest.hpp"
#include "observe/person_erasure.hpp"
#include "observe/replay.hpp"

namespace linnet::api {
namespace {

using store::Engine;

// What does something else once, between the reading of new posts and that of what changed.
std::function<Status(std::string_view)> once_between(std::function<void()> between) {
  return [between = std::move(between)](std::string_view sql) mutable -> Status {
    if (sql.find("FROM content_changes") != std::string_view::npos)
      if (const auto now = std::exchange(between, {})) now();
    return {};
  };
}

class IndexInStep : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    writer_ = store::Writer::start(**database_).value();
    instance_ =
        observe::find_or_add_instance(*writer_, "https://social.example", "mastodon", clock_.now()).value();
    for (const auto* const word : {"alpha", "beta", "gamma"}) take(word);
    erase("alpha");  // so that a replay gives the others other row numbers
  }

  // A post that bears the word, of an author who does.
  void take(const std::string& word) {
    auto ingest = observe::Ingest::start(**database_, *writer_, clock_, {}).value();
    ASSERT_TRUE(ingest->submit(
        {{instance_,
          fmt::format(
              R"({{"received_at":"2026-08-01T10:00:05Z","event":"update","payload":{{"id":"{0}",)"
              R"("created_at":"2026-08-01T10:00:00Z","content":"<p>what a wonderful {0}</p>","language":"en",)"
              R"("replies_count":0,"reblogs_count":0,"favourites_count":0,)"
              R"("account":{{"id":"{0}","username":"of{0}","acct":"of{0}"}}}}}})",
              word)}}));
    ASSERT_TRUE(ingest->drain());
  }
  void erase(const std::string& word) {
    const observe::Person person{"of" + word + "@social.example",
                                 {{instance_, "mastodon", word, "of" + word}}};
    const auto erased = observe::erase_observed(**database_, *writer_, person, {});
    ASSERT_TRUE(erased) << erased.error().message;
  }
  void replay() {
    const auto replayed = observe::replay(**database_, *writer_, {}, {});
    ASSERT_TRUE(replayed) << replayed.error().message;
  }

  // The index, interrupted in its first step; then to the end.
  void index(const std::function<void()>& between) {
    auto pooled = (*database_)->reader();
    test::WatchedReader reader(**pooled, once_between(between));
    auto search = (*database_)->connect(store::Part::search).value();
    while (true) {
      const auto followed = analyze::follow_with_search(reader, *search, 100);
      ASSERT_TRUE(followed) << followed.error().message;
      if (!*followed) return;
    }
  }
  void score(const std::function<void()>& between) {
    auto pooled = (*database_)->reader();
    test::WatchedReader reader(**pooled, once_between(between));
    while (true) {
      const auto followed = analyze::follow_with_sentiment(reader, *writer_, clock_, 100);
      ASSERT_TRUE(followed) << followed.error().message;
      if (!*followed) return;
    }
  }

  std::int64_t number(std::string_view sql) {
    auto reader = (*database_)->reader();
    return store::query_integer(**reader, sql).value().value_or(-1);
  }
  // Each word finds its post, and the index holds nothing else.
  void expect_in_index(const std::vector<std::string>& words) {
    auto reader = (*database_)->reader();
    for (const auto& word : words) {
      const auto page = analyze::list_posts(**reader, {.query = word});
      ASSERT_TRUE(page);
      ASSERT_EQ(page->items.size(), 1U) << word;
      EXPECT_EQ(page->items.front().id, word);
    }
    EXPECT_EQ(number("SELECT count(*) FROM post_search"), static_cast<std::int64_t>(words.size()));
  }

  ManualClock clock_{*parse_iso8601("2026-08-02T00:00:00Z")};
  InstanceId instance_{};
  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<store::Writer> writer_;
};

INSTANTIATE_TEST_SUITE_P(Engines, IndexInStep, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);

TEST_P(IndexInStep, AReplayGivesNoPostTheWordsOfAnother) {
  index([this] { replay(); });
  expect_in_index({"beta", "gamma"});
  take("delta");
  index({});
  expect_in_index({"beta", "gamma", "delta"});
}

// The program ended between the emptying of the tables and that of the index.
TEST_P(IndexInStep, AnIndexOfTablesThatWereEmptiedBeginsAnew) {
  index({});
  auto search = (*database_)->connect(store::Part::search).value();
  ASSERT_TRUE(search->execute(GetParam() == Engine::sqlite
                                  ? "INSERT INTO post_search (rowid, text) VALUES (99, 'stale')"
                                  : "INSERT INTO post_search (row_number, document) VALUES (99, 'stale')"));
  ASSERT_TRUE(writer_->write([](store::Connection& connection) {
    return connection.execute("INSERT INTO projection_marks (name, position) VALUES ('emptied', 7)");
  }));
  index({});
  expect_in_index({"beta", "gamma"});
  const auto mark = number("SELECT row_position FROM search_marks WHERE name = 'search'");
  index({});
  EXPECT_EQ(number("SELECT row_position FROM search_marks WHERE name = 'search'"), mark);
}

TEST_P(IndexInStep, WordsOfWhoWasErasedMeanwhileDoNotComeBack) {
  index([this] { erase("gamma"); });
  expect_in_index({"beta"});
}

TEST_P(IndexInStep, NoPostIsLeftWithoutItsSentiment) {
  score([this] { replay(); });
  take("delta");
  score([] {});
  EXPECT_EQ(number("SELECT count(*) FROM post_sentiments"), 3);
}

TEST_P(IndexInStep, NothingIsSaidOfWhoWasErasedMeanwhile) {
  score([this] { erase("gamma"); });
  EXPECT_EQ(number("SELECT count(*) FROM post_sentiments WHERE post_id = 'gamma'"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM post_sentiments"), 1);
}

}  // namespace
}  // namespace linnet::api
