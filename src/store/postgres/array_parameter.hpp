#pragma once

#include <string>

#include "store/bulk.hpp"

namespace linnet::store {

// One column of the rows as a PostgreSQL array in its binary format (src/include/utils/array.h of
// PostgreSQL).
Result<std::string> array_parameter(const Column& column, const RowBatch& rows, std::size_t index);

}  // namespace linnet::store
