// Text as JSON has it.
#pragma once

#include <string>
#include <string_view>

namespace linnet {

// In quotation marks. Bytes that are not UTF-8 stay as they are: whoever reads it reports them.
void append_json_text(std::string& json, std::string_view text);
std::string json_quote(std::string_view text);

}  // namespace linnet
