// Finds any of many words in one pass (Aho and Corasick, 1975).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace linnet::govern {

// Built once, then read by any number of threads. A dense table over the bytes that occur in the words: one
// step for each byte of the text, whatever the number of words.
class KeywordAutomaton {
 public:
  // `words` are not empty; the number of a word is its place in the list.
  explicit KeywordAutomaton(const std::vector<std::string>& words);

  // Calls `found(word, end)` for each occurrence, `end` being the place after its last byte; stops when that
  // returns true.
  template <typename Found>
  void scan(std::string_view text, Found&& found) const {
    if (next_.empty()) return;
    std::uint32_t state = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      state = next_[state * width_ + class_of_[static_cast<unsigned char>(text[i])]];
      for (auto at = first_output_[state]; at != 0; at = outputs_[at].next) {
        if (found(outputs_[at].word, i + 1)) return;
      }
    }
  }

 private:
  struct Output {
    std::uint32_t word = 0;
    std::uint32_t next = 0;  // 0: no more
  };
  void add_word(std::uint32_t number, std::string_view word);
  void link();

  std::array<std::uint8_t, 256> class_of_{};  // 0: in no word
  std::uint32_t width_ = 1;
  std::vector<std::uint32_t> next_;  // [state * width + class]
  std::vector<std::uint32_t> first_output_;
  std::vector<Output> outputs_{Output{}};
};

}  // namespace linnet::govern
