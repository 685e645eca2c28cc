#pragma once

#include <memory>
#include <string>

#include "store/database.hpp"

namespace linnet::store {

// `address` is "postgres://…" or "postgresql://…".
Result<std::unique_ptr<Database>> open_postgres(const std::string& address, const OpenOptions& options);

}  // namespace linnet::store
