// A statement that is put together by conditions, with its values in step.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "store/connection.hpp"

namespace linnet::reflect {

class Query {
 public:
  explicit Query(std::string_view sql) : sql_(sql) {}
  // In `sql`, «{}» stands for the value.
  Query& add(std::string_view sql, const store::Value& value);
  Query& add(std::string_view sql);
  // Values must outlive it. Stops at the first error.
  Status for_each(store::Connection& connection,
                  const std::function<void(const store::Statement& row)>& on_row) const;

 private:
  std::string sql_;
  std::vector<store::Value> values_;
};

}  // namespace linnet::reflect
