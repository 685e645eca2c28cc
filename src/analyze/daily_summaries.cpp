#include "analyze/daily_summaries.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "analyze/followers.hpp"
#include "analyze/sentiment_vader.hpp"
#include "base/json_names.hpp"
#include "base/text.hpp"

namespace linnet::analyze {
namespace {

using store::Statement;

constexpr std::size_t kTopics = 10;
constexpr std::int64_t kNotable = 5;

// "https://mastodon.example" as "mastodon.example".
std::string host_of(std::string_view base_url) {
  const auto scheme = base_url.find("://");
  return std::string(scheme == std::string_view::npos ? base_url : base_url.substr(scheme + 3));
}

struct Day {
  std::int64_t instance, from, to;
};

Status count_posts(store::Connection& connection, const Day& day, DailyStats& stats) {
  return store::for_each_row(
      connection,
      R"(SELECT count(*), count(in_reply_to_id), count(reblog_of_id), count(DISTINCT account_id)
         FROM posts
         WHERE instance_id = $1 AND created_at >= $2 AND created_at < $3 AND deleted_at IS NULL
           AND followers_only = 0)",
      {day.instance, day.from, day.to}, [&](const Statement& row) {
        stats.posts = row.integer(0);
        stats.replies = row.integer(1);
        stats.reblogs = row.integer(2);
        stats.accounts = row.integer(3);
      });
}

Status count_changes(store::Connection& connection, const Day& day, DailyStats& stats) {
  return store::for_each_row(
      connection,
      R"(SELECT (SELECT count(*) FROM post_past_versions v JOIN posts p ON p.instance_id = v.instance_id
           AND p.id = v.post_id WHERE v.instance_id = $1 AND v.valid_to >= $2 AND v.valid_to < $3
           AND p.followers_only = 0), (SELECT count(*) FROM posts WHERE instance_id = $1
           AND deleted_at >= $2 AND deleted_at < $3 AND followers_only = 0))",
      {day.instance, day.from, day.to}, [&](const Statement& row) {
        stats.edits = row.integer(0);
        stats.deletions = row.integer(1);
      });
}

Status count_sentiment(store::Connection& connection, const Day& day, DailyStats& stats) {
  return store::for_each_row(connection,
                             R"(SELECT count(CASE WHEN s.sentiment_label = 'positive' THEN 1 END),
                                  count(CASE WHEN s.sentiment_label = 'neutral' THEN 1 END),
                                  count(CASE WHEN s.sentiment_label = 'negative' THEN 1 END), avg(s.score)
                                FROM posts p
                                JOIN post_sentiments s ON s.instance_id = p.instance_id
                                  AND s.post_id = p.id AND s.status_version_seq = p.version_seq
                                  AND s.model = $4
                                WHERE p.instance_id = $1 AND p.created_at >= $2 AND p.created_at < $3
                                  AND p.deleted_at IS NULL AND p.followers_only = 0)",
                             {day.instance, day.from, day.to, kVaderModel}, [&](const Statement& row) {
                               stats.positive = row.integer(0);
                               stats.neutral = row.integer(1);
                               stats.negative = row.integer(2);
                               if (!row.is_null(3)) stats.mean_sentiment = row.real(3);
                             });
}

Status count_topics(store::Connection& connection, const Day& day, DailyStats& stats) {
  struct Uses {
    std::int64_t posts = 0;
    std::unordered_set<std::string> accounts;
  };
  std::unordered_map<std::string, Uses> tags;
  LINNET_CHECK(store::for_each_row(connection,
                                   R"(SELECT hashtags, account_id FROM posts
                                      WHERE instance_id = $1 AND created_at >= $2 AND created_at < $3
                                        AND deleted_at IS NULL AND followers_only = 0
                                        AND hashtags IS NOT NULL)",
                                   {day.instance, day.from, day.to}, [&](const Statement& row) {
                                     for (auto& name : json_names(row.text(0))) {
                                       auto& uses = tags[std::move(name)];
                                       ++uses.posts;
                                       uses.accounts.emplace(row.text(1));
                                     }
                                   }));
  for (const auto& [name, uses] : tags) {
    stats.topics.push_back({name, uses.posts, static_cast<std::int64_t>(uses.accounts.size())});
  }
  std::sort(stats.topics.begin(), stats.topics.end(), [](const auto& a, const auto& b) {
    return std::tie(b.posts, b.accounts, a.name) < std::tie(a.posts, a.accounts, b.name);
  });
  if (stats.topics.size() > kTopics) stats.topics.resize(kTopics);
  return {};
}

