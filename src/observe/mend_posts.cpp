#include "observe/mend_posts.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/hashtag_name.hpp"
#include "base/html_text.hpp"
#include "base/json_names.hpp"
#include "connect/every_platform.hpp"
#include "observe/erasure_leftovers.hpp"
#include "observe/post_removal.hpp"
#include "observe/post_state.hpp"
#include "observe/projector.hpp"
#include "observe/rewrite_log.hpp"
#include "observe/tag_hours.hpp"

namespace linnet::observe {
namespace {

namespace json = boost::json;
using store::Statement;
using store::Value;

constexpr std::int64_t kChunk = 500;  // posts in one transaction
constexpr std::string_view kMessages = "lower(p.visibility) IN ('direct', 'specified')";

struct Row {
  std::int64_t number = 0;
  InstanceId instance{};
  std::string id, account, platform;
  Instant created_at{}, discovered_at{};
  std::int64_t versions = 0;
  std::optional<std::string> html, text;
  std::string hashtags;
};

Result<std::vector<Row>> rows_after(store::Connection& connection, std::int64_t number,
                                    std::string_view condition) {
  std::vector<Row> rows;
  const auto sql =
      "SELECT p.row_number, p.instance_id, p.id, p.account_id, i.platform, p.created_at, p.discovered_at, "
      "p.version_seq, p.content_html, p.content_text, p.hashtags FROM posts p JOIN instances i ON i.id = "
      "p.instance_id WHERE p.row_number > $1 AND " +
      std::string(condition) + " ORDER BY p.row_number LIMIT $2";
  LINNET_CHECK(store::for_each_row(connection, sql, {number, kChunk}, [&](const Statement& row) {
    rows.push_back({row.integer(0), InstanceId(row.integer(1)), std::string(row.text(2)),
                    std::string(row.text(3)), std::string(row.text(4)), row.instant(5), row.instant(6),
                    row.integer(7), row.maybe_text(8), row.maybe_text(9), std::string(row.text(10))});
  }));
  return rows;
}

class Mender {
 public:
  explicit Mender(store::Connection& connection) : connection_(connection) {}

  // False where nothing had to be done.
  Result<bool> mend(const Row& row) {
    const auto time = believed_time(row.created_at, row.discovered_at);
    const auto* const door = connect::find_platform(row.platform);
    const bool is_markup = row.html && (door == nullptr || door->posts_are_html);
    const auto text = is_markup ? std::optional(html_to_text(*row.html)) : row.text;
    const auto before = json_names(row.hashtags);
    const auto after = names_of(before);
    const bool has_moved = time != row.created_at;
    const bool is_retagged = before != after;
    if (!has_moved && !is_retagged && text == row.text) return false;
    if (has_moved || is_retagged) {
      for (const auto& name : before) LINNET_CHECK(untag(row, name));
      for (const auto& name : after) LINNET_CHECK(tag(row, name, time));
    }
    LINNET_CHECK(write(row, time, text, after));
    return true;
  }

  Status remove(const Row& row) {
    ErasedPosts gone;
    LINNET_CHECK(
        remove_posts(connection_, {{row.number, row.instance, row.id, row.created_at, row.hashtags}}, gone));
    // Whoever is known by messages alone is not known.
    LINNET_CHECK(store::run(connection_,
                            "DELETE FROM platform_users WHERE instance_id = $1 AND id = $2 AND NOT EXISTS "
                            "(SELECT 1 FROM posts p WHERE p.instance_id = $1 AND p.account_id = $2)",
                            {row.instance.value(), std::string_view(row.account)}));
    LINNET_CHECK(leave_search_rows(connection_, {row.number}));
    LINNET_CHECK(leave_hours(connection_, {floor_hour(row.created_at)}));
    return leave_day(connection_, row.instance, to_iso8601(row.created_at).substr(0, 10));
  }

  Status finish() { return hours_.count_again(connection_); }

 private:
  static std::vector<std::string> names_of(const std::vector<std::string>& written) {
    std::vector<std::string> names;
    for (const auto& one : written) {
      auto name = hashtag_name(one);
      if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(std::move(name));
    }
    return names;
  }

  Result<std::optional<std::int64_t>> find_tag(InstanceId instance, const std::string& name) {
    return store::query_integer(connection_, "SELECT id FROM hashtags WHERE instance_id = $1 AND name = $2",
                                {instance.value(), std::string_view(name)});
  }

  Status untag(const Row& row, const std::string& name) {
    LINNET_TRY(const auto tag, find_tag(row.instance, name));
    if (!tag) return {};
    hours_.note(row.instance, *tag, row.created_at);
    return store::run(connection_,
                      "DELETE FROM post_hashtags WHERE instance_id = $1 AND hashtag_id = $2 AND created_at = "
                      "$3 AND post_id = $4",
                      {row.instance.value(), *tag, to_micros(row.created_at), std::string_view(row.id)});
  }

