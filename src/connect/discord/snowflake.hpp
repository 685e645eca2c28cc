// Discord's ids: 64 bits, of which the upper 42 are the milliseconds since 2015 at which they were made.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.hpp"

namespace linnet::connect::discord {

// nullopt for what is none, such as text, 0 or more than 64 bits.
std::optional<std::uint64_t> parse_snowflake(std::string_view text);
inline bool is_snowflake(std::string_view text) {
  return parse_snowflake(text).has_value();
}
Instant time_of_snowflake(std::uint64_t id);
// The first that could be made at the moment: what came after it has a greater one.
std::uint64_t first_snowflake_at(Instant at);

}  // namespace linnet::connect::discord
