// Ids as people type them: tables show the first eight characters, and commands take any beginning that is
// clear.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "store/connection.hpp"

namespace linnet::cli {

std::string short_id(std::string_view id);

// The whole id of an action. `not_found`; `conflict` when several begin so.
Result<std::string> whole_action_id(store::Connection& connection, const std::string& given);
// Of an approval; the id of the action that waits for it does as well.
Result<std::string> whole_approval_id(store::Connection& connection, const std::string& given);

// The error with the action that it names as tables show it, and how to let that go where it waits for
// approval.
Result<std::string> with_short_id(store::Connection& connection, const std::string& sentence);
Error with_short_ids(store::Connection& connection, Error error);

}  // namespace linnet::cli
