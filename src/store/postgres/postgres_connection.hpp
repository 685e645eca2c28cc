#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "store/bulk.hpp"
#include "store/connection.hpp"
#include "store/statement_cache.hpp"

namespace linnet::store {

struct ClosePostgres {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PostgresHandle = std::unique_ptr<PGconn, ClosePostgres>;
using PostgresResult = std::unique_ptr<PGresult, ClearResult>;

// What the server's answer means for the caller; nullopt when all is well.
std::optional<Error> postgres_error(PGconn* connection, const PGresult* result, std::string_view doing);

class PostgresConnection;

// The whole answer is held at once; rows are handed out from it.
class PostgresStatement final : public Statement {
 public:
  PostgresStatement(PostgresConnection& connection, std::string name, int parameters, std::string sql)
      : connection_(connection),
        name_(std::move(name)),
        sql_(std::move(sql)),
        values_(static_cast<std::size_t>(parameters)) {}

  void bind(int parameter, const Value& value) override;
  Result<bool> step() override;
  void reset() override;
  [[nodiscard]] bool is_null(int column) const override;
  [[nodiscard]] std::int64_t integer(int column) const override;
  [[nodiscard]] double real(int column) const override;
  [[nodiscard]] std::string_view text(int column) const override;
  [[nodiscard]] std::string_view bytes(int column) const override;

  void clear_bindings();
  [[nodiscard]] bool is_busy() const { return result_ != nullptr; }
  [[nodiscard]] const std::string& name() const { return name_; }
  // Rows of an answer that came another way; columns begin at `offset`.
  void show(PostgresResult result, int offset);
  bool next();

 private:
  Status execute();

  PostgresConnection& connection_;
  std::string name_;
  std::string sql_;
  std::vector<std::optional<std::string>> values_;
  std::vector<int> formats_;
  PostgresResult result_;
  int row_ = -1;
  int offset_ = 0;
  mutable std::string bytes_;
};

class PostgresConnection final : public Connection {
 public:
  // How long the server is waited for: as libpq does, or a few seconds, unless the address says.
  enum class Patience { usual, brief };
  static Result<std::unique_ptr<PostgresConnection>> open(const std::string& address, bool read_only,
                                                          Patience patience = Patience::usual);

  [[nodiscard]] Engine engine() const override { return Engine::postgres; }
  Result<Statement*> prepare(std::string_view sql) override;
  Status execute(std::string_view sql) override;
  [[nodiscard]] std::int64_t changes() const override { return changes_; }
  Status insert_many(const BulkInsert& what, const RowBatch& rows) override;
  Status update_many(const BulkUpdate& what, const RowBatch& rows) override;
  Status delete_many(const BulkDelete& what, const RowBatch& keys) override;
  Status lookup_many(const BulkLookup& what, const RowBatch& keys, const OnRow& on_row) override;
  Status set_durable(bool durable) override;
  Status hold_up_nobody() override;

  [[nodiscard]] PGconn* handle() const { return handle_.get(); }
  [[nodiscard]] bool is_alive() override;
  Status reconnect() override;
  Result<std::string> transaction_id() override;
  Result<bool> has_committed(const std::string& transaction_id) override;
  void note_changes(const PGresult* result);

 protected:
  Status begin(bool for_writing) override;
  Status commit() override;
  void rollback() override;

 private:
  PostgresConnection(PostgresHandle handle, bool read_only)
      : handle_(std::move(handle)), is_read_only_(read_only) {}
  Status prepare_session();
  void give_up_spare();
  using Columns = std::vector<Column>;
  Result<PostgresResult> run_arrays(const void* key, const std::string& sql, const Columns& columns,
                                    const RowBatch& rows);

  PostgresHandle handle_;
  StatementCache<PostgresStatement> statements_;
  std::uint64_t statements_made_ = 0;  // for their names
  std::unordered_map<const void*, std::string> bulk_names_;
  std::int64_t changes_ = 0;
  bool durable_ = true;
  bool is_read_only_;
  bool holds_up_nobody_ = false;
};

}  // namespace linnet::store
