#include "observe/erasure_leftovers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <span>

#include "observe/projector.hpp"

namespace linnet::observe {
namespace {

constexpr std::string_view kSearch = "search";
constexpr std::string_view kHour = "hour";
constexpr std::string_view kDay = "day";
constexpr std::string_view kAction = "action";

Status leave(store::Connection& connection, std::string_view kind, const std::string& item) {
  return store::run(
      connection,
      "INSERT INTO erasure_leftovers (kind, item) VALUES ($1, $2) ON CONFLICT (kind, item) DO NOTHING",
      {kind, std::string_view(item)});
}

Status forget(store::Connection& connection, std::string_view kind, const std::string& item) {
  return store::run(connection, "DELETE FROM erasure_leftovers WHERE kind = $1 AND item = $2",
                    {kind, std::string_view(item)});
}

std::string item_of(InstanceId instance, const std::string& date) {
  return fmt::format("{}/{}", instance.value(), date);
}

std::int64_t number_in(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// The greatest numbers of rows that are left.
struct Newest {
  std::int64_t post = 0;
  std::int64_t message = 0;
};

Status delete_from_index(store::Connection& search, const std::vector<std::int64_t>& rows,
                         const Newest& newest) {
  const bool is_sqlite = search.engine() == store::Engine::sqlite;
  if (is_sqlite) LINNET_CHECK(search.execute("PRAGMA secure_delete = ON"));
  LINNET_TRY(auto transaction, store::Transaction::begin(search));
  // Whoever writes to the index has written what was read before, and sees from now on that it is gone.
  LINNET_CHECK(
      store::run(search, "UPDATE search_marks SET row_position = row_position WHERE name = 'search'"));
  for (const auto row : rows) {
    LINNET_CHECK(store::run(search,
                            is_sqlite ? "DELETE FROM post_search WHERE rowid = $1"
                                      : "DELETE FROM post_search WHERE row_number = $1",
                            {row}));
  }
  LINNET_CHECK(
      store::run(search,
                 "UPDATE search_marks SET row_position = CASE WHEN name = 'search' THEN $1 ELSE $2 END WHERE "
                 "(name = 'search' AND row_position > $1) OR (name = 'messages' AND row_position > $2)",
                 {newest.post, newest.message}));
  LINNET_CHECK(transaction.commit());
  // FTS5 only marks words as deleted: they stay in its segments until those are merged.
  return is_sqlite ? search.execute("INSERT INTO post_search (post_search) VALUES ('optimize')") : Status();
}

}  // namespace

Status leave_search_rows(store::Connection& connection, const std::vector<std::int64_t>& rows) {
  for (const auto row : rows) LINNET_CHECK(leave(connection, kSearch, std::to_string(row)));
  return {};
}

Status leave_hours(store::Connection& connection, const std::vector<Instant>& hours) {
  for (const auto hour : hours) LINNET_CHECK(leave(connection, kHour, std::to_string(to_micros(hour))));
  return {};
}

Status leave_day(store::Connection& connection, InstanceId instance, const std::string& date) {
  return leave(connection, kDay, item_of(instance, date));
}

Status leave_action(store::Connection& connection, const std::string& attempt) {
  return leave(connection, kAction, attempt);
}

Result<std::vector<std::string>> read_left_actions(store::Connection& connection) {
  std::vector<std::string> attempts;
  LINNET_CHECK(store::for_each_row(
      connection, "SELECT item FROM erasure_leftovers WHERE kind = $1 ORDER BY item", {kAction},
      [&](const store::Statement& row) { attempts.emplace_back(row.text(0)); }));
  return attempts;
}

Status forget_action(store::Connection& connection, const std::string& attempt) {
  return forget(connection, kAction, attempt);
}

Result<Leftovers> read_leftovers(store::Connection& connection) {
  Leftovers left;
  LINNET_CHECK(store::for_each_row(connection, "SELECT kind, item FROM erasure_leftovers ORDER BY kind, item",
                                   {}, [&](const store::Statement& row) {
                                     const auto item = row.text(1);
                                     const auto number = number_in(item);
                                     if (row.text(0) == kSearch) left.search_rows.push_back(number);
                                     if (row.text(0) == kHour) left.hours.push_back(from_micros(number));
                                     if (row.text(0) == kDay)
                                       left.days.emplace_back(InstanceId(number),
                                                              std::string(item.substr(item.find('/') + 1)));
                                   }));
  return left;
}

Status forget_hour(store::Connection& connection, Instant hour) {
  return forget(connection, kHour, std::to_string(to_micros(hour)));
}

Status forget_day(store::Connection& connection, InstanceId instance, const std::string& date) {
  return forget(connection, kDay, item_of(instance, date));
}

Status finish_search(store::Database& database, store::Writer& writer) {
  std::vector<std::int64_t> rows;
  Newest newest;
  {
    LINNET_TRY(auto reader, database.reader());
    LINNET_TRY(auto left, read_leftovers(*reader));
    rows = std::move(left.search_rows);
    LINNET_TRY(const auto found, store::query_integer(*reader, "SELECT max(row_number) FROM posts"));
    newest.post = found.value_or(0);
    LINNET_TRY(const auto message, store::query_integer(*reader, "SELECT max(row_number) FROM messages"));
    newest.message = message.value_or(0);
  }
  if (rows.empty()) return {};
  {
    LINNET_TRY(auto search, database.connect(store::Part::search));
    LINNET_CHECK(delete_from_index(*search, rows, newest));
  }
  constexpr std::size_t kAtOnce = 500;
  for (std::size_t begin = 0; begin < rows.size(); begin += kAtOnce) {
    const auto some = std::span(rows).subspan(begin, std::min(kAtOnce, rows.size() - begin));
    LINNET_CHECK(writer.write([&](store::Connection& connection) -> Status {
      // Followers pass a number of content_changes once: numbers must become visible in their order.
      LINNET_TRY(const auto tables, lock_tables(connection));
      (void)tables;
      for (const auto row : some) {
        // A newer post may have got the number since, and have been in the index already.
        LINNET_CHECK(store::run(connection,
                                "INSERT INTO content_changes (instance_id, post_id) SELECT instance_id, id "
                                "FROM posts WHERE row_number = $1",
                                {row}));
        LINNET_CHECK(
            store::run(connection,
                       "INSERT INTO message_changes (instance_id, message_id) SELECT instance_id, id "
                       "FROM messages WHERE row_number = $1",
                       {-row}));
        LINNET_CHECK(forget(connection, kSearch, std::to_string(row)));
      }
      return {};
    }));
  }
  return {};
}

}  // namespace linnet::observe
