#include "store/migrations.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <map>
#include <regex>
#include <set>

#include "kit/test_database.hpp"
#include "store/migration_macros.hpp"

namespace linnet::store {
namespace {

constexpr Part kParts[] = {Part::tables, Part::log, Part::search};

using Rows = std::map<std::string, std::int64_t>;  // by table

class Migrations : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
  }

  [[nodiscard]] std::unique_ptr<Connection> connect(Part part = Part::tables) const {
    auto connection = (*database_)->connect(part);
    if (!connection) ADD_FAILURE() << connection.error().message;
    return std::move(connection).value();
  }

  std::unique_ptr<test::TestDatabase> database_;
};

std::vector<std::string> texts(Connection& connection, const std::string& sql,
                               std::initializer_list<Value> values = {}) {
  std::vector<std::string> found;
  const auto done =
      for_each_row(connection, sql, values, [&](const Statement& row) { found.emplace_back(row.text(0)); });
  if (!done) ADD_FAILURE() << done.error().message;
  return found;
}

// The tables of the part, but for what the engine and the migrations keep for themselves.
std::vector<std::string> tables_of(Connection& connection) {
  auto tables = texts(connection, connection.engine() == Engine::sqlite
                                      ? "SELECT name FROM sqlite_master WHERE type = 'table'"
                                      : "SELECT table_name::text FROM information_schema.tables WHERE "
                                        "table_schema = current_schema() AND table_type = 'BASE TABLE'");
  std::erase_if(tables, [](const std::string& name) {
    return name.starts_with("sqlite_") || name.starts_with("schema_migrations_") ||
           name.starts_with("post_search_");
  });
  return tables;
}

// Those without a default of their own.
std::vector<std::string> columns_of(Connection& connection, const std::string& table) {
  return texts(connection,
               connection.engine() == Engine::sqlite
                   ? "SELECT name FROM pragma_table_info($1) WHERE dflt_value IS NULL"
                   : "SELECT column_name::text FROM information_schema.columns WHERE table_schema = "
                     "current_schema() AND table_name = $1 AND column_default IS NULL",
               {std::string_view(table)});
}

// What a CHECK lets into a column, whatever its table.
std::map<std::string, std::set<std::string>> allowed_values() {
  static const std::regex kCheck(R"(CHECK \((\w+) IN \('(\w+)')");
  std::map<std::string, std::set<std::string>> allowed;
  for (const auto& migration : all_migrations()) {
    const std::string sql(migration.up);
    for (std::sregex_iterator check(sql.begin(), sql.end(), kCheck), end; check != end; ++check)
      allowed[(*check)[1]].insert((*check)[2]);
  }
  return allowed;
}

// The same in every text and in every number of a row, so that each finds the rows it refers to.
Status insert_row(Connection& connection, const std::string& table, int number, std::size_t choice) {
  static const auto kAllowed = allowed_values();
  std::string names;
  std::string values;
  for (const auto& column : columns_of(connection, table)) {
    const auto allowed = kAllowed.find(column);
    std::string value = std::to_string(number);
    if (allowed != kAllowed.end())
      value =
          *std::next(allowed->second.begin(), static_cast<std::ptrdiff_t>(choice % allowed->second.size()));
    names += (names.empty() ? "" : ", ") + column;
    values += fmt::format("{}'{}'", values.empty() ? "" : ", ", value);
  }
  LINNET_TRY(auto transaction, Transaction::begin(connection));
  LINNET_CHECK(connection.execute(fmt::format("INSERT INTO {} ({}) VALUES ({})", table, names, values)));
  return transaction.commit();
}

// The audit trail is guarded: it is added to at its end, which its head knows.
bool add_to_audit_trail(Connection& connection) {
  return connection
      .execute(
          "INSERT INTO audit_head (name, number, hash, anchor_number, anchor_hash) SELECT 'audit', 0, '', 0, "
          "'' "
          "WHERE NOT EXISTS (SELECT 1 FROM audit_head); UPDATE audit_head SET number = number + 1; "
          "INSERT INTO audit_entries (number, id, run_id, step_id, event_type, outcome, timestamp, hash) "
          "SELECT number, 'a' || number, 'r', 's', 'error', 'success', 0, hash FROM audit_head")
      .ok();
}

bool fill_table(Connection& connection, const std::string& table, int number) {
  if (table == "audit_entries") return add_to_audit_trail(connection);
  if (table == "audit_head") return true;  // filled with the trail
  constexpr std::size_t kMostChoices = 8;
  for (std::size_t choice = 0; choice < kMostChoices; ++choice)
    if (insert_row(connection, table, number, choice)) return true;
  return false;
}

