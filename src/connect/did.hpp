// Decentralised identifiers (w3.org/TR/did-core): ids of people that no server gave.
#pragma once

#include <string_view>

namespace linnet::connect {

bool is_did(std::string_view text);

}  // namespace linnet::connect
