// VADER against its reference implementation, whose scores testdata/make_vader_golden.py wrote down.
#include "analyze/sentiment_vader.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json.hpp>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>

#include "source_dir.hpp"

namespace linnet::analyze {
namespace {

TEST(SentimentVader, scores_like_the_reference) {
  std::ifstream golden(LINNET_SOURCE_DIR "/src/analyze/testdata/vader_golden.tsv");
  ASSERT_TRUE(golden) << "vader_golden.tsv is missing";
  int lines = 0;
  for (std::string line; std::getline(golden, line); ++lines) {
    const auto tab = line.find('\t');
    const std::string text(boost::json::parse(line.substr(0, tab)).as_string());
    std::istringstream numbers(line.substr(tab));
    SentimentScores expected;
    numbers >> expected.negative >> expected.neutral >> expected.positive >> expected.compound;
    ASSERT_TRUE(numbers) << line;
    const auto scores = score_sentiment(text);
    EXPECT_NEAR(scores.compound, expected.compound, 1e-6) << line.substr(0, 200);
    EXPECT_NEAR(scores.negative, expected.negative, 1e-6) << line.substr(0, 200);
    EXPECT_NEAR(scores.neutral, expected.neutral, 1e-6) << line.substr(0, 200);
    EXPECT_NEAR(scores.positive, expected.positive, 1e-6) << line.substr(0, 200);
  }
  EXPECT_GT(lines, 480);
}

TEST(SentimentVader, labels_by_the_compound_score) {
  EXPECT_EQ(sentiment_label(0.05), SentimentLabel::positive);
  EXPECT_EQ(sentiment_label(0.0499), SentimentLabel::neutral);
  EXPECT_EQ(sentiment_label(0), SentimentLabel::neutral);
  EXPECT_EQ(sentiment_label(-0.0499), SentimentLabel::neutral);
  EXPECT_EQ(sentiment_label(-0.05), SentimentLabel::negative);
  EXPECT_EQ(to_string(sentiment_label(score_sentiment("I love it").compound)), "positive");
  EXPECT_EQ(to_string(sentiment_label(score_sentiment("I hate it").compound)), "negative");
  EXPECT_EQ(to_string(sentiment_label(score_sentiment("I have it").compound)), "neutral");
}

TEST(SentimentVader, a_text_without_words_has_no_score) {
  const auto scores = score_sentiment(" \n ");
  EXPECT_EQ(scores.compound, 0);
  EXPECT_EQ(scores.neutral, 0);
}

// The processor time of this thread that scoring so many words takes; the least of three tries.
double seconds_for(int words) {
  std::string text = "but ";
  for (int i = 0; i < words; ++i) text += "good ";
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
  };
  double least = std::numeric_limits<double>::max();
  for (int i = 0; i < 3; ++i) {
    const double begin = now();
    EXPECT_EQ(score_sentiment(text).compound, 1);
    least = std::min(least, now() - begin);
  }
  return least;
}

// A hostile post must not cost more than its length: sixteen times the words would take 256 times as long.
TEST(SentimentVader, long_texts_take_linear_time) {
  EXPECT_LT(seconds_for(160'000), 64 * seconds_for(10'000));
}

RC_GTEST_PROP(SentimentVader, any_bytes_have_a_score_in_range, (const std::string& bytes)) {
  const auto scores = score_sentiment(bytes);
  RC_ASSERT(std::abs(scores.compound) <= 1);
  const double shares = scores.negative + scores.neutral + scores.positive;
  RC_ASSERT(shares == 0 || std::abs(shares - 1) < 0.002);
}

}  // namespace
}  // namespace linnet::analyze
