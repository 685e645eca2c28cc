// Text from outside: UTF-8 that may be broken, and case folding in any language.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace linnet {

[[nodiscard]] bool is_valid_utf8(std::string_view text);

// The text as valid UTF-8 without NUL: each byte that is not part of a valid sequence becomes U+FFFD, as does
// each NUL (PostgreSQL cannot store one). Valid text comes back unchanged.
std::string to_valid_utf8(std::string_view text);

// JSON with each escape that is half a surrogate (\ud83d without its other half) replaced by \ufffd, which
// readers that go by the letter would refuse the whole text for. Anything else comes back unchanged.
std::string without_half_surrogates(std::string_view json);

// Unicode simple case folding (CaseFolding.txt, statuses C and S), code point by code point.
std::string fold_case(std::string_view text);

// The form in which names and words are compared: NFKC_Casefold (The Unicode Standard, 3.13). «Ｓｐａｍ»,
// «SPAM» and a «spam» with invisible characters in it all become "spam", «Größe» and «GRÖSSE» both "grösse".
// Broken sequences become U+FFFD.
std::string comparable(std::string_view text);

// The same characters composed (NFC), and with those that are another's variant replaced by it as well
// (NFKC); in the case as written.
std::string to_nfc(std::string_view text);
std::string to_nfkc(std::string_view text);

// How long a text is: in code points, and in characters as people see them (extended grapheme clusters, UAX
// 29), of which a family of four is one. A byte that is part of no sequence counts as one of either.
std::int64_t count_code_points(std::string_view text);
std::int64_t count_graphemes(std::string_view text);

// At most `bytes` bytes, cut between code points.
std::string_view truncate_utf8(std::string_view text, std::size_t bytes);

// Without white space (Unicode White_Space) at both ends.
std::string_view trim(std::string_view text);

}  // namespace linnet
