// Character references of HTML («&amp;», «&#x2014;»), by the rules of the HTML standard, 13.2.5.72
// to 13.2.5.80.
#pragma once

#include <string>
#include <string_view>

namespace linnet {

// Where a reference stands: in an attribute's value «&copy=1» is left as it is, in text it is «©=1».
enum class EntityContext { text, attribute };

// Appends `raw` with its references decoded; what is not a reference stays as it is. Never fails. References
// to NUL, to surrogates and past U+10FFFF give U+FFFD, those to 0x80–0x9F what windows-1252 has there.
void append_decoded_entities(std::string_view raw, EntityContext context, std::string& out);

std::string decode_entities(std::string_view raw, EntityContext context);

}  // namespace linnet
