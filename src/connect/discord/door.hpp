// Discord, as the rest of Linnet sees it.
#pragma once

#include "connect/platform_door.hpp"

namespace linnet::connect::discord {

PlatformDoor door();
// Parts of it, each in a file of its own.
SourceDoor source_door();
SignInDoor sign_in_door();

}  // namespace linnet::connect::discord
