#include "analyze/followers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "analyze/scored_language.hpp"
#include "analyze/search_text.hpp"
#include "analyze/sentiment_vader.hpp"
#include "base/hash.hpp"
#include "base/json_names.hpp"
#include "store/bulk.hpp"

namespace linnet::analyze {
namespace {

using store::ColumnType;
using store::Statement;
using store::Value;

constexpr std::string_view kPrompt = "none";  // a lexicon asks nobody

struct Changed {
  std::int64_t row_number;
  bool is_deleted;
  std::string text;
};

struct Marks {
  std::int64_t row = 0;
  std::int64_t change = 0;
  std::int64_t emptied = 0;  // of the index: how often the tables had been when it was read from them
};

Result<std::int64_t> mark_of(store::Connection& connection, std::string_view name) {
  LINNET_TRY(
      const auto position,
      store::query_integer(connection, "SELECT position FROM projection_marks WHERE name = $1", {name}));
  return position.value_or(0);
}

// How often rows were taken out of the tables behind the log, whether by an erasure or by a replay. Read
// before the posts, and again where nothing can change any more before what was read is written: where it is
// another, words of posts that are gone would be written down, or marks of row numbers that begin anew.
Result<std::int64_t> generation_of(store::Connection& connection) {
  return mark_of(connection, "generation");
}

// A character that no query has stands between the fields, so that no phrase reaches over their border.
void append_field(std::string& text, std::string_view field) {
  const auto segmented = segment_for_search(field);
  if (!segmented.empty()) text.append(text.empty() ? "" : " \uE000 ").append(segmented);
}

// Posts after the mark by row number, then those that changed since.
Status read_changes(store::Connection& reader, Marks& marks, std::int64_t most, std::vector<Changed>& posts) {
  const auto take = [&](const Statement& row) {
    std::string text = segment_for_search(row.text(2));
    append_field(text, row.text(3));
    for (const auto& tag : json_names(row.text(4))) append_field(text, tag);
    append_field(text, row.text(5));
    posts.push_back({row.integer(0), row.integer(1) != 0, std::move(text)});
  };
  LINNET_CHECK(store::for_each_row(
      reader,
      R"(SELECT p.row_number, CASE WHEN p.deleted_at IS NULL AND p.version_seq > 0 THEN 0 ELSE 1 END,
           p.content_text, p.spoiler_text, p.hashtags, u.acct FROM posts p
         LEFT JOIN platform_users u ON u.instance_id = p.instance_id AND u.id = p.account_id
         WHERE p.row_number > $1 ORDER BY p.row_number LIMIT $2)",
      {marks.row, most}, [&](const Statement& row) {
        marks.row = row.integer(0);
        take(row);
      }));
  return store::for_each_row(
      reader,
      R"(SELECT p.row_number, CASE WHEN p.deleted_at IS NULL AND p.version_seq > 0 THEN 0 ELSE 1 END,
           p.content_text, p.spoiler_text, p.hashtags, u.acct, c.seq FROM content_changes c
         JOIN posts p ON p.instance_id = c.instance_id AND p.id = c.post_id
         LEFT JOIN platform_users u ON u.instance_id = p.instance_id AND u.id = p.account_id
         WHERE c.seq > $1 ORDER BY c.seq LIMIT $2)",
      {marks.change, most}, [&](const Statement& row) {
        marks.change = row.integer(6);
        if (row.integer(0) <= marks.row) take(row);
      });
}

// Messages stand in the same index, below 0.
Status read_message_changes(store::Connection& reader, Marks& marks, std::int64_t most,
                            std::vector<Changed>& messages) {
  const auto take = [&](const Statement& row) {
    std::string text = segment_for_search(row.text(2));
    append_field(text, row.text(3));
    messages.push_back({-row.integer(0), row.integer(1) != 0, std::move(text)});
  };
  LINNET_CHECK(store::for_each_row(
      reader,
      R"(SELECT m.row_number, CASE WHEN m.deleted_at IS NULL AND m.content IS NOT NULL THEN 0 ELSE 1 END,
           m.content, u.acct FROM messages m
         LEFT JOIN platform_users u ON u.instance_id = m.instance_id AND u.id = m.author_id
         WHERE m.row_number > $1 ORDER BY m.row_number LIMIT $2)",
      {marks.row, most}, [&](const Statement& row) {
        marks.row = row.integer(0);
        take(row);
      }));
  return store::for_each_row(
      reader,
      R"(SELECT m.row_number, CASE WHEN m.deleted_at IS NULL AND m.content IS NOT NULL THEN 0 ELSE 1 END,
           m.content, u.acct, c.seq FROM message_changes c
         JOIN messages m ON m.instance_id = c.instance_id AND m.id = c.message_id
         LEFT JOIN platform_users u ON u.instance_id = m.instance_id AND u.id = m.author_id
         WHERE c.seq > $1 ORDER BY c.seq LIMIT $2)",
      {marks.change, most}, [&](const Statement& row) {
        marks.change = row.integer(4);
        if (row.integer(0) <= marks.row) take(row);
      });
}

