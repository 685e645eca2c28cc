// Whom an action's own text reaches besides its target: whom it mentions, and whose post it quotes.
#pragma once

#include <string>
#include <vector>

#include "act/situation.hpp"

namespace linnet::act {

struct Reached {
  std::string how;  // "somebody whom the text mentions", without saying who: reasons are kept for good
  connect::Person person;
  std::string post_id;  // of the quoted post
};

// From the text, the tables and what the platform said. The text of a direct message is sealed in the
// attempt: whom it mentions is known once the platform was asked.
Result<std::vector<Reached>> reached_by_text(store::Connection& connection, const ActingAccount& account,
                                             const Attempt& attempt, const PlatformView& platform);

}  // namespace linnet::act
