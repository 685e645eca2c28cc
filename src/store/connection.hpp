// One connection to one engine. SQL is written once, in the dialect that SQLite and PostgreSQL both speak,
// with parameters $1, $2 …; what differs lives in sqlite/ and postgres/. A connection and everything got from
// it belongs to one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/instant.hpp"
#include "base/result.hpp"

namespace linnet::store {

enum class Engine { sqlite, postgres };

struct Blob {
  std::string_view bytes;
};

// A value on its way into a statement. Text and bytes are borrowed until the statement has run.
using Value = std::variant<std::monostate, std::int64_t, double, std::string_view, Blob>;

inline Value value_of(Instant t) {
  return to_micros(t);
}
inline Value value_of(std::optional<Instant> t) {
  return t ? Value(to_micros(*t)) : Value();
}
inline Value value_of(const std::optional<std::string>& text) {
  return text ? Value(std::string_view(*text)) : Value();
}
// NULL for an empty text.
inline Value text_or_null(std::string_view text) {
  return text.empty() ? Value() : Value(text);
}

// A prepared statement, owned by its connection and reused for equal SQL.
class Statement {
 public:
  virtual ~Statement() = default;

  // Parameters count from 1, as in $1.
  virtual void bind(int parameter, const Value& value) = 0;

  // Runs to the next row: true when there is one. After an error or false the statement is reset.
  [[nodiscard]] virtual Result<bool> step() = 0;
  virtual void reset() = 0;

  // Columns count from 0. A NULL reads as 0, 0.0 or "". Text and bytes stay valid until the next step or
  // reset.
  [[nodiscard]] virtual bool is_null(int column) const = 0;
  [[nodiscard]] virtual std::int64_t integer(int column) const = 0;
  [[nodiscard]] virtual double real(int column) const = 0;
  [[nodiscard]] virtual std::string_view text(int column) const = 0;
  [[nodiscard]] virtual std::string_view bytes(int column) const = 0;

  [[nodiscard]] Instant instant(int column) const { return from_micros(integer(column)); }
  [[nodiscard]] std::optional<Instant> maybe_instant(int column) const {
    return is_null(column) ? std::nullopt : std::optional(instant(column));
  }
  [[nodiscard]] std::optional<std::int64_t> maybe_integer(int column) const {
    return is_null(column) ? std::nullopt : std::optional(integer(column));
  }
  [[nodiscard]] std::optional<std::string> maybe_text(int column) const {
    return is_null(column) ? std::nullopt : std::optional<std::string>(text(column));
  }
};

struct BulkInsert;
struct BulkUpdate;
struct BulkDelete;
struct BulkLookup;
class RowBatch;

class Connection {
 public:
  virtual ~Connection() = default;
  [[nodiscard]] virtual Engine engine() const = 0;

  // Prepared once per SQL text and connection, as long as it is in use (statement_cache.hpp): run it before
  // many others are prepared. The statement comes back reset, its parameters null.
  virtual Result<Statement*> prepare(std::string_view sql) = 0;

  // Runs one or more statements without parameters or results.
  virtual Status execute(std::string_view sql) = 0;

  // Rows changed by the last statement that wrote.
  [[nodiscard]] virtual std::int64_t changes() const = 0;

  // Many rows at once: one prepared statement stepped per row on SQLite, one round trip per batch on
  // PostgreSQL.
  virtual Status insert_many(const BulkInsert& what, const RowBatch& rows) = 0;
  virtual Status update_many(const BulkUpdate& what, const RowBatch& rows) = 0;
  virtual Status delete_many(const BulkDelete& what, const RowBatch& keys) = 0;
  // Calls `on_row(key index, row)` for each row found; keys without a row are passed over. Order is not
  // defined.
  using OnRow = std::function<void(std::size_t key, const Statement& row)>;
  virtual Status lookup_many(const BulkLookup& what, const RowBatch& keys, const OnRow& on_row) = 0;

  // Whether what is committed from now on is on disk when commit() returns (true, the default), or may be
  // rolled back to an earlier commit by a power cut, in order and never torn (false). Not inside a
  // transaction.
  virtual Status set_durable(bool durable) = 0;

  // Others wait for what its transactions lock: the server ends one that it hears nothing of for five
  // seconds, and the connection with it, also after a reconnect(). Not for who computes long within a
  // transaction. A file's lock ends with its process alone.
  virtual Status hold_up_nobody() { return {}; }

  // Whether the server is still there, as far as is known without asking it. Files are always there.
  [[nodiscard]] virtual bool is_alive() { return true; }
  // Connects again; statements that were handed out before are gone.
  virtual Status reconnect() { return {}; }
  // Names the open transaction, for has_committed() after a connection that broke during commit; empty where
  // no commit can remain unknown (SQLite).
  virtual Result<std::string> transaction_id() { return std::string(); }
  // Whether that transaction was committed; waits a moment while the server is still ending it.
  virtual Result<bool> has_committed(const std::string& /*transaction_id*/) { return false; }

 protected:
  friend class Transaction;
  virtual Status begin(bool for_writing) = 0;
  virtual Status commit() = 0;
  virtual void rollback() = 0;
};

// A transaction: rolled back when it goes out of scope without commit().
class Transaction {
 public:
  // A writing transaction takes the write lock at once; a reading one sees one consistent state until its
  // end.
  enum class Mode { read, write };
  static Result<Transaction> begin(Connection& connection, Mode mode = Mode::write);
  ~Transaction();
  Transaction(Transaction&& other) noexcept : connection_(other.connection_) { other.connection_ = nullptr; }
  Transaction& operator=(Transaction&&) = delete;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  [[nodiscard]] Connection& connection() const { return *connection_; }
  Status commit();

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}
  Connection* connection_;
};

// Prepares, binds the values in order, and hands each row to `on_row`.
Status for_each_row(Connection& connection, std::string_view sql, std::initializer_list<Value> values,
                    const std::function<void(const Statement&)>& on_row);
// Runs a statement for its effect.
Status run(Connection& connection, std::string_view sql, std::initializer_list<Value> values = {});
// The first column of the first row as an integer; nullopt when there is no row or it is NULL.
Result<std::optional<std::int64_t>> query_integer(Connection& connection, std::string_view sql,
                                                  std::initializer_list<Value> values = {});
Result<std::optional<std::string>> query_text(Connection& connection, std::string_view sql,
                                              std::initializer_list<Value> values = {});

}  // namespace linnet::store