// Some rows into every table; what refers to others comes after them.
void fill(Database& database, int number) {
  for (const auto part : kParts) {
    if (database.engine() == Engine::postgres && part != Part::tables) continue;  // one schema for all
    auto connection = database.connect(part).value();
    auto left = tables_of(*connection);
    for (std::size_t before = left.size() + 1; left.size() < before;) {
      before = left.size();
      std::erase_if(left, [&](const std::string& table) { return fill_table(*connection, table, number); });
    }
    for (const auto& table : left)
      ADD_FAILURE() << table << ": " << insert_row(*connection, table, number, 0).error().message;
  }
}

Rows rows_of(Database& database) {
  Rows rows;
  for (const auto part : kParts) {
    auto connection = database.connect(part).value();
    for (const auto& table : tables_of(*connection))
      rows[table] = query_integer(*connection, "SELECT count(*) FROM " + table).value().value_or(0);
  }
  return rows;
}

void expect_no_table_emptied(const Rows& before, const Rows& after, const std::string& step) {
  for (const auto& [table, rows] : before) {
    const auto now = after.find(table);
    if (now == after.end()) continue;
    EXPECT_TRUE(rows == 0 || now->second > 0) << table << " was emptied by " << step;
  }
}

TEST_P(Migrations, EachGoesDownAndUpAgainOnFullTables) {
  auto& database = **database_;
  const auto all = static_cast<int>(migration_states(database).value().size());
  int number = 101;
  int down = 0;
  for (const auto part : {Part::search, Part::log, Part::tables}) {
    while (true) {
      fill(database, number++);
      const auto before = rows_of(database);
      const auto done = rollback(database, part);
      ASSERT_TRUE(done) << done.error().message;
      if (*done == 0) break;
      expect_no_table_emptied(before, rows_of(database), fmt::format("step {} down", ++down));
    }
  }
  EXPECT_EQ(down, all);
  for (int up = 1; up <= all; ++up) {
    fill(database, number++);
    const auto before = rows_of(database);
    const auto done = migrate(database, 1);
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_EQ(*done, 1);
    expect_no_table_emptied(before, rows_of(database), fmt::format("step {} up", up));
  }
  const auto states = migration_states(database).value();
  for (const auto& state : states) EXPECT_TRUE(state.applied_at) << state.name;
}

TEST_P(Migrations, OneThatWasMergedLateWithALowerNumberIsApplied) {
  auto connection = connect();
  ASSERT_TRUE(
      connection->execute("ALTER TABLE api_tokens DROP COLUMN requests_per_minute; "
                          "DELETE FROM schema_migrations_tables WHERE name = 'token_limits'"));
  EXPECT_EQ(migrate(**database_).value(), 1);
  EXPECT_TRUE(connection->execute("SELECT requests_per_minute FROM api_tokens"));
  EXPECT_EQ(migrate(**database_).value(), 0);
}

