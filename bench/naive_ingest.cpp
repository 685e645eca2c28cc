// Ingest as one would write it first: every event by itself, each lookup and each upsert a statement of its
// own, the payload kept as it came. The same tables as Linnet's own: naive_ingest FILE DATABASE BATCH
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <string>

#include "base/arena.hpp"
#include "base/clock.hpp"
#include "connect/archive/line_reader.hpp"
#include "connect/event_reader.hpp"
#include "store/migrations.hpp"

namespace {

using namespace linnet;
using model::PostSighting;
using store::Value;

Value text(const model::MaybeText& value) {
  return value ? Value(*value) : Value();
}

Status log_event(store::Connection& log, std::int64_t id, const model::Event& event, std::string_view line) {
  LINNET_CHECK(
      store::run(log,
                 "INSERT INTO event_rows (id, instance_id, received_at, event_type, payload_status_id) "
                 "VALUES ($1, 1, $2, $3, $4)",
                 {id, to_micros(event.received_at), event.type, event.status_id}));
  return store::run(log, "INSERT INTO event_blocks VALUES ($1, 1, 0, $2, $3)",
                    {id, static_cast<std::int64_t>(line.size()), store::Blob{line}});
}

Status upsert_author(store::Connection& tables, const PostSighting& post, std::int64_t at) {
  const auto& author = post.author;
  return store::run(
      tables,
      "INSERT INTO platform_users (instance_id, id, username, acct, display_name, profile_url, avatar_url, "
      "bio, "
      "follower_count, following_count, post_count, discovered_at, last_seen_at, last_updated_at) "
      "VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $11) ON CONFLICT (instance_id, id) DO "
      "UPDATE SET "
      "display_name = excluded.display_name, avatar_url = excluded.avatar_url, bio = excluded.bio, "
      "follower_count = excluded.follower_count, following_count = excluded.following_count, "
      "post_count = excluded.post_count, last_seen_at = excluded.last_seen_at, "
      "last_updated_at = excluded.last_updated_at",
      {author.id, author.username, author.acct, text(author.display_name), text(author.profile_url),
       text(author.avatar_url), text(author.bio), author.follower_count.value_or(0),
       author.following_count.value_or(0), author.post_count.value_or(0), at});
}

Status write_post(store::Connection& tables, const PostSighting& post, std::int64_t at,
                  std::int64_t version) {
  const auto created = to_micros(post.created_at);
  LINNET_CHECK(store::run(
      tables,
      "INSERT INTO posts (instance_id, id, account_id, created_at, discovered_at, last_extracted_at, uri, "
      "url, language, "
      "visibility, content_type, counts_at, replies_count, reblogs_count, favourites_count, "
      "engagement_score, "
      "version_seq, valid_from, content_hash, content_html, content_text, hashtags) VALUES (1, $1, $2, $3, "
      "$4, $4, $5, "
      "$6, $7, $8, $9, $4, $10, $11, $12, $13, $14, $3, $15, $16, $17, $18) ON CONFLICT (instance_id, id) DO "
      "UPDATE SET "
      "last_extracted_at = excluded.last_extracted_at, counts_at = excluded.counts_at, "
      "replies_count = excluded.replies_count, reblogs_count = excluded.reblogs_count, "
      "favourites_count = excluded.favourites_count, engagement_score = excluded.engagement_score, "
      "version_seq = excluded.version_seq, content_html = excluded.content_html, content_text = "
      "excluded.content_text, "
      "content_hash = excluded.content_hash, hashtags = excluded.hashtags",
      {post.id, post.author.id, created, at, text(post.uri), text(post.url), text(post.language),
       text(post.visibility), post.content_type, post.counts.replies, post.counts.reblogs,
       post.counts.favourites, post.counts.engagement_score(), version,
       static_cast<std::int64_t>(post.content_hash), post.content_html, post.content_text,
       text(post.hashtags_json)}));
  return store::run(tables,
                    "INSERT INTO post_metric_snapshots VALUES (1, $1, $2, $3, $4, $5, $6, $3, $4, $5, 0) "
                    "ON CONFLICT DO NOTHING",
                    {post.id, at, post.counts.replies, post.counts.reblogs, post.counts.favourites,
                     post.counts.engagement_score()});
}

Status write_hashtag(store::Connection& tables, const PostSighting& post, std::string_view name) {
  const auto created = to_micros(post.created_at);
  LINNET_CHECK(store::run(
      tables,
      "INSERT INTO hashtags (instance_id, name, first_seen_at, last_seen_at) VALUES (1, $1, $2, $2) "
      "ON CONFLICT (instance_id, name) DO UPDATE SET last_seen_at = max(last_seen_at, $2)",
      {name, created}));
  LINNET_TRY(
      const auto id,
      store::query_integer(tables, "SELECT id FROM hashtags WHERE instance_id = 1 AND name = $1", {name}));
  const auto hour = to_micros(floor_hour(post.created_at));
  LINNET_TRY(const auto known,
             store::query_integer(
                 tables,
                 "SELECT 1 FROM post_hashtags t JOIN posts p ON p.instance_id = 1 AND p.id = t.post_id "
                 "WHERE t.instance_id = 1 AND t.hashtag_id = $1 AND t.created_at >= $2 AND "
                 "p.account_id = $3 LIMIT 1",
                 {*id, hour, post.author.id}));
  LINNET_CHECK(store::run(tables, "INSERT INTO post_hashtags VALUES (1, $1, $2, $3) ON CONFLICT DO NOTHING",
                          {*id, created, post.id}));
  return store::run(
      tables,
      "INSERT INTO hashtag_hourly_stats VALUES (1, $1, $2, 1, $3, $4) ON CONFLICT (instance_id, hashtag_id, "
      "hour_ts) "
      "DO UPDATE SET posts_using_tag = posts_using_tag + 1, "
      "unique_accounts_using_tag = unique_accounts_using_tag + excluded.unique_accounts_using_tag, "
      "total_engagement = total_engagement + excluded.total_engagement",
      {*id, hour, std::int64_t{known ? 0 : 1}, post.counts.engagement_score()});
}

Status apply_post(store::Connection& tables, const PostSighting& post, std::int64_t at) {
  LINNET_CHECK(upsert_author(tables, post, at));
  std::int64_t version = 0;
  std::int64_t hash = 0;
  LINNET_CHECK(store::for_each_row(
      tables, "SELECT version_seq, content_hash FROM posts WHERE instance_id = 1 AND id = $1", {post.id},
      [&](const store::Statement& row) {
        version = row.integer(0);
        hash = row.integer(1);
      }));
  const bool is_new = version == 0;
  const bool is_edit = !is_new && hash != static_cast<std::int64_t>(post.content_hash);
  if (is_edit) {
    LINNET_CHECK(store::run(tables,
                            "INSERT INTO post_past_versions (instance_id, post_id, version_seq, valid_from, "
                            "valid_to, content_hash, "
                            "content_html, content_text) SELECT 1, id, version_seq, valid_from, $2, "
                            "content_hash, content_html, content_text "
                            "FROM posts WHERE instance_id = 1 AND id = $1 ON CONFLICT DO NOTHING",
                            {post.id, at}));
  }
  LINNET_CHECK(write_post(tables, post, at, version + (is_new || is_edit ? 1 : 0)));
  if (!is_new) return {};
  for (const auto name : post.hashtags) LINNET_CHECK(write_hashtag(tables, post, name));
  for (const auto& mention : post.mentions) {
    LINNET_CHECK(store::run(tables, "INSERT INTO post_mentions VALUES (1, $1, $2, $3) ON CONFLICT DO NOTHING",
                            {post.id, mention.account_id, mention.acct}));
  }
  for (const auto& media : post.media) {
    LINNET_CHECK(store::run(
        tables,
        "INSERT INTO media_attachments VALUES (1, $1, $2, 0, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        {post.id, media.id, media.type, text(media.url), text(media.preview_url), text(media.description),
         text(media.meta_json)}));
  }
  return {};
}

