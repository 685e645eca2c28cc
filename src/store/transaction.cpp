#include <fmt/format.h>

#include "store/connection.hpp"

namespace linnet::store {

Result<Transaction> Transaction::begin(Connection& connection, Mode mode) {
  LINNET_CHECK(connection.begin(mode == Mode::write));
  return Transaction(connection);
}

Transaction::~Transaction() {
  if (connection_ != nullptr) connection_->rollback();
}

Status Transaction::commit() {
  Connection* const connection = connection_;
  auto status = connection->commit();
  if (!status) connection->rollback();
  connection_ = nullptr;
  return status;
}

Status for_each_row(Connection& connection, std::string_view sql, std::initializer_list<Value> values,
                    const std::function<void(const Statement&)>& on_row) {
  LINNET_TRY(auto* statement, connection.prepare(sql));
  int parameter = 0;
  for (const auto& value : values) statement->bind(++parameter, value);
  while (true) {
    LINNET_TRY(const bool has_row, statement->step());
    if (!has_row) return {};
    on_row(*statement);
  }
}

Status run(Connection& connection, std::string_view sql, std::initializer_list<Value> values) {
  return for_each_row(connection, sql, values, [](const Statement&) {});
}

Result<std::optional<std::int64_t>> query_integer(Connection& connection, std::string_view sql,
                                                  std::initializer_list<Value> values) {
  std::optional<std::int64_t> result;
  bool is_first = true;
  LINNET_CHECK(for_each_row(connection, sql, values, [&](const Statement& row) {
    if (std::exchange(is_first, false)) result = row.maybe_integer(0);
  }));
  return result;
}

Result<std::optional<std::string>> query_text(Connection& connection, std::string_view sql,
                                              std::initializer_list<Value> values) {
  std::optional<std::string> result;
  bool is_first = true;
  LINNET_CHECK(for_each_row(connection, sql, values, [&](const Statement& row) {
    if (std::exchange(is_first, false)) result = row.maybe_text(0);
  }));
  return result;
}

}  // namespace linnet::store
