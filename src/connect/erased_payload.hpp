// What is left of an event when a person is taken out of it.
#pragma once

#include <string>
#include <string_view>

namespace linnet::connect {

// Stands for the id of a post whose author was erased.
constexpr std::string_view kErasedPost = "erased";

struct ErasedPayload {
  enum class Change { none, rewritten, blanked };
  Change change = Change::none;
  std::string payload;    // in place of the one that was there, when it was rewritten
  std::string status_id;  // of the post that it is now about; empty: none
};

}  // namespace linnet::connect