Status apply(store::Connection& tables, const model::Event& event) {
  const auto at = to_micros(event.received_at);
  if (event.kind == model::EventKind::deletion) {
    return store::run(
        tables, "UPDATE posts SET deleted_at = $2 WHERE instance_id = 1 AND id = $1 AND deleted_at IS NULL",
        {event.status_id, at});
  }
  for (const auto& post : event.posts) LINNET_CHECK(apply_post(tables, post, at));
  return {};
}

Status run(const std::string& file, const std::string& location, std::int64_t batch) {
  LINNET_TRY(auto database, store::open_database(location));
  LINNET_TRY(const auto migrated, store::migrate(*database));
  (void)migrated;
  LINNET_TRY(auto tables, database->connect(store::Part::tables));
  LINNET_TRY(auto log, database->connect(store::Part::log));
  LINNET_CHECK(store::run(
      *tables, "INSERT INTO instances (base_url, created_at) VALUES ('https://social.example', 0)"));
  LINNET_TRY(auto lines, connect::LineReader::open(file));
  connect::EventReader reader;
  connect::Line line;
  std::int64_t id = 0;
  const auto start = std::chrono::steady_clock::now();
  bool more = true;
  while (more) {
    LINNET_TRY(auto log_transaction, store::Transaction::begin(*log));
    LINNET_TRY(auto transaction, store::Transaction::begin(*tables));
    for (std::int64_t i = 0; i < batch; ++i) {
      LINNET_TRY(more, lines.next(line));
      if (!more) break;
      Arena arena;
      const auto event = reader.read(line.text, Instant{}, arena);
      LINNET_CHECK(log_event(*log, ++id, event, line.text));
      LINNET_CHECK(apply(*tables, event));
    }
    LINNET_CHECK(log_transaction.commit());
    LINNET_CHECK(transaction.commit());
  }
  LINNET_CHECK(database->checkpoint(store::Part::tables));
  LINNET_CHECK(database->checkpoint(store::Part::log));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  LINNET_TRY(const auto sizes, database->sizes());
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  fmt::print(
      R"({{"mode":"naive","events":{},"seconds":{:.3f},"per_second":{:.0f},"tables":{},"log":{},"resident_kb":{}}})"
      "\n",
      id, seconds, static_cast<double>(id) / seconds, sizes[0].bytes, sizes[1].bytes, usage.ru_maxrss);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    fmt::print(stderr, "usage: naive_ingest FILE DATABASE BATCH\n");
    return 2;
  }
  const auto status = run(argv[1], argv[2], std::stoll(argv[3]));
  if (status) return 0;
  fmt::print(stderr, "{}\n", status.error().message);
  return 1;
}