Result<Marks> search_marks(store::Connection& connection, std::string_view name) {
  Marks marks;
  LINNET_CHECK(store::for_each_row(
      connection, "SELECT row_position, change_position, emptied FROM search_marks WHERE name = $1", {name},
      [&](const Statement& row) {
        marks = {row.integer(0), row.integer(1), row.integer(2)};
      }));
  return marks;
}

Status index_post(store::Connection& search, const Changed& post) {
  const bool is_sqlite = search.engine() == store::Engine::sqlite;
  LINNET_CHECK(store::run(search,
                          is_sqlite ? "DELETE FROM post_search WHERE rowid = $1"
                                    : "DELETE FROM post_search WHERE row_number = $1",
                          {post.row_number}));
  if (post.is_deleted) return {};
  if (is_sqlite) {
    return store::run(search, "INSERT INTO post_search (rowid, text) VALUES ($1, $2)",
                      {post.row_number, std::string_view(post.text)});
  }
  const auto vector = to_tsvector(post.text);
  return store::run(search, "INSERT INTO post_search (row_number, document) VALUES ($1, $2::tsvector)",
                    {post.row_number, std::string_view(vector)});
}

Status set_search_marks(store::Connection& search, std::string_view name, const Marks& marks) {
  return store::run(search,
                    R"(INSERT INTO search_marks (name, row_position, change_position, emptied)
                       VALUES ($4, $1, $2, $3)
                       ON CONFLICT (name) DO UPDATE SET row_position = excluded.row_position,
                         change_position = excluded.change_position, emptied = excluded.emptied)",
                    {marks.row, marks.change, marks.emptied, name});
}

// What of the index one follower fills.
struct IndexPart {
  std::string_view name;       // of its mark
  std::string_view condition;  // of its rows
  Status (*read)(store::Connection& reader, Marks& marks, std::int64_t most, std::vector<Changed>& changed);
};
constexpr IndexPart kPostsPart{"search", "> 0", read_changes};
constexpr IndexPart kMessagesPart{"messages", "< 0", read_message_changes};

Status empty_part(store::Connection& search, const IndexPart& part) {
  const bool is_sqlite = search.engine() == store::Engine::sqlite;
  return search.execute(
      fmt::format("DELETE FROM post_search WHERE {} {}", is_sqlite ? "rowid" : "row_number", part.condition));
}

// Keeps everybody else who changes the index out until the transaction ends, on PostgreSQL too.
Status lock_index(store::Connection& search) {
  return store::run(search, "UPDATE search_marks SET row_position = row_position WHERE name = 'search'");
}

Result<bool> follow_part(const IndexPart& part, store::Connection& reader, store::Connection& search_writer,
                         std::int64_t most) {
  LINNET_TRY(const auto generation, generation_of(reader));
  LINNET_TRY(const auto emptied, mark_of(reader, "emptied"));
  LINNET_TRY(const auto before, search_marks(reader, part.name));
  const bool begins_anew = before.emptied != emptied;
  Marks marks = before;
  std::vector<Changed> posts;
  if (begins_anew) {
    marks = {0, 0, emptied};
  } else {
    LINNET_CHECK(part.read(reader, marks, most, posts));
    if (marks.row == before.row && marks.change == before.change) return false;
  }
  LINNET_TRY(auto transaction, store::Transaction::begin(search_writer));
  LINNET_CHECK(lock_index(search_writer));
  // Whoever takes rows away after this look empties the index when we have let it go.
  LINNET_TRY(const auto generation_now, generation_of(reader));
  if (generation_now != generation) return true;  // read again
  if (begins_anew) LINNET_CHECK(empty_part(search_writer, part));
  for (const auto& post : posts) LINNET_CHECK(index_post(search_writer, post));
  LINNET_CHECK(set_search_marks(search_writer, part.name, marks));
  LINNET_CHECK(transaction.commit());
  return true;
}

}  // namespace

Result<bool> follow_with_search(store::Connection& reader, store::Connection& search_writer,
                                std::int64_t most) {
  return follow_part(kPostsPart, reader, search_writer, most);
}

Result<bool> follow_messages_with_search(store::Connection& reader, store::Connection& search_writer,
                                         std::int64_t most) {
  return follow_part(kMessagesPart, reader, search_writer, most);
}

namespace {

struct Unscored {
  std::int64_t instance;
  std::string post_id;
  std::int64_t seq;
  std::string text;
};

Status set_mark(store::Connection& connection, std::string_view name, std::int64_t position) {
  return store::run(connection,
                    R"(INSERT INTO projection_marks (name, position) VALUES ($1, $2)
                       ON CONFLICT (name) DO UPDATE SET position = excluded.position)",
                    {name, position});
}

// Every version of the post that has no score of this model yet, and the post's language.
constexpr std::string_view kUnscoredOf =
    R"(SELECT v.instance_id, v.post_id, v.version_seq, v.content_text, (SELECT p.language FROM posts p
         WHERE p.instance_id = v.instance_id AND p.id = v.post_id) FROM post_versions v
       WHERE v.instance_id = $1 AND v.post_id = $2 AND v.content_text IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM post_sentiments s WHERE s.instance_id = v.instance_id
         AND s.post_id = v.post_id AND s.status_version_seq = v.version_seq AND s.model = $3
         AND s.prompt_version = $4))";

