// The networks that Linnet deals with: the one list of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connect/platform_door.hpp"

namespace linnet::connect {

// In the order of their priority.
const std::vector<PlatformDoor>& every_platform();

// Null for one that is not known.
const PlatformDoor* find_platform(std::string_view name);
// `invalid` names the field, and what is known: "platform: expected mastodon or bluesky, got …".
Result<const PlatformDoor*> platform_named(std::string_view field, std::string_view name);

// The names of those of which it is true: "mastodon or bluesky".
std::string names_of_platforms(bool (*is_among)(const PlatformDoor& door));

// The network of what names none: requests, commands, and the lines of streams and dumps.
const PlatformDoor& default_platform();

// Those of a network that is not known are those of servers that each count people anew.
const IdentityRules& identity_of(std::string_view platform);
// The network on which people have names of this form: an address on a server, or a handle. Of several the
// first in the list.
const PlatformDoor& platform_with_names_like(std::string_view name);
// The most of each kind that the network allows or advises; of one that is not known what is safe anywhere.
HourlyCeiling ceiling_of(std::string_view platform);
// As the log names it; an empty word is a network too. Null for a word that none has.
const LineRules* lines_of(std::string_view network);

}  // namespace linnet::connect
