// Numbered changes of the schema, each with a way up and a way down, applied in order, each in one
// transaction.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/database.hpp"

namespace linnet::store {

std::string_view name_of(Part part);

struct Migration {
  Part part;
  int number;             // applied in this order within a part; there may be gaps
  std::string_view name;  // "observe"
  std::string_view up;
  std::string_view down;
  std::optional<Engine> engine = {};  // only for this one; both when absent
};

// Every migration this program knows, by part and number.
std::span<const Migration> all_migrations();

struct MigrationState {
  Part part;
  int number;
  std::string name;
  std::optional<Instant> applied_at;
};

// Applies what is missing, in every part, or the first `most` of it, and returns how many were applied: also
// one whose number is lower than those that are there, and beside another program that does the same. Refused
// with ErrorKind::conflict when the database has a migration that this program does not know, and
// `unavailable` where something is missing in a database that may not be written.
Result<int> migrate(Database& database, int most = std::numeric_limits<int>::max());
// Whether the part has any migration; changes nothing.
Result<bool> has_schema(Database& database, Part part);
// Takes back the newest migration of the part, if it has one; returns how many.
Result<int> rollback(Database& database, Part part);
// Takes back all migrations and applies them again: everything is lost.
Status reset(Database& database);

struct TableRows {
  std::string table;
  std::int64_t rows = 0;
};
// What goes when the newest migration is taken back.
struct RollbackLoss {
  MigrationState migration;
  std::vector<TableRows> tables;
};
// nullopt when the part has no migration.
Result<std::optional<RollbackLoss>> rollback_loss(Database& database, Part part);
Result<std::vector<MigrationState>> migration_states(Database& database);

// How many rows the table has; an error where there is none such.
Result<std::int64_t> count_rows(Connection& connection, std::string_view table);

}  // namespace linnet::store
