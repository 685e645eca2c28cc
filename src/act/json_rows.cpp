#include "act/json_rows.hpp"

#include <boost/json.hpp>

namespace linnet::act {
namespace {

namespace json = boost::json;
using store::Statement;

json::value value_of(const Statement& row, int column, As as) {
  if (row.is_null(column)) return nullptr;
  switch (as) {
    case As::text:
      return json::value(row.text(column));
    case As::number:
      return json::value(row.integer(column));
    case As::real:
      return json::value(row.real(column));
    case As::time:
      return json::value(to_iso8601(row.instant(column)));
    case As::truth:
      return json::value(row.integer(column) != 0);
    case As::json:
      break;
  }
  boost::system::error_code error;
  auto value = json::parse(row.text(column), error);
  return error ? json::value(row.text(column)) : value;
}

}  // namespace

Status list_rows(store::Connection& connection, std::string_view sql,
                 std::initializer_list<store::Value> values, std::initializer_list<Field> fields,
                 json::array& into) {
  return store::for_each_row(connection, sql, values, [&](const Statement& row) {
    json::object item;
    int column = 0;
    for (const auto& field : fields) {
      item[field.name] = value_of(row, column, field.as);
      ++column;
    }
    into.push_back(std::move(item));
  });
}

}  // namespace linnet::act
