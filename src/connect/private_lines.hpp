// What of a line of a stream may be kept. A message is not a post: wherever one stands in a line (an update,
// a notification, a conversation, a quoted post), it stays out of the log and of all that follows from it.
#pragma once

#include <string>
#include <string_view>

#include "model/visibility.hpp"

namespace linnet::connect {

struct KeptLine {
  enum class Kept { whole, rest, nothing };
  Kept kept = Kept::whole;
  std::string line;  // of `rest`: the line without what is private, such as a quoted message
};

// `widest` is the reach that is private already: `addressed` for messages alone, `followers` for what only
// followers see as well. A line that is no JSON is judged by the words in it, and rather not kept.
KeptLine without_private(std::string_view line, model::Reach widest);

// Whether without_private could find anything, by a glance at the bytes.
bool may_be_private(std::string_view line, model::Reach widest);

}  // namespace linnet::connect