TEST_P(Migrations, ADatabaseOfANewerProgramIsRefused) {
  for (const auto* const number : {"99", "-1"}) {
    auto connection = connect();
    ASSERT_TRUE(connection->execute(fmt::format(
        "INSERT INTO schema_migrations_tables (number, name, applied_at) VALUES ({}, 'future', 0)", number)));
    const auto refused = migrate(**database_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
    EXPECT_NE(refused.error().safe.find("newer"), std::string::npos);
    ASSERT_TRUE(connection->execute("DELETE FROM schema_migrations_tables WHERE name = 'future'"));
  }
}

TEST_P(Migrations, RollingBackOnePartLeavesTheOthers) {
  ASSERT_TRUE(connect(Part::log)->execute("UPDATE event_log_head SET last_event_id = 7"));
  ASSERT_EQ(rollback(**database_, Part::tables).value(), 1);
  EXPECT_EQ(query_integer(*connect(Part::log), "SELECT last_event_id FROM event_log_head").value(), 7);
}

TEST_P(Migrations, WhatARollbackTakesIsKnownBefore) {
  while (rollback_loss(**database_, Part::log).value()->migration.number > 1)
    ASSERT_EQ(rollback(**database_, Part::log).value(), 1);
  fill(**database_, 101);
  const auto loss = rollback_loss(**database_, Part::log).value();
  ASSERT_TRUE(loss);
  EXPECT_EQ(loss->migration.name, "event_log");
  std::int64_t events = 0;
  for (const auto& [table, rows] : loss->tables)
    if (table == "event_rows") events = rows;
  EXPECT_EQ(events, 1);
}

TEST_P(Migrations, NumbersOfChangesNeverBeginAgain) {
  auto connection = connect();
  const auto add = [&] {
    return query_integer(*connection,
                         "INSERT INTO content_changes (instance_id, post_id) VALUES (1, 'p') RETURNING seq")
        .value()
        .value_or(0);
  };
  const auto first = add();
  ASSERT_TRUE(connection->execute("DELETE FROM content_changes"));
  EXPECT_GT(add(), first);
}

// Followers remember the last number that they read, the search index in a file of its own.
TEST_P(Migrations, NumbersOfChangesGoOnAfterTheMigrationWasTakenBack) {
  const auto add = [&] {
    return query_integer(*connect(),
                         "INSERT INTO content_changes (instance_id, post_id) VALUES (1, 'p') RETURNING seq")
        .value()
        .value_or(0);
  };
  const auto before = add();
  ASSERT_TRUE(connect()->execute("DELETE FROM content_changes"));
  while (rollback_loss(**database_, Part::tables).value()->migration.number >= 13)
    ASSERT_EQ(rollback(**database_, Part::tables).value(), 1);
  add();
  ASSERT_TRUE(migrate(**database_));
  EXPECT_GT(add(), before);
}

// Each in a process of its own, as two commands are; all begin at once.
int migrate_at_once(const std::string& location, int processes) {
  int gate[2];
  if (pipe(gate) != 0) return -1;
  std::vector<pid_t> children;
  for (int i = 0; i < processes; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      char byte = 0;
      close(gate[1]);
      if (read(gate[0], &byte, 1) != 0) _exit(4);
      auto database = open_database(location);
      if (!database) {
        fmt::print(stderr, "{}\n", database.error().message);
        _exit(2);
      }
      const auto migrated = migrate(**database);
      if (!migrated) fmt::print(stderr, "{}\n", migrated.error().message);
      _exit(migrated ? 0 : 3);
    }
    children.push_back(child);
  }
  close(gate[0]);
  close(gate[1]);
  int failed = 0;
  for (const auto child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) ++failed;
  }
  return failed;
}

TEST_P(Migrations, ProcessesThatStartOnAFreshDatabaseAtOnceAllComeUp) {
  for (int round = 0; round < 3; ++round) {
    while (rollback(**database_, Part::search).value() + rollback(**database_, Part::log).value() +
               rollback(**database_, Part::tables).value() >
           0) {
    }
    if (GetParam() == Engine::postgres) {
      ASSERT_TRUE(connect()->execute(
          "DROP TABLE schema_migrations_tables; DROP TABLE schema_migrations_log; DROP TABLE "
          "schema_migrations_search"));
    }
    const auto location = GetParam() == Engine::sqlite ? fmt::format("{}.{}", database_->location(), round)
                                                       : database_->location();
    EXPECT_EQ(migrate_at_once(location, 4), 0);
    EXPECT_EQ(migrate(*open_database(location).value()).value(), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, Migrations, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);

TEST(Macros, WhatIsNoMacroStaysAsItIs) {
  const auto expand = [](std::string_view sql) { return expand_macros(Engine::sqlite, sql); };
  EXPECT_EQ(expand("a TEXT DEFAULT '{}'").value(), "a TEXT DEFAULT '{}'");
  EXPECT_EQ(expand(R"('{"n":{key}}' -- {code, message})").value(), R"('{"n":TEXT}' -- {code, message})");
  EXPECT_EQ(expand("{key").value(), "{key");
  EXPECT_EQ(expand("{key}{without_rowid}").value(), "TEXT WITHOUT ROWID");
}

TEST(Macros, AnUnknownOneIsAnError) {
  EXPECT_FALSE(expand_macros(Engine::sqlite, "a {kye} NOT NULL"));
  EXPECT_FALSE(expand_macros(Engine::postgres, "a {isso:a.b} NOT NULL"));
}

TEST(Macros, EveryMigrationUsesMacrosThatItsEnginesKnow) {
  for (const auto engine : {Engine::sqlite, Engine::postgres}) {
    for (const auto& migration : all_migrations()) {
      if (migration.engine && *migration.engine != engine) continue;
      EXPECT_TRUE(expand_macros(engine, migration.up)) << migration.name;
      EXPECT_TRUE(expand_macros(engine, migration.down)) << migration.name;
    }
  }
}

TEST(DroppedTables, AreThoseThatAreGoneAfterwards) {
  EXPECT_EQ(dropped_tables("DROP VIEW v;\nDROP TABLE a; -- DROP TABLE c\nDROP TABLE b;"),
            (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(dropped_tables("ALTER TABLE a RENAME TO a_after; CREATE TABLE a (x TEXT); DROP TABLE a_after;")
                  .empty());
}

}  // namespace
}  // namespace linnet::store
