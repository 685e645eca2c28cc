#include "observe/check.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "observe/log_survey.hpp"
#include "observe/lost_tables.hpp"

namespace linnet::observe {
namespace {

struct Comparison {
  std::string_view name;
  std::string_view sql;  // counts the rows that differ
};

constexpr Comparison kComparisons[] = {
    {"hashtag_hourly_stats is what a GROUP BY over the posts that everybody may see gives",
     "WITH expected AS (SELECT t.instance_id, t.hashtag_id, "
     "  p.created_at - ((p.created_at % 3600000000) + 3600000000) % 3600000000 AS hour_ts, count(*) AS "
     "posts, "
     "  count(DISTINCT p.account_id) AS accounts, sum(p.engagement_score) AS engagement "
     "  FROM post_hashtags t JOIN posts p ON p.instance_id = t.instance_id AND p.id = t.post_id "
     "  WHERE p.followers_only = 0 GROUP BY t.instance_id, t.hashtag_id, "
     "  p.created_at - ((p.created_at % 3600000000) + 3600000000) % 3600000000), "
     "stored AS (SELECT instance_id, hashtag_id, hour_ts, posts_using_tag AS posts, "
     "  unique_accounts_using_tag AS accounts, total_engagement AS engagement FROM hashtag_hourly_stats) "
     "SELECT (SELECT count(*) FROM (SELECT * FROM expected EXCEPT SELECT * FROM stored) AS missing) + "
     "       (SELECT count(*) FROM (SELECT * FROM stored EXCEPT SELECT * FROM expected) AS extra)"},
    {"a post's counts are those of its newest snapshot",
     "SELECT count(*) FROM posts p WHERE (p.counts_at <> 0 AND NOT EXISTS (SELECT 1 FROM "
     "post_metric_snapshots s "
     "WHERE s.instance_id = p.instance_id AND s.post_id = p.id AND s.captured_at = p.counts_at "
     "AND s.replies_count = p.replies_count AND s.reblogs_count = p.reblogs_count "
     "AND s.favourites_count = p.favourites_count AND s.engagement_score = p.engagement_score)) "
     "OR EXISTS (SELECT 1 FROM post_metric_snapshots s WHERE s.instance_id = p.instance_id AND s.post_id = "
     "p.id "
     "AND s.captured_at > p.counts_at)"},
    {"engagement score is 3 × reblogs + 2 × favourites + replies, each counted up to 2^40",
     "SELECT (SELECT count(*) FROM posts WHERE engagement_score <> "
     "3 * CASE WHEN reblogs_count < 1099511627776 THEN reblogs_count ELSE 1099511627776 END + "
     "2 * CASE WHEN favourites_count < 1099511627776 THEN favourites_count ELSE 1099511627776 END + "
     "CASE WHEN replies_count < 1099511627776 THEN replies_count ELSE 1099511627776 END) + "
     "(SELECT count(*) FROM post_metric_snapshots WHERE engagement_score <> "
     "3 * CASE WHEN reblogs_count < 1099511627776 THEN reblogs_count ELSE 1099511627776 END + "
     "2 * CASE WHEN favourites_count < 1099511627776 THEN favourites_count ELSE 1099511627776 END + "
     "CASE WHEN replies_count < 1099511627776 THEN replies_count ELSE 1099511627776 END)"},
    {"a snapshot's gains are against the snapshot before it",
     "SELECT count(*) FROM (SELECT favourites_gained, reblogs_gained, replies_gained, is_first, "
     "favourites_count, "
     "  reblogs_count, replies_count, "
     "  lag(favourites_count) OVER w AS f, lag(reblogs_count) OVER w AS b, lag(replies_count) OVER w AS r "
     "  FROM post_metric_snapshots WINDOW w AS (PARTITION BY instance_id, post_id ORDER BY captured_at)) AS "
     "s "
     "WHERE favourites_gained <> favourites_count - coalesce(f, 0) OR reblogs_gained <> reblogs_count - "
     "coalesce(b, 0) "
     "OR replies_gained <> replies_count - coalesce(r, 0) "
     "OR is_first <> CASE WHEN f IS NULL THEN 1 ELSE 0 END"},
    {"versions count from 1 without gaps",
     "SELECT count(*) FROM posts p WHERE p.version_seq > 0 AND p.version_seq - 1 <> "
     "(SELECT count(*) FROM post_past_versions v WHERE v.instance_id = p.instance_id AND v.post_id = p.id)"},
    {"a version ends where the next begins",
     "SELECT count(*) FROM post_versions v WHERE v.version_seq > 1 AND NOT EXISTS (SELECT 1 FROM "
     "post_past_versions b "
     "WHERE b.instance_id = v.instance_id AND b.post_id = v.post_id AND b.version_seq = v.version_seq - 1 "
     "AND b.valid_to = v.valid_from)"},
    {"first and last seen are the ends of a hashtag's posts",
     "SELECT count(*) FROM hashtags h LEFT JOIN (SELECT instance_id, hashtag_id, min(created_at) AS "
     "first_at, "
     "  max(created_at) AS last_at FROM post_hashtags GROUP BY instance_id, hashtag_id) AS t "
     "ON t.instance_id = h.instance_id AND t.hashtag_id = h.id "
     "WHERE coalesce(h.first_seen_at, 0) <> coalesce(t.first_at, 0) "
     "OR coalesce(h.last_seen_at, 0) <> coalesce(t.last_at, 0)"},
    {"every post's author is known",
     "SELECT count(*) FROM posts p WHERE NOT EXISTS (SELECT 1 FROM platform_users u "
     "WHERE u.instance_id = p.instance_id AND u.id = p.account_id)"},
    {"no post has a tombstone beside it",
     "SELECT count(*) FROM post_tombstones t JOIN posts p ON p.instance_id = t.instance_id AND p.id = "
     "t.post_id"},
    {"hashtags, mentions, versions and snapshots belong to posts",
     "SELECT (SELECT count(*) FROM post_hashtags x WHERE NOT EXISTS (SELECT 1 FROM posts p WHERE "
     "p.instance_id = "
     "x.instance_id AND p.id = x.post_id)) + (SELECT count(*) FROM post_mentions x WHERE NOT EXISTS (SELECT "
     "1 FROM "
     "posts p WHERE p.instance_id = x.instance_id AND p.id = x.post_id)) + (SELECT count(*) FROM "
     "post_past_versions x "
     "WHERE NOT EXISTS (SELECT 1 FROM posts p WHERE p.instance_id = x.instance_id AND p.id = x.post_id)) + "
     "(SELECT count(*) FROM post_metric_snapshots x WHERE NOT EXISTS (SELECT 1 FROM posts p WHERE "
     "p.instance_id = "
     "x.instance_id AND p.id = x.post_id))"},
};

}  // namespace

Result<std::vector<CheckFinding>> check_projections(store::Connection& connection) {
  LINNET_TRY(auto transaction, store::Transaction::begin(connection, store::Transaction::Mode::read));
  std::vector<CheckFinding> findings;
  for (const auto& comparison : kComparisons) {
    LINNET_TRY(const auto differing, store::query_integer(connection, comparison.sql));
    findings.push_back({std::string(comparison.name), differing.value_or(0)});
  }
  return findings;
}

Result<std::vector<CheckFinding>> check_files(store::Connection& connection) {
  std::vector<CheckFinding> findings;
  if (connection.engine() == store::Engine::postgres) return findings;
  struct File {
    std::string_view schema, name, remedy;
  };
  constexpr File kFiles[] = {
      {"main", "the tables' file", "restore linnet.db from the newest backup, with the files beside it"},
      {"log", "the log's file",
       "put linnet.events.db back from a backup, or move it away and run linnet events continue"},
      {"search", "the search index's file",
       "stop linnet serve and delete linnet.search.db: the search fills itself again"}};
  for (const auto& file : kFiles) {
    const auto said = store::query_text(connection, fmt::format("PRAGMA {}.quick_check(1)", file.schema));
    if (!said && said.error().kind != ErrorKind::corrupt) return said.error();
    const bool is_whole = said && *said == "ok";
    findings.push_back({fmt::format("{} is whole", file.name), is_whole ? 0 : 1, Remedy::restore,
                        is_whole ? std::string() : fmt::format("{}: {}", file.name, file.remedy)});
  }
  return findings;
}

Result<std::vector<CheckFinding>> check_log(store::Connection& connection) {
  LINNET_TRY(const auto survey, survey_log(connection));
  LINNET_TRY(const auto behind, find_tables_behind(connection));
  std::int64_t unread = 0;
  for (const auto& damage : survey.damage) unread += damage.count();
  return std::vector<CheckFinding>{
      {"the tables are not ahead of the log",
       std::max<std::int64_t>(survey.applied.value() - survey.last.value(), 0), Remedy::put_log_back,
       survey.is_behind() ? refuse_log_behind(survey.last, survey.applied).error().safe : std::string()},
      {"the tables are not older than the log", behind ? behind->once.value() - behind->applied.value() : 0,
       Remedy::put_tables_back, behind ? behind->in_words : std::string()},
      {"every event of the log can be read", unread, Remedy::none, in_words(survey.damage)}};
}

}  // namespace linnet::observe