Status list_notable(store::Connection& connection, const Day& day, DailyStats& stats) {
  return store::for_each_row(
      connection,
      R"(SELECT p.id, coalesce(u.acct, p.account_id), p.content_text, p.replies_count, p.reblogs_count,
           p.favourites_count FROM posts p
         LEFT JOIN platform_users u ON u.instance_id = p.instance_id AND u.id = p.account_id
         WHERE p.instance_id = $1 AND p.created_at >= $2 AND p.created_at < $3 AND p.deleted_at IS NULL
           AND p.followers_only = 0 AND p.version_seq > 0 AND p.engagement_score > 0
         ORDER BY p.engagement_score DESC, p.id LIMIT $4)",
      {day.instance, day.from, day.to, kNotable}, [&](const Statement& row) {
        stats.notable.push_back({std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2)),
                                 row.integer(3), row.integer(4), row.integer(5)});
      });
}

Status keep(store::Connection& connection, InstanceId instance, const DailyStats& stats,
            const DailySummary& summary, Instant now) {
  return store::run(
      connection,
      R"(INSERT INTO daily_summaries (instance_id, date, window_start, window_end, summary_text, mood,
           avg_sentiment, topics_json, notable_json, provider, model, prompt_version, input_stats_json,
           input_hash, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
         ON CONFLICT (instance_id, date) DO UPDATE SET summary_text = excluded.summary_text,
           mood = excluded.mood, avg_sentiment = excluded.avg_sentiment,
           topics_json = excluded.topics_json, notable_json = excluded.notable_json,
           provider = excluded.provider, model = excluded.model, prompt_version = excluded.prompt_version,
           input_stats_json = excluded.input_stats_json, input_hash = excluded.input_hash,
           created_at = excluded.created_at)",
      {instance.value(), std::string_view(to_iso8601(stats.window_start)).substr(0, 10),
       to_micros(stats.window_start), to_micros(stats.window_end), std::string_view(summary.text),
       std::string_view(summary.mood),
       stats.mean_sentiment ? store::Value(*stats.mean_sentiment) : store::Value(),
       std::string_view(summary.topics_json), std::string_view(summary.notable_json), kSummaryProvider,
       kSummaryModel, kSummaryVersion, std::string_view(summary.input_stats_json),
       std::string_view(summary.input_hash), to_micros(now)});
}

}  // namespace

Result<Instant> parse_day(std::string_view name, std::string_view text) {
  const auto day = text.size() == 10 ? parse_iso8601(std::string(text) + "T00:00:00Z") : std::nullopt;
  if (day) return *day;
  return invalid(
      fmt::format("{}: expected a day such as 2026-08-01, got \"{}\"", name, truncate_utf8(text, 40)));
}

Result<DailyStats> count_day(store::Connection& connection, InstanceId instance, Instant day) {
  DailyStats stats;
  LINNET_TRY(
      const auto base_url,
      store::query_text(connection, "SELECT base_url FROM instances WHERE id = $1", {instance.value()}));
  stats.instance = host_of(base_url.value_or(""));
  stats.window_start = day;
  stats.window_end = day + std::chrono::days(1);
  const Day bounds{instance.value(), to_micros(stats.window_start), to_micros(stats.window_end)};
  LINNET_CHECK(count_posts(connection, bounds, stats));
  LINNET_CHECK(count_changes(connection, bounds, stats));
  LINNET_CHECK(count_sentiment(connection, bounds, stats));
  LINNET_CHECK(count_topics(connection, bounds, stats));
  LINNET_CHECK(list_notable(connection, bounds, stats));
  return stats;
}

Result<bool> make_daily_summary(store::Connection& reader, store::Writer& writer, InstanceId instance,
                                Instant day, Instant now) {
  LINNET_TRY(const auto stats, count_day(reader, instance, day));
  const auto summary = summarize_day(stats);
  const auto date = to_iso8601(day).substr(0, 10);
  LINNET_TRY(const auto same,
             store::query_integer(reader,
                                  R"(SELECT count(*) FROM daily_summaries
                                     WHERE instance_id = $1 AND date = $2 AND input_hash = $3
                                       AND model = $4 AND prompt_version = $5)",
                                  {instance.value(), std::string_view(date),
                                   std::string_view(summary.input_hash), kSummaryModel, kSummaryVersion}));
  if (same.value_or(0) > 0) return false;
  LINNET_CHECK(writer.write(
      [&](store::Connection& connection) { return keep(connection, instance, stats, summary, now); }));
  return true;
}

