// The body of a request to act, as JSON.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "act/gate.hpp"
#include "api/routes.hpp"

namespace linnet::api {

struct ActionBody {
  act::NewAction action;
  std::string account;  // id or username, to be looked up
  bool dry_run = false;
};

// The bytes of a file that was sent ahead, by its id; empty: there are none.
using ReadUpload = std::function<Result<std::string>(const std::string& id)>;

// {"type":"publish","account":…,"text":…} and the rest of docs/api.md; `posts` in place of `text` for a
// thread. Files come as base64 or were sent ahead; what they are is told by their bytes. `invalid` names the
// field.
Result<ActionBody> parse_action_body(std::string_view body, const ReadUpload& read_upload = {});

// The route with the schema of such a body.
Route takes_action(Route route);

}  // namespace linnet::api
