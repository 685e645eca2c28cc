// The last word before something is sent: judged on what is so now, and claimed.
#pragma once

#include "act/lane.hpp"

namespace linnet::act {

// What the platform was asked before, and of what.
struct Asked {
  PlatformView platform;
  bool is_platform_on = true;  // one that is off was not asked
};

// In one transaction: that nothing has changed since the platform was asked is made sure of, the rules are
// asked, and the attempt is in progress, so that no other process sends it too. `loaded` is then as it is to
// be sent. False where it is not sent now: the attempt says why, unless it has to be taken up anew.
Result<bool> claim(Lane& lane, Loaded& loaded, const Asked& asked);

// The rules once more, for an attempt that is claimed and has had to wait: an error where they would not let
// it go now, or where it is no longer this worker's.
Status ask_rules_again(Lane& lane, const Loaded& loaded, const PlatformView& platform);

}  // namespace linnet::act
