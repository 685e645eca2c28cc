// Bytes written as text: hexadecimal digits, and base64 (RFC 4648).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace linnet {

// Two lower-case digits a byte.
std::string to_hex(std::string_view bytes);
// Digits of either case, two a byte; nothing for anything else.
std::optional<std::string> from_hex(std::string_view digits);

// Without padding, as in URLs (section 5).
std::string base64_url(std::string_view bytes);
// The padding may be there.
std::optional<std::string> from_base64_url(std::string_view text);

// With padding (section 4); nothing for anything else.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace linnet
