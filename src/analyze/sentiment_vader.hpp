// The mood of a text by VADER: a lexicon of words people rated, and rules for what stands around them.
//
// C.J. Hutto and E. Gilbert, «VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social Media
// Text», ICWSM 2014. The rules are those of vaderSentiment 3.3.2 with its quirks, so that scores can be
// compared with anyone else's; the lexicon is taken from that package at build time.
#pragma once

#include <string_view>

namespace linnet::analyze {

// What posts are recorded as analysed by.
inline constexpr std::string_view kVaderModel = "vader-3.3.2";

struct SentimentScores {
  double negative =
      0;  // the three are shares of the text, rounded to 3 digits; all 0 for a text without words
  double neutral = 0;
  double positive = 0;
  double compound = 0;  // from -1, most negative, to 1; rounded to 4 digits
};

// Pure and thread-safe. Any bytes will do; made for English, near 0 for most other languages.
SentimentScores score_sentiment(std::string_view text);

enum class SentimentLabel { negative, neutral, positive };

// Positive from 0.05, negative from -0.05, else neutral.
SentimentLabel sentiment_label(double compound);

// "positive", "neutral" or "negative".
std::string_view to_string(SentimentLabel label);

}  // namespace linnet::analyze
