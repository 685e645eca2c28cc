// JSON as simdjson wants it: with room behind it, and without halves of surrogate pairs.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>

namespace linnet::connect {

// A copy with the padding that simdjson needs behind it.
class PaddedText {
 public:
  simdjson::padded_string_view assign(std::string_view text);
  // One huge line must not hold its memory for ever.
  void shrink();

 private:
  std::string bytes_;
};

// nullopt where nothing has to be replaced.
std::optional<std::string> with_whole_surrogates(std::string_view json);

}  // namespace linnet::connect
