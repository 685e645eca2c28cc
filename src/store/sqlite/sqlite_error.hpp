#pragma once

#include <string_view>

#include "base/result.hpp"

struct sqlite3;

namespace linnet::store {

// What SQLite's result code means for the caller, with what to do about it.
Error sqlite_error(int code, sqlite3* handle, std::string_view doing);

}  // namespace linnet::store
