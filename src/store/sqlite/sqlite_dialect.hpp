#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace linnet::store {

// What stands for {macro} or {macro:argument} in a migration on SQLite.
std::optional<std::string> expand_sqlite(std::string_view macro, std::string_view argument);

}  // namespace linnet::store
