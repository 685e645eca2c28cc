// Where in the tables secrets stand.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret_box.hpp"
#include "store/database.hpp"

namespace linnet::govern {

// A column that holds secrets, each sealed for its own row.
struct SealedColumn {
  std::string_view table;
  std::string_view column;
  std::string_view member;     // of a JSON object in the column; empty: the column itself
  std::string_view what;       // for people, before what names the row
  std::string_view id = "id";  // what names the row and what the secret is sealed for, as SQL
};
const std::vector<SealedColumn>& sealed_columns();

// What the secret of a job is sealed for: the `id` of its row above.
std::string seal_context_of_job(std::int64_t job);

struct SealedRow {
  std::string id;
  std::string value;
};

// At most `most` rows after the one named `after`, by name.
Result<std::vector<SealedRow>> sealed_rows(store::Connection& connection, const SealedColumn& column,
                                           const std::string& after, std::int64_t most);

// The sealed text in a row; empty where it holds none.
std::string sealed_text(const SealedColumn& column, const SealedRow& row);

struct SecretCounts {
  std::int64_t readable = 0;
  std::int64_t unreadable = 0;
};

// How many secrets there are, and how many of them one of the keys unseals.
Result<SecretCounts> count_secrets(store::Database& database, const std::vector<SecretBox>& keys);

}  // namespace linnet::govern
