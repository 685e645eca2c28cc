// The blocklist as the gate asks it.
#pragma once

#include "act/situation.hpp"
#include "govern/blocklist.hpp"

namespace linnet::act {

// What the list is asked about.
govern::BlockSubject subject_of(const BlockQuestion& question);

// `list` outlives the check. Where the list cannot be read, everything waits: nothing leaves unchecked.
BlockCheck block_check(govern::Blocklist& list);

}  // namespace linnet::act
