#include "store/database.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "base/without_secrets.hpp"

#include "store/postgres/postgres_database.hpp"
#include "store/sqlite/sqlite_database.hpp"

namespace linnet::store {

Reader::Reader(Database* database, std::unique_ptr<Connection> connection)
    : database_(database), connection_(std::move(connection)) {}
Reader::~Reader() {
  if (connection_ != nullptr) database_->give_back(std::move(connection_));
}
Reader::Reader(Reader&&) noexcept = default;

namespace {

thread_local int reads_without_waiting = 0;

}  // namespace

ReadsWithoutWaiting::ReadsWithoutWaiting() {
  ++reads_without_waiting;
}
ReadsWithoutWaiting::~ReadsWithoutWaiting() {
  --reads_without_waiting;
}
bool ReadsWithoutWaiting::is_on() {
  return reads_without_waiting > 0;
}

Error all_readers_busy() {
  return unavailable("too much is asked of the database at once; try again in a moment");
}

Result<std::unique_ptr<Database>> open_database(const std::string& location, const OpenOptions& options) {
  if (location.starts_with("sqlite:")) {
    const auto path = location.substr(7);
    // SQLite itself takes these for databases that vanish, or for addresses.
    if (path.empty() || path == ":memory:" || path.starts_with("file:"))
      return invalid(fmt::format("--db: expected the path of a file after sqlite:, got \"{}\"",
                                 truncate_utf8(to_valid_utf8(location), 80)));
    return open_sqlite(path, options);
  }
  if (location.starts_with("postgres://") || location.starts_with("postgresql://")) {
    return open_postgres(location, options);
  }
  return invalid("--db: expected sqlite:PATH or postgres://…, got \"" +
                 without_secrets(location).substr(0, 60) + "\"");
}

}  // namespace linnet::store
