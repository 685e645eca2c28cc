// Rows of a query as JSON objects.
#pragma once

#include <boost/json/array.hpp>
#include <initializer_list>
#include <string_view>

#include "store/connection.hpp"

namespace linnet::act {

// How a column is written: text, number, time, yes or no, JSON.
enum class As { text, number, real, time, truth, json };
struct Field {
  std::string_view name;
  As as;
};

// Appends them, column by column as the fields say.
Status list_rows(store::Connection& connection, std::string_view sql,
                 std::initializer_list<store::Value> values, std::initializer_list<Field> fields,
                 boost::json::array& into);

}  // namespace linnet::act
