#include "connect/mastodon/countable_text.hpp"

#include <unicode/utf8.h>

#include <algorithm>

#include "connect/audience.hpp"
#include "connect/mastodon/text_links.hpp"

namespace linnet::connect::mastodon {
namespace {

// A part of the text, and what is counted in its place.
struct Part {
  TextRange range;
  std::string counted;
};

// No mention ends before these: what looks like one is none, and counts as it is (twitter-text's
// end_mention_match).
bool ends_there(std::string_view rest) {
  if (rest.empty()) return true;
  if (rest.starts_with("://") || rest.front() == '@' || rest.starts_with("\uFF20")) return false;
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(rest.data());
  std::int64_t next = 0;
  const auto size = static_cast<std::int64_t>(rest.size());
  UChar32 c = 0;
  U8_NEXT(bytes, next, size, c);
  const bool is_accented = (c >= 0xC0 && c <= 0x24F && c != 0xD7 && c != 0xF7) ||
                           (c >= 0x300 && c <= 0x36F) || (c >= 0x1E00 && c <= 0x1EFF);
  return !is_accented;
}

std::vector<Part> parts_of(std::string_view text, std::int64_t url_length) {
  std::vector<Part> parts;
  for (const auto& link : find_links(text))
    parts.push_back(
        {link, std::string(static_cast<std::size_t>(std::max<std::int64_t>(url_length, 0)), 'x')});
  for (const auto& mention : find_mentions(text)) {
    if (!ends_there(text.substr(mention.end))) continue;
    parts.push_back({{mention.begin, mention.end}, "@" + mention.name.substr(0, mention.name.find('@'))});
  }
  std::sort(parts.begin(), parts.end(),
            [](const Part& one, const Part& other) { return one.range.begin < other.range.begin; });
  return parts;
}

}  // namespace

std::string countable_text(std::string_view text, std::int64_t url_length) {
  std::string counted;
  std::size_t at = 0;
  for (const auto& part : parts_of(text, url_length)) {
    if (part.range.begin < at) continue;  // within the one before
    counted += text.substr(at, part.range.begin - at);
    counted += part.counted;
    at = part.range.end;
  }
  return counted += text.substr(at);
}

}  // namespace linnet::connect::mastodon
