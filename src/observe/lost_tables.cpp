#include "observe/lost_tables.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "observe/event_log.hpp"
#include "observe/projector.hpp"
#include "store/migrations.hpp"

namespace linnet::observe {
namespace {

constexpr std::string_view kLostWithThem =
    "opt-outs, consents, the blocklist, accounts and sign-ins, actions, messages, the emergency stop and the "
    "audit trail";

Result<EventId> last_of_log(store::Database& database) {
  LINNET_TRY(const bool has_log, store::has_schema(database, store::Part::log));
  if (!has_log) return EventId(0);
  LINNET_TRY(const auto log, database.connect(store::Part::log));
  return last_logged(*log);
}

// A server is always in the tables before its first event is in the log: tables without any are new, and not
// yet what `begin_tables_anew` makes of them.
Result<bool> knows_servers(store::Database& database) {
  LINNET_TRY(const bool has_tables, store::has_schema(database, store::Part::tables));
  if (!has_tables) return false;
  LINNET_TRY(auto reader, database.reader());
  LINNET_TRY(const auto any, store::query_integer(*reader, "SELECT min(id) FROM instances"));
  return any.has_value();
}

}  // namespace

Result<bool> are_tables_lost(store::Database& database) {
  if (database.is_read_only()) return false;  // nothing is made there
  LINNET_TRY(const bool knows_some, knows_servers(database));
  if (knows_some) return false;
  LINNET_TRY(const auto last, last_of_log(database));
  if (last.value() == 0) return false;
  // Another program may have begun the database meanwhile.
  LINNET_TRY(const bool knows_some_now, knows_servers(database));
  return !knows_some_now;
}

Status refuse_lost_tables(store::Database& database) {
  LINNET_TRY(const bool are_lost, are_tables_lost(database));
  if (!are_lost) return {};
  LINNET_TRY(const auto last, last_of_log(database));
  return Error::of(
      ErrorKind::corrupt,
      fmt::format(
          "{}: the tables are missing or empty, but the event log beside them holds {} events. Put the "
          "file linnet.db that belongs to it back, or the newest backup, with its log. If there is none, "
          "linnet events continue makes the tables anew from the log; {} are lost with the old ones",
          database.description(), last.value(), kLostWithThem));
}

Result<std::int64_t> begin_tables_anew(store::Database& database, Instant now) {
  // Before anything is made: it goes through all of the log.
  std::int64_t servers = 0;
  {
    LINNET_TRY(const auto log, database.connect(store::Part::log));
    LINNET_TRY(const auto greatest, store::query_integer(*log, "SELECT max(instance_id) FROM event_rows"));
    servers = greatest.value_or(0);
  }
  constexpr std::int64_t kMost = 100'000;
  if (servers > kMost)
    return Error::of(ErrorKind::corrupt, "the event log names servers by numbers that cannot be");
  LINNET_TRY(const int applied, store::migrate(database));
  (void)applied;
  LINNET_TRY(const auto tables, database.connect(store::Part::tables));
  LINNET_TRY(auto transaction, store::Transaction::begin(*tables));
  // In the order of their numbers, which begin with 1 in a table that is new; where this was broken off
  // before, some of PostgreSQL's are used up.
  if (tables->engine() == store::Engine::postgres)
    LINNET_CHECK(tables->execute("ALTER TABLE instances ALTER COLUMN id RESTART WITH 1"));
  for (std::int64_t number = 1; number <= servers; ++number)
    LINNET_CHECK(store::run(*tables, "INSERT INTO instances (base_url, created_at) VALUES ($1, $2)",
                            {fmt::format("https://lost-{}.invalid", number), to_micros(now)}));
  LINNET_CHECK(transaction.commit());
  return servers;
}

Result<std::optional<TablesBehind>> find_tables_behind(store::Connection& connection) {
  TablesBehind behind;
  // In this order: what others apply and note meanwhile is no news. And the tables' marks at once, for a
  // replay changes both.
  LINNET_TRY(const auto once, store::query_integer(connection, "SELECT max(last_event_id) FROM event_marks"));
  behind.once = EventId(once.value_or(0));
  std::int64_t rebuilt = 0;
  LINNET_CHECK(store::for_each_row(
      connection, "SELECT name, position FROM projection_marks WHERE name IN ('tables', 'rebuilt')", {},
      [&](const store::Statement& row) {
        if (row.text(0) == "tables") behind.applied = EventId(row.integer(1));
        if (row.text(0) == "rebuilt") rebuilt = row.integer(1);
      }));
  if (behind.once.value() <= std::max(behind.applied.value(), rebuilt)) return std::optional<TablesBehind>();
  behind.in_words = fmt::format(
      "the tables hold everything up to event {}, but held everything up to event {} before: an older "
      "linnet.db "
      "was put back, or the tables were emptied. Posts come again from the log; what was changed since then "
      "in "
      "{} does not. It is in the file that was there before, or in a newer backup",
      behind.applied.value(), behind.once.value(), kLostWithThem);
  return std::optional(std::move(behind));
}

Status note_replay_begins(store::Connection& connection, EventId applied) {
  return store::run(
      connection,
      "INSERT INTO projection_marks (name, position) VALUES ('rebuilt', $1) ON CONFLICT (name) DO "
      "UPDATE SET position = CASE WHEN projection_marks.position > excluded.position THEN "
      "projection_marks.position ELSE excluded.position END",
      {applied.value()});
}

}  // namespace linnet::observe