Result<std::int64_t> make_daily_summaries(
    store::Connection& reader, store::Writer& writer, std::optional<InstanceId> only, Instant day,
    Instant now, const std::function<Status(std::int64_t done, std::int64_t total)>& on_progress) {
  std::vector<InstanceId> instances;
  LINNET_CHECK(store::for_each_row(reader, "SELECT id FROM instances ORDER BY id", {},
                                   [&](const Statement& row) { instances.emplace_back(row.integer(0)); }));
  if (only) std::erase_if(instances, [&](InstanceId instance) { return instance != *only; });
  const auto total = static_cast<std::int64_t>(instances.size());
  std::int64_t done = 0;
  std::int64_t made = 0;
  for (const auto instance : instances) {
    LINNET_CHECK(on_progress(done++, total));
    LINNET_TRY(const bool is_new, make_daily_summary(reader, writer, instance, day, now));
    made += is_new ? 1 : 0;
  }
  return made;
}

namespace {

// Instances that have posts of that day for everybody, and no summary of it.
Result<std::vector<InstanceId>> without_summary(store::Connection& reader, Instant day) {
  std::vector<InstanceId> missing;
  const auto date = to_iso8601(day).substr(0, 10);
  LINNET_CHECK(
      store::for_each_row(reader,
                          R"(SELECT i.id FROM instances i
                             WHERE EXISTS (SELECT 1 FROM posts p WHERE p.instance_id = i.id
                               AND p.created_at >= $1 AND p.created_at < $2 AND p.followers_only = 0)
                               AND NOT EXISTS (SELECT 1 FROM daily_summaries s WHERE s.instance_id = i.id
                               AND s.date = $3) ORDER BY i.id)",
                          {to_micros(day), to_micros(day + std::chrono::days(1)), std::string_view(date)},
                          [&](const Statement& row) { missing.emplace_back(row.integer(0)); }));
  return missing;
}

}  // namespace

Status make_missing_summaries(store::Connection& reader, store::Writer& writer, Instant now) {
  constexpr int kMostAtOnce = 10;
  int made = 0;
  for (int days_ago = 1; days_ago <= kSummaryDays && made < kMostAtOnce; ++days_ago) {
    const Instant day = floor_day(now) - std::chrono::days(days_ago);
    LINNET_TRY(const auto missing, without_summary(reader, day));
    for (const auto instance : missing) {
      LINNET_TRY(const bool is_new, make_daily_summary(reader, writer, instance, day, now));
      made += is_new ? 1 : 0;
    }
  }
  return {};
}

Status summarise_ended_days(store::Connection& reader, store::Writer& writer, Instant now) {
  constexpr auto kLastPostsCome = std::chrono::minutes(5);
  if (now - floor_day(now) < kLastPostsCome) return {};
  LINNET_TRY(const auto sentiment, sentiment_state(reader));
  if (sentiment.lag > 0) return {};
  return make_missing_summaries(reader, writer, now);
}

Result<std::vector<StoredSummary>> list_daily_summaries(store::Connection& connection,
                                                        const SummaryFilter& filter) {
  std::vector<StoredSummary> summaries;
  const auto add = [&](const Statement& row) {
    StoredSummary summary{row.integer(0),
                          std::string(row.text(1)),
                          std::string(row.text(2)),
                          row.instant(3),
                          row.instant(4),
                          std::string(row.text(5)),
                          std::string(row.text(6)),
                          row.is_null(7) ? std::nullopt : std::optional(row.real(7)),
                          std::string(row.text(8)),
                          std::string(row.text(9)),
                          std::string(row.text(10)),
                          std::string(row.text(11)),
                          std::string(row.text(12)),
                          std::string(row.text(13)),
                          std::string(row.text(14)),
                          row.instant(15)};
    summaries.push_back(std::move(summary));
  };
  const std::string_view last = filter.last_date.empty() ? "9999-12-31" : std::string_view(filter.last_date);
  LINNET_CHECK(store::for_each_row(
      connection,
      R"(SELECT s.instance_id, i.base_url, s.date, s.window_start, s.window_end, s.summary_text, s.mood,
           s.avg_sentiment, s.topics_json, s.notable_json, s.provider, s.model, s.prompt_version,
           s.input_stats_json, s.input_hash, s.created_at FROM daily_summaries s
         JOIN instances i ON i.id = s.instance_id
         WHERE s.date >= $1 AND s.date <= $2 AND (CAST($3 AS BIGINT) = 0 OR s.instance_id = $3)
         ORDER BY s.date DESC, s.instance_id LIMIT $4)",
      {std::string_view(filter.first_date), last, filter.instance ? filter.instance->value() : 0,
       filter.limit},
      add));
  return summaries;
}

}  // namespace linnet::analyze
