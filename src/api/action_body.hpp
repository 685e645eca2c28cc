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

// Where the files of a body come from.
struct FilesOfBody {
  std::function<Result<connect::MediaFile>(const std::string& id)> sent_ahead;  // empty: there are none
  // What came as base64; empty: it is looked at, and not kept.
  std::function<Result<connect::MediaFile>(std::string_view bytes)> given;
};

// {"type":"publish","account":…,"text":…} and the rest of docs/api.md; `posts` in place of `text` for a
// thread. Files come as base64 or were sent ahead; what they are is told by their bytes. `invalid` names the
// field.
Result<ActionBody> parse_action_body(std::string_view body, const FilesOfBody& files = {});

// The route with the schema of such a body.
Route takes_action(Route route);

}  // namespace linnet::api
