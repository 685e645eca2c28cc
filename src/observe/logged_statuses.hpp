// What of a server's statuses is in the log already, so that whoever goes on with a stream does not log again
// what another logged after the stream's place was last saved.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "store/connection.hpp"

namespace linnet::observe {

struct LoggedStatus {
  std::string id;
  std::string edited_at;  // as written; empty: never
};

// Of the instance, from a while before the connector's place was saved; nothing where none was. The oldest of
// very many are left out.
Result<std::vector<LoggedStatus>> statuses_logged_lately(store::Connection& connection, InstanceId instance,
                                                         std::string_view connector);

// The same of whole lines, by their hashes (fast_hash).
Result<std::vector<std::uint64_t>> lines_logged_lately(store::Connection& connection, InstanceId instance,
                                                       std::string_view connector);

}  // namespace linnet::observe
