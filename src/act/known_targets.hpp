// What is known of what an action is for, as everybody may read it; and actions by the beginning of their
// ids.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "act/attempt.hpp"
#include "store/connection.hpp"

namespace linnet::act {

struct KnownPost {
  std::string author;  // as its server writes the address; empty where they were not seen
  std::string text;
};
// Empty for a post that was not seen, is deleted, or that only followers see.
Result<KnownPost> known_post(store::Connection& connection, const Attempt& attempt);
// Their address; empty where the person was not seen.
Result<std::string> known_person(store::Connection& connection, const Attempt& attempt);

// The ids that begin so, two at most: who types a short one means one. `beginning` has no % and no _.
Result<std::vector<std::string>> attempts_that_begin(store::Connection& connection,
                                                     std::string_view beginning);
Result<std::vector<std::string>> approvals_that_begin(store::Connection& connection,
                                                      std::string_view beginning);

}  // namespace linnet::act
