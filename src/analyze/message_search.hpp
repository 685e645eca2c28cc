// Messages by their words, found in the index that posts have, too.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "store/connection.hpp"

namespace linnet::analyze {

// Row numbers of the newest `most` messages in which the words of the query stand (parse_search_query); what
// the query says beside words is refused, as `invalid`.
Result<std::vector<std::int64_t>> find_messages(store::Connection& connection, std::string_view query,
                                                std::int64_t most);

}  // namespace linnet::analyze