  Status tag(const Row& row, const std::string& name, Instant time) {
    LINNET_TRY(auto tag, find_tag(row.instance, name));
    if (!tag) {
      LINNET_TRY(const auto greatest, store::query_integer(connection_, "SELECT max(id) FROM hashtags"));
      tag = greatest.value_or(0) + 1;
      LINNET_CHECK(store::run(connection_, "INSERT INTO hashtags (id, instance_id, name) VALUES ($1, $2, $3)",
                              {*tag, row.instance.value(), std::string_view(name)}));
    }
    hours_.note(row.instance, *tag, time);
    return store::run(connection_,
                      "INSERT INTO post_hashtags (instance_id, hashtag_id, created_at, post_id) VALUES ($1, "
                      "$2, $3, $4) ON CONFLICT DO NOTHING",
                      {row.instance.value(), *tag, to_micros(time), std::string_view(row.id)});
  }

  Status write(const Row& row, Instant time, const std::optional<std::string>& text,
               const std::vector<std::string>& hashtags) {
    const auto names = json::serialize(json::value_from(hashtags));
    LINNET_CHECK(store::run(
        connection_,
        "UPDATE posts SET created_at = $3, content_text = $4, hashtags = $5, stated_created_at = CASE WHEN "
        "created_at <> $3 THEN created_at ELSE stated_created_at END, valid_from = CASE WHEN version_seq <= "
        "1 THEN $3 ELSE valid_from END WHERE instance_id = $1 AND id = $2",
        {row.instance.value(), std::string_view(row.id), to_micros(time),
         text ? Value(std::string_view(*text)) : Value(),
         hashtags.empty() ? Value() : Value(std::string_view(names))}));
    if (time != row.created_at) {
      LINNET_CHECK(store::run(connection_,
                              "UPDATE post_past_versions SET valid_from = $3 WHERE instance_id = $1 AND "
                              "post_id = $2 AND version_seq = 1",
                              {row.instance.value(), std::string_view(row.id), to_micros(time)}));
    }
    if (text == row.text) return {};
    return store::run(connection_, "INSERT INTO content_changes (instance_id, post_id) VALUES ($1, $2)",
                      {row.instance.value(), std::string_view(row.id)});
  }

  store::Connection& connection_;
  TagHours hours_;
};

// What was done to a chunk of posts.
struct Chunk {
  std::int64_t read = 0;
  std::int64_t changed = 0;
  std::int64_t last = 0;  // row number
};

using Change = std::function<Result<bool>(Mender&, const Row&)>;

// One transaction, under the lock of the tables from the reading to the writing: another process may take in
// events meanwhile, whose edits must not be overwritten by what was read before them.
Result<Chunk> change_chunk(store::Writer& writer, std::int64_t after, std::string_view condition,
                           const Change& change) {
  Chunk chunk;
  LINNET_CHECK(writer.write([&](store::Connection& connection) -> Status {
    chunk = {};
    LINNET_TRY(const auto tables, lock_tables(connection));
    (void)tables;
    LINNET_TRY(const auto rows, rows_after(connection, after, condition));
    Mender mender(connection);
    for (const auto& row : rows) {
      LINNET_TRY(const bool has_changed, change(mender, row));
      chunk.changed += has_changed ? 1 : 0;
      chunk.last = row.number;
    }
    chunk.read = static_cast<std::int64_t>(rows.size());
    LINNET_CHECK(mender.finish());
    // What others remember of the tables, such as the number of the next hashtag, holds no more.
    return chunk.changed > 0 ? begin_generation(connection) : Status();
  }));
  return chunk;
}

}  // namespace

Result<std::int64_t> remove_messages(store::Database& database, store::Writer& writer) {
  std::int64_t removed = 0;
  while (true) {
    LINNET_TRY(const auto chunk,
               change_chunk(writer, 0, kMessages, [](Mender& mender, const Row& row) -> Result<bool> {
                 LINNET_CHECK(mender.remove(row));
                 return true;
               }));
    if (chunk.read == 0) break;
    removed += chunk.changed;
    let_others_in();
  }
  if (removed > 0) LINNET_CHECK(finish_search(database, writer));
  return removed;
}

Result<std::int64_t> mend_posts(store::Writer& writer) {
  std::int64_t mended = 0;
  std::int64_t last = 0;
  while (true) {
    LINNET_TRY(const auto chunk, change_chunk(writer, last, "1 = 1", [](Mender& mender, const Row& row) {
                 return mender.mend(row);
               }));
    if (chunk.read == 0) return mended;
    last = chunk.last;
    mended += chunk.changed;
    if (chunk.changed > 0) let_others_in();
  }
}

}  // namespace linnet::observe
