// Daily summaries: what a day was, counted and kept.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "analyze/daily_summary_text.hpp"
#include "base/ids.hpp"
#include "store/writer.hpp"

namespace linnet::analyze {

struct StoredSummary {
  std::int64_t instance_id = 0;
  std::string base_url;
  std::string date;  // 2026-08-01, UTC
  Instant window_start{}, window_end{};
  std::string text, mood;
  std::optional<double> mean_sentiment;
  std::string topics_json, notable_json;
  std::string provider, model, prompt_version;
  std::string input_stats_json, input_hash;
  Instant created_at{};
};

// "2026-08-01" as its midnight, UTC; `invalid` names the parameter.
Result<Instant> parse_day(std::string_view name, std::string_view text);

// What was counted of posts created, edited and deleted on the UTC day that begins at `day`. Deleted posts
// count as deletions only.
Result<DailyStats> count_day(store::Connection& connection, InstanceId instance, Instant day);

// Makes the day's summary and keeps it in place of an earlier one; the same statistics are not summarised
// twice. Answers whether it was new.
Result<bool> make_daily_summary(store::Connection& reader, store::Writer& writer, InstanceId instance,
                                Instant day, Instant now);

// The same of one instance or of all: how many are new. `on_progress` is told before each how many of them
// are done, and says by an error that the rest is to be left.
Result<std::int64_t> make_daily_summaries(
    store::Connection& reader, store::Writer& writer, std::optional<InstanceId> only, Instant day,
    Instant now, const std::function<Status(std::int64_t done, std::int64_t total)>& on_progress);

// How many days back a summary that is missing is made.
constexpr int kSummaryDays = 31;

// Makes summaries of the days before `now` for each instance that has posts of them and no summary yet,
// newest first, a few at once: of yesterday, and of days on which the program did not run.
Status make_missing_summaries(store::Connection& reader, store::Writer& writer, Instant now);

// The same for whoever asks now and then: nothing right after a day has ended, while its last posts come in,
// nor before all posts are scored.
Status summarise_ended_days(store::Connection& reader, store::Writer& writer, Instant now);

struct SummaryFilter {
  std::optional<InstanceId> instance;
  std::string first_date, last_date;  // both included; empty: no bound
  std::int64_t limit = 30;
};
// Newest first.
Result<std::vector<StoredSummary>> list_daily_summaries(store::Connection& connection,
                                                        const SummaryFilter& filter);

}  // namespace linnet::analyze
