// Bluesky, and the AT Protocol behind it, as the rest of Linnet sees it.
#pragma once

#include "connect/platform_door.hpp"

namespace linnet::connect::bluesky {

PlatformDoor door();

SignInDoor sign_in_door();
SourceDoor source_door();

}  // namespace linnet::connect::bluesky
