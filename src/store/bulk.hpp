// Descriptions of work on many rows, from which each engine makes its own SQL: SQLite steps one prepared
// statement per row; PostgreSQL sends one array per column and unnests them. Make descriptions `static
// const`: their address is the key under which a connection keeps what it prepared.
#pragma once

#include <string_view>
#include <vector>

#include "store/connection.hpp"

namespace linnet::store {

enum class ColumnType { integer, real, text, blob };

struct Column {
  std::string_view name;
  ColumnType type;
};

// INSERT INTO table (columns) … `on_conflict`, e.g. "ON CONFLICT (id) DO UPDATE SET n = t.n + excluded.n".
struct BulkInsert {
  std::string_view table;
  std::vector<Column> columns;
  std::string_view on_conflict = {};
};

// UPDATE table SET set-columns WHERE key-columns equal. A row is the key values, then the set values.
struct BulkUpdate {
  std::string_view table;
  std::vector<Column> keys;
  std::vector<Column> set;
};

struct BulkDelete {
  std::string_view table;
  std::vector<Column> keys;
};

// SELECT select FROM table WHERE key-columns equal.
struct BulkLookup {
  std::string_view table;
  std::vector<Column> keys;
  std::string_view select;  // column names, comma-separated
};

// Rows on their way to the database, row after row. Text and bytes are borrowed until the call that takes the
// batch.
class RowBatch {
 public:
  explicit RowBatch(std::size_t width) : width_(width) {}
  RowBatch& add(Value value) {
    values_.push_back(value);
    return *this;
  }
  template <typename... Values>
  void add_row(const Values&... values) {
    static_assert(sizeof...(values) > 0);
    (values_.push_back(Value(values)), ...);
  }
  void reserve(std::size_t rows) { values_.reserve(rows * width_); }
  void clear() { values_.clear(); }
  [[nodiscard]] bool empty() const { return values_.empty(); }
  [[nodiscard]] std::size_t size() const { return values_.size() / width_; }
  [[nodiscard]] std::size_t width() const { return width_; }
  [[nodiscard]] const Value& at(std::size_t row, std::size_t column) const {
    return values_[row * width_ + column];
  }

 private:
  std::size_t width_;
  std::vector<Value> values_;
};

}  // namespace linnet::store
