// Text of strangers on a terminal and in the log: what would steer the terminal, turn the direction of
// reading or begin a line is shown instead of done.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace linnet {

enum class LineBreaks {
  shown,  // as \n: a stranger's word is one line
  kept,   // with tabs: the text is a page of ours
};

// ESC as \x1b, a line break as \n, U+202E (right to left) as \u202e, a byte that is no UTF-8 as \xff.
// Everything else stays.
std::string visible(std::string_view text, LineBreaks breaks = LineBreaks::shown);

// How much of the text ends with a whole character: the rest is the beginning of one.
std::size_t whole_characters(std::string_view text);

}  // namespace linnet
