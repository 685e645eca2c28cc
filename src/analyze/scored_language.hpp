// Which texts the built-in sentiment is for.
#pragma once

#include <string_view>

namespace linnet::analyze {

// VADER's lexicon and rules are English: of any other language it makes noise (the German article «die» is
// no death). A text is scored when its post is marked as English, or is not marked and looks English: by CLD2
// (github.com/CLD2Owners/cld2), and where a text is too short for that, by words that no other language has.
// `language` is the post's, empty where it has none; «und» and «mul» mean none. Pure and thread-safe.
bool is_scored_language(std::string_view language, std::string_view text);

}  // namespace linnet::analyze
