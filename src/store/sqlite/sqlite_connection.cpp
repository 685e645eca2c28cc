#include "store/sqlite/sqlite_connection.hpp"

#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "store/sqlite/sqlite_error.hpp"

namespace linnet::store {
namespace {

constexpr auto kBusyPatience = std::chrono::milliseconds(5'000);
constexpr auto kBusyPause = std::chrono::milliseconds(5);

// Asks again every few milliseconds for as long as the patience lasts. SQLite's own waiting grows to a tenth
// of a second, in which whoever holds the lock often has it again.
int wait_for_lock(void* patience, int attempt) {
  const auto most = *static_cast<const std::chrono::milliseconds*>(patience) / kBusyPause;
  if (attempt >= most) return 0;
  std::this_thread::sleep_for(kBusyPause);
  return 1;
}

std::string comma_list(const std::vector<Column>& columns, auto&& format) {
  std::string list;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) list += ", ";
    list += format(columns[i].name, i + 1);
  }
  return list;
}

std::string equal_keys(const std::vector<Column>& keys) {
  std::string condition;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    condition += fmt::format("{}{} = ${}", i > 0 ? " AND " : "", keys[i].name, i + 1);
  }
  return condition;
}

std::string sql_of(const BulkInsert& what) {
  const auto name = [](std::string_view column, std::size_t) { return std::string(column); };
  const auto place = [](std::string_view, std::size_t i) { return fmt::format("${}", i); };
  return fmt::format("INSERT INTO {} ({}) VALUES ({}) {}", what.table, comma_list(what.columns, name),
                     comma_list(what.columns, place), what.on_conflict);
}

std::string sql_of(const BulkUpdate& what) {
  const auto offset = what.keys.size();
  const auto assign = [&](std::string_view column, std::size_t i) {
    return fmt::format("{} = ${}", column, offset + i);
  };
  return fmt::format("UPDATE {} SET {} WHERE {}", what.table, comma_list(what.set, assign),
                     equal_keys(what.keys));
}

std::string sql_of(const BulkDelete& what) {
  return fmt::format("DELETE FROM {} WHERE {}", what.table, equal_keys(what.keys));
}

std::string sql_of(const BulkLookup& what) {
  return fmt::format("SELECT {} FROM {} WHERE {}", what.select, what.table, equal_keys(what.keys));
}

}  // namespace

SqliteStatement::SqliteStatement(SqliteStatementHandle handle) : handle_(std::move(handle)) {
  const int count = sqlite3_bind_parameter_count(handle_.get());
  for (int parameter = 1; parameter <= count; ++parameter) {
    places_.push_back(sqlite3_bind_parameter_index(handle_.get(), fmt::format("${}", parameter).c_str()));
  }
}

void SqliteStatement::bind(int parameter, const Value& value) {
  const int place = places_[static_cast<std::size_t>(parameter - 1)];
  sqlite3_stmt* const statement = handle_.get();
  switch (value.index()) {
    case 0:
      sqlite3_bind_null(statement, place);
      break;
    case 1:
      sqlite3_bind_int64(statement, place, *std::get_if<std::int64_t>(&value));
      break;
    case 2:
      sqlite3_bind_double(statement, place, *std::get_if<double>(&value));
      break;
    case 3: {
      // A view without data would be bound as NULL; empty text is not NULL.
      const auto text = *std::get_if<std::string_view>(&value);
      sqlite3_bind_text64(statement, place, text.data() != nullptr ? text.data() : "", text.size(),
                          SQLITE_STATIC, SQLITE_UTF8);
      break;
    }
    default: {
      const auto bytes = std::get_if<Blob>(&value)->bytes;
      sqlite3_bind_blob64(statement, place, bytes.data() != nullptr ? bytes.data() : "", bytes.size(),
                          SQLITE_STATIC);
    }
  }
}

Result<bool> SqliteStatement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(handle_.get());
    return false;
  }
  auto error = sqlite_error(code, sqlite3_db_handle(handle_.get()), sqlite3_sql(handle_.get()));
  sqlite3_reset(handle_.get());
  return error;
}

void SqliteStatement::reset() {
  sqlite3_reset(handle_.get());
}
bool SqliteStatement::is_null(int column) const {
  return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}
std::int64_t SqliteStatement::integer(int column) const {
  return sqlite3_column_int64(handle_.get(), column);
}
double SqliteStatement::real(int column) const {
  return sqlite3_column_double(handle_.get(), column);
}

std::string_view SqliteStatement::text(int column) const {
  const auto* const bytes = sqlite3_column_text(handle_.get(), column);
  if (bytes == nullptr) return {};
  return {reinterpret_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column))};
}

