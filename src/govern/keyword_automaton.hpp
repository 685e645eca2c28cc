// Finds any of many words in one pass (Aho and Corasick, 1975).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace linnet::govern {

// Built once, then read by any number of threads. A dense table over the bytes that occur in the words: one
// step for each byte of the text, whatever the number of words. States are numbered by their depth, for a
// text that holds none of the words stays near the root, and so in the processor's cache.
class KeywordAutomaton {
 public:
  // `words` are not empty; the number of a word is its place in the list.
  explicit KeywordAutomaton(const std::vector<std::string>& words);

  // Calls `found(word, end)` once for each occurrence, `end` being the place after its last byte, in no
  // certain order; stops when that returns true.
  template <typename Found>
  void scan(std::string_view text, Found&& found) const {
    if (next_.empty()) return;
    // Each step waits for the memory that the last one named. Both halves are walked at once, for two wait no
    // longer than one; the second begins so early that it sees all of a word across the middle.
    const auto middle = text.size() > 4 * longest_ ? text.size() / 2 : 0;
    std::uint32_t first = 0;
    std::uint32_t second = 0;
    auto at = middle == 0 ? 0 : middle - (longest_ - 1);
    for (std::size_t i = 0; i < middle; ++i, ++at) {
      if (step(first, text[i]) && report(first, i + 1, found)) return;
      if (step(second, text[at]) && at >= middle && report(second, at + 1, found)) return;
    }
    for (; at < text.size(); ++at) {
      if (step(second, text[at]) && at >= middle && report(second, at + 1, found)) return;
    }
  }

 private:
  struct Output {
    std::uint32_t word = 0;
    std::uint32_t next = 0;  // 0: no more
  };

  // Goes on from the row by one byte; returns whether words end there.
  bool step(std::uint32_t& row, char byte) const {
    const auto next = next_[row + class_of_[static_cast<unsigned char>(byte)]];
    row = next >> 1U;
    return (next & 1U) != 0;
  }
  template <typename Found>
  bool report(std::uint32_t row, std::size_t end, Found& found) const {
    for (auto at = first_output_[row / width_]; at != 0; at = outputs_[at].next) {
      if (found(outputs_[at].word, end)) return true;
    }
    return false;
  }

  void add_word(std::uint32_t number, std::string_view word);
  [[nodiscard]] std::vector<std::uint32_t> link();
  void renumber(const std::vector<std::uint32_t>& by_depth);

  std::array<std::uint8_t, 256> class_of_{};  // 0: in no word
  std::uint32_t width_ = 1;
  std::size_t longest_ = 0;  // of the words, in bytes
  // [state * width + class]: while it is built a state, then the place where a state's row begins, doubled,
  // and one more where words end in it.
  std::vector<std::uint32_t> next_;
  std::vector<std::uint32_t> first_output_;
  std::vector<Output> outputs_{Output{}};
};

}  // namespace linnet::govern
