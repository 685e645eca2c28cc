// The summary of a day from its statistics, and the bytes its hash is taken of.
#include "analyze/daily_summary_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json.hpp>

#include "analyze/canonical_json.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"

namespace linnet::analyze {
namespace {

using testing::HasSubstr;
using testing::Not;

DailyStats a_day() {
  DailyStats stats;
  stats.instance = "x.example";
  stats.window_start = *parse_iso8601("2026-08-01");
  stats.window_end = *parse_iso8601("2026-08-02");
  stats.posts = 1'234;
  stats.accounts = 345;
  stats.replies = 1;
  stats.reblogs = 78;
  stats.positive = 50;
  stats.neutral = 30;
  stats.negative = 20;
  stats.mean_sentiment = 0.21;
  stats.topics = {{"caturday", 12, 10}, {"rust", 1, 1}};
  stats.notable = {{"9", "ada@x.example", "So\n\nmany   cats", 1, 3, 1'200}};
  return stats;
}

TEST(DailySummary, is_written_from_the_numbers) {
  const auto summary = summarize_day(a_day());
  EXPECT_EQ(summary.text,
            "2026-08-01 on x.example: 1,234 posts by 345 accounts, with 1 reply and 78 boosts.\n\n"
            "The mood was positive: 50 % of the posts were positive, 30 % neutral and 20 % negative; 0.21 on "
            "average, "
            "on a scale from -1 to 1.\n\n"
            "Most talked about: #caturday (12 posts by 10 accounts) and #rust (1 post by 1 account).\n\n"
            "Posts that stood out:\n"
            "- @ada@x.example: “So many cats” (1,200 favourites, 3 boosts, 1 reply)");
  EXPECT_EQ(summary.mood, "positive");
}

TEST(DailySummary, of_a_day_without_anything) {
  DailyStats stats;
  stats.window_start = *parse_iso8601("2026-08-01");
  stats.window_end = *parse_iso8601("2026-08-02");
  const auto summary = summarize_day(stats);
  EXPECT_EQ(summary.text, "2026-08-01: no posts were seen.");
  EXPECT_EQ(summary.mood, "neutral");
  EXPECT_EQ(summary.topics_json, "[]");
  EXPECT_EQ(summary.notable_json, "[]");
  EXPECT_THAT(summary.input_stats_json, HasSubstr(R"("mean":null)"));
}

TEST(DailySummary, names_a_window_that_is_no_day) {
  auto stats = a_day();
  stats.window_start += std::chrono::hours{6};
  EXPECT_THAT(summarize_day(stats).text, HasSubstr("2026-08-01T06:00:00.000Z to 2026-08-02T00:00:00.000Z"));
}

TEST(DailySummary, shortens_long_posts_between_characters) {
  auto stats = a_day();
  stats.notable[0].text = std::string(139, 'x') + "😀😀";
  EXPECT_THAT(summarize_day(stats).text, HasSubstr("“" + std::string(139, 'x') + "…”"));
}

TEST(DailySummary, hashes_its_canonical_input) {
  const auto summary = summarize_day(a_day());
  EXPECT_EQ(summary.input_hash, sha256_hex(summary.input_stats_json));
  EXPECT_EQ(
      summary.input_stats_json,
      R"({"accounts":345,"deletions":0,"edits":0,"instance":"x.example","notable":[{"author":"ada@x.example",)"
      R"("excerpt":"So many cats","favourites":1200,"id":"9","reblogs":3,"replies":1}],"posts":1234,"reblogs":78,)"
      R"("replies":1,"sentiment":{"mean":0.21,"negative":20,"neutral":30,"positive":50},"topics":[{"accounts":10,)"
      R"("name":"caturday","posts":12},{"accounts":1,"name":"rust","posts":1}],)"
      R"("window_end":"2026-08-02T00:00:00.000Z","window_start":"2026-08-01T00:00:00.000Z"})");
  EXPECT_EQ(summary.topics_json,
            R"([{"accounts":10,"name":"caturday","posts":12},{"accounts":1,"name":"rust","posts":1}])");
}

TEST(DailySummary, the_order_of_summing_does_not_change_the_hash) {
  auto stats = a_day();
  stats.mean_sentiment = 0.1 + 0.2;
  const auto hash = summarize_day(stats).input_hash;
  stats.mean_sentiment = 0.3;
  EXPECT_EQ(summarize_day(stats).input_hash, hash);
  stats.mean_sentiment = 0.31;
  EXPECT_NE(summarize_day(stats).input_hash, hash);
}

RC_GTEST_PROP(DailySummary, whatever_the_posts_say_the_json_is_valid, (const std::string& bytes)) {
  auto stats = a_day();
  stats.notable[0].text = to_valid_utf8(bytes);
  stats.topics[0].name = to_valid_utf8(bytes);
  const auto summary = summarize_day(stats);
  RC_ASSERT(canonical_json(boost::json::parse(summary.input_stats_json)) == summary.input_stats_json);
  RC_ASSERT(boost::json::parse(summary.notable_json).as_array().size() == 1U);
}

TEST(CanonicalJson, sorts_keys_and_writes_numbers_short) {
  const auto value = boost::json::parse(
      R"({"b":[1.50,2.0,-0.1,1e300,"é\n"],"a":{"z":null,"y":true},"":18446744073709551615})");
  EXPECT_EQ(canonical_json(value),
            R"({"":18446744073709551615,"a":{"y":true,"z":null},"b":[1.5,2,-0.1,1e+300,"é\n"]})");
}

}  // namespace
}  // namespace linnet::analyze
