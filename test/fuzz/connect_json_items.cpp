// The splitter of a large outbox: the same items wherever the pieces are cut.
#include <string>
#include <vector>

#include "connect/archive/json_items.hpp"
#include "expect.hpp"

using linnet::fuzz::expect;

namespace {

struct Items {
  std::vector<std::string> items;
  bool is_whole = false;
  friend bool operator==(const Items&, const Items&) = default;
};

Items split(std::string_view text, std::size_t piece) {
  Items items;
  linnet::connect::JsonItems reader(
      [&](std::string_view item) {
        items.items.emplace_back(item);
        return linnet::Status();
      },
      1'000);
  linnet::Status fed;
  for (std::size_t at = 0; at < text.size() && fed; at += piece) fed = reader.feed(text.substr(at, piece));
  items.is_whole = fed && reader.finish();
  return items;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto text = linnet::fuzz::text_of(data + 1, size - 1);
  expect(split(text, text.size()) == split(text, 1U + data[0] % 16U));
  return 0;
}
