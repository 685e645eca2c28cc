// Words that every process on the database sees at once, whoever is writing the tables just now and for how
// long: a small file beside SQLite's, a row in a transaction of its own on PostgreSQL.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/database.hpp"

namespace linnet::store {

// On disk when it returns. `text` is one line; what was raised under the name before stays, in lines before
// it.
Status raise_flag(Database& database, std::string_view name, std::string_view text);
// The same for whoever knows no more than where the database is: SQLite's files are not opened, nor looked
// at. `unavailable` where there is no such folder.
Status raise_flag_at(const std::string& location, std::string_view name, std::string_view text);
// What was raised, one line each time; nullopt: nothing. An error is not «nothing»: it may be raised and not
// be read just now. `connection` sees the tables.
Result<std::optional<std::string>> raised_flag(Connection& connection, std::string_view name);
// Takes it away, unless another was raised since.
Status lower_flag(Database& database, std::string_view name, std::string_view text);

}  // namespace linnet::store