std::string_view SqliteStatement::bytes(int column) const {
  const auto* const bytes = sqlite3_column_blob(handle_.get(), column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column))};
}

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::string& path, int flags) {
  // Nobody reads SQLite's memory statistics, and keeping them takes a lock at each allocation. Refused,
  // without harm, once SQLite is in use.
  static const int unwatched = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  (void)unwatched;
  sqlite3* raw = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  SqliteHandle handle(raw);
  if (code != SQLITE_OK) return sqlite_error(code, handle.get(), "opening " + path);
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(std::move(handle)));
  connection->set_patience(kBusyPatience);
  return connection;
}

void SqliteConnection::set_patience(std::chrono::milliseconds patience) {
  patience_ = patience;
  sqlite3_busy_handler(handle_.get(), wait_for_lock, &patience_);
}

Result<std::unique_ptr<SqliteStatement>> SqliteConnection::compile_anew(std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  SqliteStatementHandle handle(raw);
  if (code != SQLITE_OK) return sqlite_error(code, handle_.get(), sql);
  return std::make_unique<SqliteStatement>(std::move(handle));
}

Result<SqliteStatement*> SqliteConnection::compile(std::string_view sql) {
  if (auto* const known = statements_.find(sql)) {
    known->reset();
    return known;
  }
  LINNET_TRY(auto fresh, compile_anew(sql));
  auto* const statement = statements_.add(sql, std::move(fresh));
  if (const auto* const spare = statements_.spare()) statements_.remove(spare);
  return statement;
}

Result<Statement*> SqliteConnection::prepare(std::string_view sql) {
  LINNET_TRY(auto* statement, compile(sql));
  statement->clear_bindings();
  return static_cast<Statement*>(statement);
}

Status SqliteConnection::execute(std::string_view sql) {
  const int code = sqlite3_exec(handle_.get(), std::string(sql).c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return sqlite_error(code, handle_.get(), sql);
  return {};
}

template <typename What>
Result<SqliteStatement*> SqliteConnection::compiled(const What& what) {
  const auto known = bulk_statements_.find(&what);
  if (known != bulk_statements_.end()) return known->second.get();
  LINNET_TRY(auto statement, compile_anew(sql_of(what)));
  return bulk_statements_.emplace(&what, std::move(statement)).first->second.get();
}

Status SqliteConnection::step_each(SqliteStatement& statement, const RowBatch& rows) {
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (std::size_t column = 0; column < rows.width(); ++column) {
      statement.bind(static_cast<int>(column + 1), rows.at(row, column));
    }
    LINNET_TRY(const bool has_row, statement.step());
    if (has_row) statement.reset();
  }
  statement.clear_bindings();
  return {};
}

Status SqliteConnection::insert_many(const BulkInsert& what, const RowBatch& rows) {
  LINNET_TRY(auto* statement, compiled(what));
  return step_each(*statement, rows);
}

Status SqliteConnection::update_many(const BulkUpdate& what, const RowBatch& rows) {
  LINNET_TRY(auto* statement, compiled(what));
  return step_each(*statement, rows);
}

Status SqliteConnection::delete_many(const BulkDelete& what, const RowBatch& keys) {
  LINNET_TRY(auto* statement, compiled(what));
  return step_each(*statement, keys);
}

Status SqliteConnection::lookup_many(const BulkLookup& what, const RowBatch& keys, const OnRow& on_row) {
  LINNET_TRY(auto* statement, compiled(what));
  for (std::size_t key = 0; key < keys.size(); ++key) {
    for (std::size_t column = 0; column < keys.width(); ++column) {
      statement->bind(static_cast<int>(column + 1), keys.at(key, column));
    }
    while (true) {
      LINNET_TRY(const bool has_row, statement->step());
      if (!has_row) break;
      on_row(key, *statement);
    }
  }
  statement->clear_bindings();
  return {};
}

Status SqliteConnection::set_durable(bool durable) {
  if (durable == durable_) return {};
  durable_ = durable;
  return execute(durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
}

Status SqliteConnection::begin(bool for_writing) {
  LINNET_TRY(auto* statement, compile(for_writing ? "BEGIN IMMEDIATE" : "BEGIN"));
  LINNET_TRY(const bool has_row, statement->step());
  (void)has_row;
  return {};
}

Status SqliteConnection::commit() {
  LINNET_TRY(auto* statement, compile("COMMIT"));
  LINNET_TRY(const bool has_row, statement->step());
  (void)has_row;
  return {};
}

void SqliteConnection::rollback() {
  // Some errors (a full disk) have rolled back already.
  if (sqlite3_get_autocommit(handle_.get()) == 0)
    sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

}  // namespace linnet::store
