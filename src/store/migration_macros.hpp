// The little that migrations say beside SQL.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/connection.hpp"

namespace linnet::store {

// The SQL with each {macro} or {macro:argument} replaced by what the engine has for it. What does not look
// like one, such as '{}' or JSON, stays as it is; `internal` for a macro that the engine does not know.
Result<std::string> expand_macros(Engine engine, std::string_view sql);

// The names of the tables that the SQL drops for good; one that is made anew in the same step is not among
// them.
std::vector<std::string> dropped_tables(std::string_view sql);

}  // namespace linnet::store
