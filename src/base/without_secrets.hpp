// What may be shown of addresses that hold passwords.
#pragma once

#include <string>
#include <string_view>

namespace linnet {

// The text with *** for each password, token and key in it: behind the user name of an address
// ("postgres://ada:***@db"), as a parameter of one ("?password=***"), or as PostgreSQL writes it
// ("host=db password=***"). Rather too much than too little.
std::string without_secrets(std::string_view text);

}  // namespace linnet
