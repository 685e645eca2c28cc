// Passwords of people who use Linnet: Argon2id (RFC 9106), as PHC strings.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace linnet::govern {

// `invalid` unless it has 10 to 1,000 characters. Takes a good part of a second and 64 MiB, on purpose.
Result<std::string> hash_password(std::string_view password);

// Whether the password is the one that was hashed. An empty hash takes as long and is never matched, so that
// the time does not tell whether somebody exists.
bool verify_password(std::string_view hash, std::string_view password);

// Whether it was made with other parameters than hash_password uses now, and should be made anew when the
// password is next at hand.
bool is_outdated(std::string_view hash);

}  // namespace linnet::govern
