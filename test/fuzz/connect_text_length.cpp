// The length of a text as networks count it: never less than nothing, never more than its characters with each link
// at its flat price, and the same whatever white space is around it.
#include <string>

#include "base/text.hpp"
#include "connect/text_length.hpp"
#include "expect.hpp"

using linnet::fuzz::expect;
using namespace linnet::connect;

namespace {

PlatformLimits counted_in(PlatformLimits::Unit unit) {
  PlatformLimits limits;
  limits.text_unit = unit;
  limits.url_length = 23;
  return limits;
}

std::int64_t occurrences(std::string_view text, std::string_view part) {
  std::int64_t count = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = linnet::fuzz::text_of(data, size);
  const auto mastodon = counted_in(PlatformLimits::Unit::links_alike);
  const auto length = text_length({}, text, mastodon);
  expect(length >= 0);
  expect(length <= linnet::count_code_points(text) + 23 * occurrences(text, "://"));
  expect(text_length({}, "\n " + std::string(text) + " \n", mastodon) == length);

  const auto characters = plain_length(text, counted_in(PlatformLimits::Unit::characters));
  const auto graphemes = plain_length(text, counted_in(PlatformLimits::Unit::graphemes));
  expect(graphemes >= 0 && graphemes <= characters);
  return 0;
}
