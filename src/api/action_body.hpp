// The body of a request to act, as JSON.
#pragma once

#include <string_view>

#include "act/gate.hpp"

namespace linnet::api {

struct ActionBody {
  act::NewAction action;
  std::string account;  // id or username, to be looked up
  bool dry_run = false;
};

// {"type":"publish","account":…,"text":…} and the rest of docs/api.md; `posts` in place of `text` for a
// thread. Pictures come as base64. `invalid` names the field.
Result<ActionBody> parse_action_body(std::string_view body);

}  // namespace linnet::api
