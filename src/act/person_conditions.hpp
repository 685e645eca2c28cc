// Which rows are about a person: the same for what is handed out and what is erased.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "govern/reached_names.hpp"

namespace linnet::act {

// What reached an account: $1 its instance, $2 its id, $3 the names it is known by (see reached_names).
inline std::string actions_on_person(store::Engine engine) {
  return fmt::format(
      R"(account_id IN (SELECT id FROM accounts WHERE instance_id = $1) AND (target_user_id = $2
           OR (target_type = 'user' AND target_id = $2) OR {} OR (target_type = 'post'
           AND target_id IN (SELECT id FROM posts WHERE instance_id = $1 AND account_id = $2))))",
      govern::is_one_of(engine, "target_name", "$3"));
}

}  // namespace linnet::act
