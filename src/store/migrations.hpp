// Numbered changes of the schema, each with a way up and a way down, applied in order, each in one
// transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/database.hpp"

namespace linnet::store {

struct Migration {
  Part part;
  int number;             // from 1, without gaps within a part
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

// Applies what is missing, in every part, and returns how many were applied. Refused with ErrorKind::conflict
// when the database has a migration that this program does not know.
Result<int> migrate(Database& database);
// Takes back the last migration of each part that has one.
Result<int> rollback(Database& database);
// Takes back all migrations and applies them again: everything is lost.
Status reset(Database& database);
Result<std::vector<MigrationState>> migration_states(Database& database);

}  // namespace linnet::store