Status write_score(store::Connection& connection, const Unscored& version, Instant now) {
  const auto hash = sha256_hex(version.text);
  // The same text, model and prompt is scored once: an earlier row is copied.
  LINNET_CHECK(store::run(
      connection,
      R"(INSERT INTO post_sentiments (instance_id, post_id, status_version_seq, model, prompt_version,
           input_hash, score, positive, neutral, negative, sentiment_label, analyzed_at)
         SELECT CAST($1 AS BIGINT), $2, CAST($3 AS BIGINT), model, prompt_version, input_hash, score,
           positive, neutral, negative, sentiment_label, analyzed_at FROM post_sentiments
         WHERE input_hash = $4 AND model = $5 AND prompt_version = $6 LIMIT 1 ON CONFLICT DO NOTHING)",
      {version.instance, std::string_view(version.post_id), version.seq, std::string_view(hash), kVaderModel,
       kPrompt}));
  if (connection.changes() > 0) return {};
  const auto sentiment = score_sentiment(version.text);
  return store::run(
      connection,
      R"(INSERT INTO post_sentiments (instance_id, post_id, status_version_seq, model, prompt_version,
           input_hash, score, positive, neutral, negative, sentiment_label, analyzed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING)",
      {version.instance, std::string_view(version.post_id), version.seq, kVaderModel, kPrompt,
       std::string_view(hash), sentiment.compound, sentiment.positive, sentiment.neutral, sentiment.negative,
       to_string(sentiment_label(sentiment.compound)), to_micros(now)});
}

}  // namespace

Result<bool> follow_with_sentiment(store::Connection& reader, store::Writer& writer, Clock& clock,
                                   std::int64_t most) {
  LINNET_TRY(const auto generation, generation_of(reader));
  LINNET_TRY(const auto row_before, mark_of(reader, "sentiment"));
  LINNET_TRY(const auto change_before, mark_of(reader, "sentiment_changes"));
  Marks marks{row_before, change_before};
  std::vector<std::pair<std::int64_t, std::string>> posts;
  LINNET_CHECK(store::for_each_row(
      reader,
      "SELECT row_number, instance_id, id FROM posts WHERE row_number > $1 ORDER BY row_number LIMIT $2",
      {marks.row, most}, [&](const Statement& row) {
        marks.row = row.integer(0);
        posts.emplace_back(row.integer(1), row.text(2));
      }));
  LINNET_CHECK(store::for_each_row(
      reader, "SELECT seq, instance_id, post_id FROM content_changes WHERE seq > $1 ORDER BY seq LIMIT $2",
      {marks.change, most}, [&](const Statement& row) {
        marks.change = row.integer(0);
        posts.emplace_back(row.integer(1), row.text(2));
      }));
  if (posts.empty()) return false;
  std::vector<Unscored> versions;
  for (const auto& [instance, id] : posts) {
    LINNET_CHECK(store::for_each_row(reader, kUnscoredOf,
                                     {instance, std::string_view(id), kVaderModel, kPrompt},
                                     [&](const Statement& row) {
                                       if (!is_scored_language(row.text(4), row.text(3))) return;
                                       versions.push_back({row.integer(0), std::string(row.text(1)),
                                                           row.integer(2), std::string(row.text(3))});
                                     }));
  }
  LINNET_TRY(const auto search_position, search_marks(reader, kPostsPart.name));
  LINNET_CHECK(writer.write([&](store::Connection& connection) -> Status {
    LINNET_TRY(const auto generation_now, generation_of(connection));
    if (generation_now != generation) return {};  // read again
    for (const auto& version : versions) LINNET_CHECK(write_score(connection, version, clock.now()));
    LINNET_CHECK(set_mark(connection, "sentiment", marks.row));
    LINNET_CHECK(set_mark(connection, "sentiment_changes", marks.change));
    // What both have read need not be kept.
    return store::run(connection, "DELETE FROM content_changes WHERE seq <= $1",
                      {std::min(marks.change, search_position.change)});
  }));
  return true;
}

namespace {

Result<FollowerState> state_at(store::Connection& reader, std::int64_t mark) {
  LINNET_TRY(const auto newest, store::query_integer(reader, "SELECT max(row_number) FROM posts"));
  return FollowerState{mark, std::max<std::int64_t>(newest.value_or(0) - mark, 0)};
}

}  // namespace

Result<FollowerState> search_state(store::Connection& reader) {
  LINNET_TRY(const auto marks, search_marks(reader, kPostsPart.name));
  return state_at(reader, marks.row);
}

Result<FollowerState> sentiment_state(store::Connection& reader) {
  LINNET_TRY(const auto mark, mark_of(reader, "sentiment"));
  return state_at(reader, mark);
}

}  // namespace linnet::analyze
