#pragma once

#include <sqlite3.h>

#include <chrono>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "store/bulk.hpp"
#include "store/connection.hpp"
#include "store/statement_cache.hpp"

namespace linnet::store {

struct CloseSqlite {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
};
struct FinalizeSqlite {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using SqliteHandle = std::unique_ptr<sqlite3, CloseSqlite>;
using SqliteStatementHandle = std::unique_ptr<sqlite3_stmt, FinalizeSqlite>;

class SqliteStatement final : public Statement {
 public:
  explicit SqliteStatement(SqliteStatementHandle handle);

  void bind(int parameter, const Value& value) override;
  Result<bool> step() override;
  void reset() override;
  [[nodiscard]] bool is_null(int column) const override;
  [[nodiscard]] std::int64_t integer(int column) const override;
  [[nodiscard]] double real(int column) const override;
  [[nodiscard]] std::string_view text(int column) const override;
  [[nodiscard]] std::string_view bytes(int column) const override;

  void clear_bindings() { sqlite3_clear_bindings(handle_.get()); }
  [[nodiscard]] bool is_busy() const { return sqlite3_stmt_busy(handle_.get()) != 0; }

 private:
  SqliteStatementHandle handle_;
  std::vector<int> places_;  // of $1, $2 …: SQLite numbers parameters by their first appearance
};

class SqliteConnection final : public Connection {
 public:
  // Opens the file with the settings every connection has.
  static Result<std::unique_ptr<SqliteConnection>> open(const std::string& path, int flags);

  [[nodiscard]] Engine engine() const override { return Engine::sqlite; }
  Result<Statement*> prepare(std::string_view sql) override;
  Status execute(std::string_view sql) override;
  [[nodiscard]] std::int64_t changes() const override { return sqlite3_changes64(handle_.get()); }
  Status insert_many(const BulkInsert& what, const RowBatch& rows) override;
  Status update_many(const BulkUpdate& what, const RowBatch& rows) override;
  Status delete_many(const BulkDelete& what, const RowBatch& keys) override;
  Status lookup_many(const BulkLookup& what, const RowBatch& keys, const OnRow& on_row) override;
  Status set_durable(bool durable) override;

  [[nodiscard]] sqlite3* handle() const { return handle_.get(); }
  // How long a lock of somebody else is waited for.
  void set_patience(std::chrono::milliseconds patience);

 protected:
  Status begin(bool for_writing) override;
  Status commit() override;
  void rollback() override;

 private:
  explicit SqliteConnection(SqliteHandle handle) : handle_(std::move(handle)) {}
  Result<std::unique_ptr<SqliteStatement>> compile_anew(std::string_view sql);
  Result<SqliteStatement*> compile(std::string_view sql);
  template <typename What>
  Result<SqliteStatement*> compiled(const What& what);
  Status step_each(SqliteStatement& statement, const RowBatch& rows);

  SqliteHandle handle_;  // before the statements: they must go first
  StatementCache<SqliteStatement> statements_;
  std::unordered_map<const void*, std::unique_ptr<SqliteStatement>> bulk_statements_;
  bool durable_ = true;
  std::chrono::milliseconds patience_{};
};

}  // namespace linnet::store
