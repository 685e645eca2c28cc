// What an edit changed, word by word.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace linnet::analyze {

struct WordChange {
  enum class Kind { same, remove, add };
  Kind kind = Kind::same;
  std::string text;

  friend bool operator==(const WordChange&, const WordChange&) = default;
};

// "same", "remove" or "add".
std::string_view to_string(WordChange::Kind kind);

// The steps from `before` to `after`: «same» and «remove» joined give `before`, «same» and «add» joined give
// `after`, byte for byte. Words end where Unicode says (UAX #29), also in languages that write no blanks. The
// fewest words change; where more than about a thousand did, the texts have so little in common that all
// between their common beginning and end is one removal and one addition. What is removed stands before what
// is added in its place. Pure and thread-safe.
std::vector<WordChange> diff_words(std::string_view before, std::string_view after);

}  // namespace linnet::analyze
