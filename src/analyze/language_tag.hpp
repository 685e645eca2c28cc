// Languages as posts name them (BCP 47: «de», «pt-BR», «zh_Hant-TW») and as people ask for them.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace linnet::analyze {

// Whether a post's language is within the one asked for, by extended filtering (RFC 4647, 3.3.2) without its
// wildcards: «de» is in «de», «DE-at» and «de_CH»; «zh-TW» in «zh-Hant-TW»; «de-AT» is not in «de». A tag
// that cannot be read is in none. Pure.
bool is_in_language(std::string_view tag, std::string_view wanted);

// The same for SQL: a pattern for LIKE, to which `language_for_like` of the column is compared. `invalid`
// names `field` where no language is given.
Result<std::string> language_pattern(std::string_view field, std::string_view wanted);
std::string language_for_like(std::string_view column);

}  // namespace linnet::analyze
