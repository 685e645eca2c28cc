#pragma once

#include <memory>
#include <string>

#include "store/database.hpp"

namespace linnet::store {

Result<std::unique_ptr<Database>> open_sqlite(const std::string& path, const OpenOptions& options);

}  // namespace linnet::store
