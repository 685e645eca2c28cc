// Pieces of JSON as they stand in the text, byte for byte. All throw what simdjson throws.
#pragma once

#include <simdjson.h>

#include <string_view>

namespace linnet::connect {

// A field's own value() hides that of the result around it.
simdjson::ondemand::field taken(simdjson::simdjson_result<simdjson::ondemand::field>&& item);

std::string_view without_space_behind(std::string_view text);
std::string_view raw_json(simdjson::ondemand::value value);

}  // namespace linnet::connect
