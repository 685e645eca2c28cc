// The summary of a day, written from its statistics alone: what Linnet has where no language model is
// configured, and the statistics that one is given where it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"

namespace linnet::analyze {

struct DailyTopic {
  std::string name;  // of a hashtag, without «#»
  std::int64_t posts = 0;
  std::int64_t accounts = 0;
};

struct NotablePost {
  std::string id;
  std::string author;  // e.g. "ada@x.example"
  std::string text;    // its content_text; the summary shows the beginning
  std::int64_t replies = 0;
  std::int64_t reblogs = 0;
  std::int64_t favourites = 0;
};

// What was counted between window_start (included) and window_end (not). Topics and posts come in the order
// to show them in; the caller chooses how many.
struct DailyStats {
  std::string instance;  // its host; empty where several are summed up
  Instant window_start{};
  Instant window_end{};
  std::int64_t posts = 0;  // replies and reblogs included
  std::int64_t replies = 0;
  std::int64_t reblogs = 0;
  std::int64_t accounts = 0;  // distinct authors
  std::int64_t edits = 0;
  std::int64_t deletions = 0;
  std::int64_t positive = 0;  // posts by the label of their sentiment
  std::int64_t neutral = 0;
  std::int64_t negative = 0;
  std::optional<double> mean_sentiment;  // of the compound scores; nullopt if none was analysed
  std::vector<DailyTopic> topics;
  std::vector<NotablePost> notable;
};

// The columns of `daily_summaries` that follow from the statistics.
struct DailySummary {
  std::string text;
  std::string mood;  // "positive", "neutral" or "negative"
  std::string topics_json;
  std::string notable_json;
  std::string input_stats_json;  // the statistics, canonical; times in ISO 8601
  std::string input_hash;        // SHA-256 of input_stats_json
};

// What the columns provider, model and prompt_version hold for a summary made here.
inline constexpr std::string_view kSummaryProvider = "built-in";
inline constexpr std::string_view kSummaryModel = "statistics";
inline constexpr std::string_view kSummaryVersion = "1";  // goes up whenever the wording changes

// Pure and thread-safe: equal statistics give equal bytes.
DailySummary summarize_day(const DailyStats& stats);

}  // namespace linnet::analyze
