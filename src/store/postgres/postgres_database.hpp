#pragma once

#include <memory>
#include <string>

#include "store/database.hpp"

namespace linnet::store {

// `address` is "postgres://…" or "postgresql://…".
Result<std::unique_ptr<Database>> open_postgres(const std::string& address, const OpenOptions& options);

// The address without its passwords: neither between user and host, nor as a parameter ("?password=…").
std::string address_without_password(std::string address);

}  // namespace linnet::store
