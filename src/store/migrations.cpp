#include "store/migrations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

#include "base/clock.hpp"

namespace linnet::store {
namespace {

constexpr std::array kParts{Part::tables, Part::log, Part::search};

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

// The SQL with each {macro} or {macro:argument} replaced by what the engine has for it.
std::string expand(const Database& database, std::string_view sql) {
  std::string out;
  while (true) {
    const auto open = sql.find('{');
    out.append(sql.substr(0, open));
    if (open == std::string_view::npos) return out;
    const auto close = sql.find('}', open);
    const auto inside = sql.substr(open + 1, close - open - 1);
    const auto colon = inside.find(':');
    const auto argument = colon == std::string_view::npos ? std::string_view() : inside.substr(colon + 1);
    out += database.expand_macro(inside.substr(0, colon), argument);
    sql.remove_prefix(close + 1);
  }
}

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

Result<std::vector<MigrationState>> applied_in(Connection& connection, Part part) {
  LINNET_CHECK(make_table(connection, part));
  std::vector<MigrationState> states;
  LINNET_CHECK(for_each_row(
      connection, fmt::format("SELECT number, name, applied_at FROM {} ORDER BY number", table_of(part)), {},
      [&](const Statement& row) {
        states.push_back({part, static_cast<int>(row.integer(0)), std::string(row.text(1)), row.instant(2)});
      }));
  return states;
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

Status refuse_newer(const std::vector<MigrationState>& applied, const std::vector<const Migration*>& known,
                    Part part) {
  const int last = known.empty() ? 0 : known.back()->number;
  if (applied.empty() || applied.back().number <= last) return {};
  return Error::of(
      ErrorKind::conflict,
      fmt::format("the database was made by a newer linnet: its {} schema is number {} ({}), this program "
                  "knows up to {}; install the newer version, or restore a backup",
                  name_of(part), applied.back().number, applied.back().name, last));
}

Status apply_up(const Database& database, Connection& connection, const Migration& migration) {
  LINNET_TRY(auto transaction, Transaction::begin(connection));
  LINNET_CHECK(connection.execute(expand(database, migration.up)));
  LINNET_CHECK(run(
      connection,
      fmt::format("INSERT INTO {} (number, name, applied_at) VALUES ($1, $2, $3)", table_of(migration.part)),
      {std::int64_t{migration.number}, migration.name, to_micros(SystemClock().now())}));
  return transaction.commit();
}

Status apply_down(const Database& database, Connection& connection, const Migration& migration) {
  LINNET_TRY(auto transaction, Transaction::begin(connection));
  LINNET_CHECK(connection.execute(expand(database, migration.down)));
  LINNET_CHECK(run(connection, fmt::format("DELETE FROM {} WHERE number = $1", table_of(migration.part)),
                   {std::int64_t{migration.number}}));
  return transaction.commit();
}

}  // namespace

Result<int> migrate(Database& database) {
  int count = 0;
  for (const auto part : kParts) {
    LINNET_TRY(auto connection, database.connect(part));
    LINNET_TRY(const auto applied, applied_in(*connection, part));
    const auto known = known_of(database.engine(), part);
    LINNET_CHECK(refuse_newer(applied, known, part));
    const int last = applied.empty() ? 0 : applied.back().number;
    for (const auto* migration : known) {
      if (migration->number <= last) continue;
      LINNET_CHECK(apply_up(database, *connection, *migration));
      ++count;
    }
  }
  return count;
}

Result<int> rollback(Database& database) {
  int count = 0;
  for (const auto part : kParts) {
    LINNET_TRY(auto connection, database.connect(part));
    LINNET_TRY(const auto applied, applied_in(*connection, part));
    const auto known = known_of(database.engine(), part);
    LINNET_CHECK(refuse_newer(applied, known, part));
    if (applied.empty()) continue;
    // Numbers may have gaps.
    const auto newest = std::find_if(known.begin(), known.end(), [&](const auto* migration) {
      return migration->number == applied.back().number;
    });
    if (newest == known.end())
      return Error::of(ErrorKind::conflict,
                       fmt::format("{}: migration {} ({}) is not known to this program", name_of(part),
                                   applied.back().number, applied.back().name));
    LINNET_CHECK(apply_down(database, *connection, **newest));
    ++count;
  }
  return count;
}

Status reset(Database& database) {
  while (true) {
    LINNET_TRY(const int taken_back, rollback(database));
    if (taken_back == 0) break;
  }
  LINNET_TRY(const int applied, migrate(database));
  (void)applied;
  return {};
}

Result<std::vector<MigrationState>> migration_states(Database& database) {
  std::vector<MigrationState> states;
  for (const auto part : kParts) {
    LINNET_TRY(auto connection, database.connect(part));
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

}  // namespace linnet::store
