// What an edit changed: the steps put together give both texts back, byte for byte.
#include <string>

#include "analyze/word_diff.hpp"
#include "base/text.hpp"
#include "expect.hpp"

using linnet::fuzz::expect;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using Kind = linnet::analyze::WordChange::Kind;
  // The texts of posts are UTF-8; the first NUL parts before from after.
  const auto input = linnet::fuzz::text_of(data, size);
  const auto middle = std::min(input.find('\0'), input.size());
  const auto before = linnet::to_valid_utf8(input.substr(0, middle));
  const auto after = linnet::to_valid_utf8(input.substr(middle));
  std::string left;
  std::string right;
  for (const auto& change : linnet::analyze::diff_words(before, after)) {
    if (change.kind != Kind::add) left += change.text;
    if (change.kind != Kind::remove) right += change.text;
  }
  expect(left == before && right == after);
  return 0;
}
