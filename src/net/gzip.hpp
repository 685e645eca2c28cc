// gzip (RFC 1952), for answers that are kept in memory and sent often.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace linnet::net {

// `level` from 1 (fast) to 9 (small). Fails only for want of memory.
Result<std::string> gzip(std::string_view bytes, int level = 6);

// `corrupt` when it is not gzip, `invalid` when it is larger than `max_bytes` once unpacked.
Result<std::string> gunzip(std::string_view packed, std::size_t max_bytes);

}  // namespace linnet::net
