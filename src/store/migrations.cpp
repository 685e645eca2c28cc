#include "store/migrations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/clock.hpp"
#include "store/migration_macros.hpp"

namespace linnet::store {
namespace {

constexpr std::array kParts{Part::tables, Part::log, Part::search};

// The table is per part, as each part is a file of its own on SQLite.
std::string table_of(Part part) {
  return fmt::format("schema_migrations_{}", name_of(part));
}

Status make_table(Connection& connection, Part part) {
  return connection.execute(
      fmt::format("CREATE TABLE IF NOT EXISTS {} (number BIGINT NOT NULL PRIMARY KEY, "
                  "name TEXT NOT NULL, applied_at BIGINT NOT NULL)",
                  table_of(part)));
}

Result<std::vector<MigrationState>> read_applied(Connection& connection, Part part) {
  std::vector<MigrationState> states;
  LINNET_CHECK(for_each_row(
      connection, fmt::format("SELECT number, name, applied_at FROM {} ORDER BY number", table_of(part)), {},
      [&](const Statement& row) {
        states.push_back({part, static_cast<int>(row.integer(0)), std::string(row.text(1)), row.instant(2)});
      }));
  return states;
}

Result<std::vector<MigrationState>> applied_in(Connection& connection, Part part) {
  LINNET_CHECK(make_table(connection, part));
  return read_applied(connection, part);
}

std::vector<const Migration*> known_of(Engine engine, Part part) {
  std::vector<const Migration*> known;
  for (const auto& migration : all_migrations()) {
    if (migration.part == part && (!migration.engine || *migration.engine == engine))
      known.push_back(&migration);
  }
  std::sort(known.begin(), known.end(), [](const auto* a, const auto* b) { return a->number < b->number; });
  return known;
}

bool is_applied(const std::vector<MigrationState>& applied, int number) {
  return std::any_of(applied.begin(), applied.end(),
                     [&](const MigrationState& state) { return state.number == number; });
}

// Numbers may have gaps, and one that was merged late may be lower than those that are applied.
Status refuse_unknown(const std::vector<MigrationState>& applied, const std::vector<const Migration*>& known,
                      Part part) {
  for (const auto& state : applied) {
    const bool is_known = std::any_of(
        known.begin(), known.end(), [&](const auto* migration) { return migration->number == state.number; });
    if (is_known) continue;
    return Error::of(
        ErrorKind::conflict,
        fmt::format("the database was made by a newer linnet: its {} schema has number {} ({}), which this "
                    "program does not know (it knows up to {}); install the newer version, or restore a "
                    "backup",
                    name_of(part), state.number, state.name, known.empty() ? 0 : known.back()->number));
  }
  return {};
}

// Two programs may start on one database at the same time. On PostgreSQL the lock goes with the connection;
// SQLite's transactions keep others out, who wait as long as a large table may take.
Status keep_others_out(Connection& connection) {
  constexpr std::int64_t kKey = 0x6c696e6e6574;  // "linnet"
  if (connection.engine() == Engine::sqlite) return connection.execute("PRAGMA busy_timeout = 600000");
  return run(connection, "SELECT pg_advisory_lock($1)", {kKey});
}

// False when another program was quicker.
Result<bool> apply_up(Connection& connection, const Migration& migration) {
  LINNET_TRY(const auto sql, expand_macros(connection.engine(), migration.up));
  LINNET_TRY(auto transaction, Transaction::begin(connection));
  LINNET_TRY(const auto applied, applied_in(connection, migration.part));
  if (is_applied(applied, migration.number)) return false;
  LINNET_CHECK(connection.execute(sql));
  LINNET_CHECK(run(
      connection,
      fmt::format("INSERT INTO {} (number, name, applied_at) VALUES ($1, $2, $3)", table_of(migration.part)),
      {std::int64_t{migration.number}, migration.name, to_micros(SystemClock().now())}));
  LINNET_CHECK(transaction.commit());
  return true;
}

Status apply_down(Connection& connection, const Migration& migration) {
  LINNET_TRY(const auto sql, expand_macros(connection.engine(), migration.down));
  LINNET_TRY(auto transaction, Transaction::begin(connection));
  LINNET_CHECK(connection.execute(sql));
  LINNET_CHECK(run(connection, fmt::format("DELETE FROM {} WHERE number = $1", table_of(migration.part)),
                   {std::int64_t{migration.number}}));
  return transaction.commit();
}

// Null when the part has none.
Result<const Migration*> newest_of(Database& database, Connection& connection, Part part) {
  LINNET_TRY(const auto applied, applied_in(connection, part));
  const auto known = known_of(database.engine(), part);
  LINNET_CHECK(refuse_unknown(applied, known, part));
  if (applied.empty()) return static_cast<const Migration*>(nullptr);
  return *std::find_if(known.begin(), known.end(),
                       [&](const auto* migration) { return migration->number == applied.back().number; });
}

// Of a database that may not be written.
Status refuse_what_is_not_up_to_date(Database& database) {
  LINNET_TRY(auto reader, database.reader());
  for (const auto part : kParts) {
    const auto known = known_of(database.engine(), part);
    LINNET_TRY(const auto applied, read_applied(*reader, part));
    LINNET_CHECK(refuse_unknown(applied, known, part));
    if (applied.size() == known.size()) continue;
    return unavailable(
        "the database is of an older linnet, and has to be brought up to date where it may be written: make "
        "it and its "
        "folder writable for this user, or copy them to another folder");
  }
  return {};
}

}  // namespace

std::string_view name_of(Part part) {
  switch (part) {
    case Part::tables:
      return "tables";
    case Part::log:
      return "log";
    case Part::search:
      return "search";
  }
  return "tables";
}

Result<int> migrate(Database& database, int most) {
  if (database.is_read_only()) {
    LINNET_CHECK(refuse_what_is_not_up_to_date(database));
    return 0;
  }
  int count = 0;
  LINNET_TRY(const auto guard, database.connect(Part::tables));
  LINNET_CHECK(keep_others_out(*guard));
  for (const auto part : kParts) {
    LINNET_TRY(auto connection, database.connect(part));
    if (connection->engine() == Engine::sqlite) LINNET_CHECK(keep_others_out(*connection));
    LINNET_TRY(const auto applied, applied_in(*connection, part));
    const auto known = known_of(database.engine(), part);
    LINNET_CHECK(refuse_unknown(applied, known, part));
    for (const auto* migration : known) {
      if (count >= most || is_applied(applied, migration->number)) continue;
      LINNET_TRY(const bool is_new, apply_up(*connection, *migration));
      if (is_new) ++count;
    }
  }
  return count;
}

Result<bool> has_schema(Database& database, Part part) {
  LINNET_TRY(auto connection, database.connect(part));
  const bool is_sqlite = connection->engine() == Engine::sqlite;
  if (is_sqlite) LINNET_CHECK(keep_others_out(*connection));  // waits as long as `migrate` does
  const auto table = table_of(part);
  LINNET_TRY(const auto tables,
             query_integer(*connection,
                           is_sqlite ? "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = $1"
                                     : "SELECT count(*) FROM pg_class WHERE relname = $1 AND relnamespace = "
                                       "current_schema()::regnamespace",
                           {std::string_view(table)}));
  if (tables.value_or(0) == 0) return false;
  LINNET_TRY(const auto applied, read_applied(*connection, part));
  return !applied.empty();
}

Result<int> rollback(Database& database, Part part) {
  LINNET_TRY(auto connection, database.connect(part));
  LINNET_CHECK(keep_others_out(*connection));
  LINNET_TRY(const auto* const newest, newest_of(database, *connection, part));
  if (newest == nullptr) return 0;
  LINNET_CHECK(apply_down(*connection, *newest));
  return 1;
}

Status reset(Database& database) {
  for (const auto part : kParts) {
    while (true) {
      LINNET_TRY(const int taken_back, rollback(database, part));
      if (taken_back == 0) break;
    }
  }
  LINNET_TRY(const int applied, migrate(database));
  (void)applied;
  return {};
}

Result<std::optional<RollbackLoss>> rollback_loss(Database& database, Part part) {
  LINNET_TRY(auto connection, database.connect(part));
  LINNET_TRY(const auto* const newest, newest_of(database, *connection, part));
  if (newest == nullptr) return std::optional<RollbackLoss>();
  RollbackLoss loss{{part, newest->number, std::string(newest->name), std::nullopt}, {}};
  LINNET_TRY(const auto sql, expand_macros(database.engine(), newest->down));
  for (auto& table : dropped_tables(sql)) {
    LINNET_TRY(const auto rows, query_integer(*connection, fmt::format("SELECT count(*) FROM {}", table)));
    loss.tables.push_back({std::move(table), rows.value_or(0)});
  }
  return std::optional(std::move(loss));
}

Result<std::vector<MigrationState>> migration_states(Database& database) {
  std::vector<MigrationState> states;
  for (const auto part : kParts) {
    LINNET_TRY(auto connection, database.connect(part));
    LINNET_CHECK(keep_others_out(*connection));  // two would make the table at once
    LINNET_TRY(auto applied, applied_in(*connection, part));
    for (const auto* migration : known_of(database.engine(), part)) {
      const auto place = std::find_if(applied.begin(), applied.end(),
                                      [&](const auto& state) { return state.number == migration->number; });
      states.push_back({part, migration->number, std::string(migration->name),
                        place == applied.end() ? std::nullopt : place->applied_at});
    }
  }
  return states;
}

Result<std::int64_t> count_rows(Connection& connection, std::string_view table) {
  LINNET_TRY(const auto rows, query_integer(connection, fmt::format("SELECT count(*) FROM {}", table)));
  return rows.value_or(0);
}

}  // namespace linnet::store
