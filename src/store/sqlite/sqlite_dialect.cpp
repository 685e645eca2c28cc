#include "store/sqlite/sqlite_dialect.hpp"

#include <fmt/format.h>

namespace linnet::store {

std::optional<std::string> expand_sqlite(std::string_view macro, std::string_view argument) {
  if (macro == "identity") return "INTEGER PRIMARY KEY";
  if (macro == "blob") return "BLOB";
  if (macro == "key") return "TEXT";
  if (macro == "integer_key") return "INTEGER PRIMARY KEY";
  if (macro == "without_rowid") return " WITHOUT ROWID";
  if (macro == "row_number") return "row_number INTEGER PRIMARY KEY,";
  if (macro == "posts_key") return "UNIQUE (instance_id, id)";
  if (macro == "json_text") return fmt::format("json_extract({}, '$.text')", argument);
  if (macro == "iso") {
    // Division that rounds down, also before 1970; NULL stays NULL.
    return fmt::format(
        "(strftime('%Y-%m-%dT%H:%M:%S', ({0} - ((({0}) % 1000000 + 1000000) % 1000000)) / 1000000, "
        "'unixepoch') || "
        "printf('.%06dZ', (({0}) % 1000000 + 1000000) % 1000000))",
        argument);
  }
  return std::nullopt;
}

}  // namespace linnet::store
