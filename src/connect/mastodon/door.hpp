// Mastodon, and what speaks its API, as the rest of Linnet sees it.
#pragma once

#include "connect/platform_door.hpp"

namespace linnet::connect::mastodon {

PlatformDoor door();

SignInDoor sign_in_door();
SourceDoor source_door();

}  // namespace linnet::connect::mastodon
