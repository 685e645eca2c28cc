#include "store/database.hpp"

#include "store/postgres/postgres_database.hpp"
#include "store/sqlite/sqlite_database.hpp"

namespace linnet::store {

Reader::Reader(Database* database, std::unique_ptr<Connection> connection)
    : database_(database), connection_(std::move(connection)) {}
Reader::~Reader() {
  if (connection_ != nullptr) database_->give_back(std::move(connection_));
}
Reader::Reader(Reader&&) noexcept = default;

Result<std::unique_ptr<Database>> open_database(const std::string& location, const OpenOptions& options) {
  if (location.starts_with("sqlite:")) return open_sqlite(location.substr(7), options);
  if (location.starts_with("postgres://") || location.starts_with("postgresql://")) {
    return open_postgres(location, options);
  }
  return invalid("--db: expected sqlite:PATH or postgres://…, got \"" + location.substr(0, 60) + "\"");
}

}  // namespace linnet::store
