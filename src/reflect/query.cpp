#include "reflect/query.hpp"

#include <fmt/format.h>

namespace linnet::reflect {

Query& Query::add(std::string_view sql, const store::Value& value) {
  values_.push_back(value);
  const auto place = fmt::format("${}", values_.size());
  sql_ += ' ';
  while (true) {
    const auto at = sql.find("{}");
    sql_ += sql.substr(0, at);
    if (at == std::string_view::npos) return *this;
    sql_ += place;
    sql.remove_prefix(at + 2);
  }
}

Query& Query::add(std::string_view sql) {
  sql_ += ' ';
  sql_ += sql;
  return *this;
}

Status Query::for_each(store::Connection& connection,
                       const std::function<void(const store::Statement& row)>& on_row) const {
  LINNET_TRY(auto* const statement, connection.prepare(sql_));
  int parameter = 0;
  for (const auto& value : values_) statement->bind(++parameter, value);
  while (true) {
    LINNET_TRY(const bool is_there, statement->step());
    if (!is_there) return {};
    on_row(*statement);
  }
}

}  // namespace linnet::reflect
