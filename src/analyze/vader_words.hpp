// Cuts a text into what VADER's rules look at.
#pragma once

#include <string_view>
#include <vector>

#include "analyze/vader_tables.hpp"

namespace linnet::analyze::vader {

struct TextWord {
  const Entry* entry = nullptr;  // never null; an empty entry for a word that no list has
  bool is_upper = false;         // all of its letters that have a case are capitals, and there is one
  bool negates = false;
};

struct TextWords {
  std::vector<TextWord> words;
  int exclamation_marks = 0;  // in the whole text, emoji descriptions included
  int question_marks = 0;
};

// Emoji are replaced by their descriptions, the text is split at white space, and words lose the punctuation
// around them unless two characters or fewer would be left: that is an emoticon.
TextWords split_words(std::string_view text);

}  // namespace linnet::analyze::vader
