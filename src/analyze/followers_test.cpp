// What the followers make of new and changed posts, on both engines.
#include "analyze/followers.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "analyze/figures_fixture.hpp"
#include "analyze/post_list.hpp"
#include "base/clock.hpp"

namespace linnet::analyze {
namespace {

using testing::ElementsAre;

class FollowersTest : public FiguresFixture {
 protected:
  void insert_text(std::string_view id, std::optional<std::string> language, std::string_view text) {
    write([&](store::Connection& connection) {
      return store::run(connection,
                        R"(INSERT INTO posts (instance_id, id, account_id, created_at, discovered_at,
                             last_extracted_at, content_type, counts_at, replies_count, reblogs_count,
                             favourites_count, engagement_score, version_seq, valid_from, content_hash,
                             content_text, language)
                           VALUES (1, $1, '1', 1, 1, 1, 'text', 1, 0, 0, 0, 0, 1, 1, 0, $2, $3))",
                        {id, text, store::value_of(language)});
    });
  }

  void follow() {
    ManualClock clock(kNow);
    bool more = true;
    while (more) {
      auto reader = (*database_)->reader();
      const auto followed = follow_with_sentiment(**reader, *writer_, clock, 100);
      ASSERT_TRUE(followed) << followed.error().message;
      more = *followed;
    }
  }

  std::string label_of(const std::string& id) {
    auto reader = (*database_)->reader();
    const auto post = find_post(**reader, InstanceId(1), id);
    return post && post->sentiment ? post->sentiment->label : "none";
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, FollowersTest, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);

TEST_P(FollowersTest, ScoreEnglishAlone) {
  constexpr std::string_view kText = "What a wonderful morning";
  insert_text("1", "en-GB", kText);
  insert_text("2", "de", kText);
  insert_text("3", std::nullopt, kText);
  insert_text("4", std::nullopt, "Die Sitzung beginnt um neun und die Unterlagen sind online.");
  EXPECT_EQ(label_of("1"), "none") << "its turn has not come";
  follow();
  EXPECT_EQ(label_of("1"), "positive");
  EXPECT_EQ(label_of("2"), kNotScored);
  EXPECT_EQ(label_of("3"), "positive");
  EXPECT_EQ(label_of("4"), kNotScored);
  std::vector<std::string> rows;
  auto reader = (*database_)->reader();
  ASSERT_TRUE(store::for_each_row(**reader, "SELECT post_id FROM post_sentiments ORDER BY post_id", {},
                                  [&](const store::Statement& row) { rows.emplace_back(row.text(0)); }));
  EXPECT_THAT(rows, ElementsAre("1", "3")) << "what stands in means and summaries";
}

// What an index cannot hold must not keep it from what comes after.
TEST_P(FollowersTest, AWordOfAnyLengthHoldsNothingUp) {
  insert_text("1", "en", std::string(100'000, 'a') + " short");
  std::string many;
  for (int i = 0; i < 16'000; ++i) many += fmt::format("{}{} ", std::string(150, 'b'), i);
  insert_text("2", "en", many);
  insert_text("3", "en", "the last");
  auto reader = (*database_)->reader();
  auto search = (*database_)->connect(store::Part::search);
  for (bool more = true; more;) {
    const auto followed = follow_with_search(**reader, **search, 100);
    ASSERT_TRUE(followed) << followed.error().message;
    more = *followed;
  }
  EXPECT_EQ(search_state(**reader)->lag, 0);
  EXPECT_EQ(store::query_integer(**reader, "SELECT count(*) FROM post_search")->value_or(0), 3);
}

}  // namespace
}  // namespace linnet::analyze
