#include "connect/bluesky/facets.hpp"

#include <unicode/brkiter.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <memory>

#include "base/ascii.hpp"
#include "connect/bluesky/record_key.hpp"

namespace linnet::connect::bluesky {
namespace {

// As the expressions of @atproto/api (rich-text/util.ts) see it, whose `\s` is JavaScript's.
bool is_space(UChar32 c) {
  return (c >= 0x09 && c <= 0x0D) || c == ' ' || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
         c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000 || c == 0xFEFF;
}
bool is_digit(UChar32 c) {
  return c >= '0' && c <= '9';
}
bool is_punctuation(UChar32 c) {
  return (U_MASK(u_charType(c)) & U_GC_P_MASK) != 0;
}
// What is not seen ends a tag.
bool is_invisible(UChar32 c) {
  return c == 0xAD || c == 0x2060 || (c >= 0x200A && c <= 0x200D) || c == 0x20E2;
}

// The character that begins at `at`, which then is behind it; negative for bytes that are none.
UChar32 take(std::string_view text, std::size_t& at) {
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  auto next = static_cast<std::int32_t>(at);
  UChar32 c = 0;
  U8_NEXT(bytes, next, static_cast<std::int32_t>(text.size()), c);
  at = static_cast<std::size_t>(next);
  return c;
}
UChar32 take_back(std::string_view text, std::size_t& at) {
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  auto before = static_cast<std::int32_t>(at);
  UChar32 c = 0;
  U8_PREV(bytes, 0, before, c);
  at = static_cast<std::size_t>(before);
  return c;
}

bool is_after_space(std::string_view text, std::size_t at) {
  return at == 0 || is_space(take_back(text, at));
}
bool is_after_space_or_bracket(std::string_view text, std::size_t at) {
  return is_after_space(text, at) || text[at - 1] == '(';
}

bool read_link(std::string_view text, std::size_t at, Facet& facet) {
  const auto rest = text.substr(at);
  const std::size_t scheme = rest.starts_with("https://") ? 8 : rest.starts_with("http://") ? 7 : 0;
  if (scheme == 0 || !is_after_space_or_bracket(text, at)) return false;
  std::size_t end = at;
  for (std::size_t next = at; next < text.size(); end = next) {
    if (is_space(take(text, next))) break;
  }
  if (end == at + scheme) return false;
  // A mark that ends the sentence, and the bracket that it stands in.
  if (std::string_view(".,;:!?").find(text[end - 1]) != std::string_view::npos) --end;
  if (text[end - 1] == ')' && text.substr(at, end - at).find('(') == std::string_view::npos) --end;
  if (end <= at + scheme) return false;
  facet = {Facet::Kind::link, at, end, std::string(text.substr(at, end - at))};
  return true;
}

bool read_mention(std::string_view text, std::size_t at, Facet& facet) {
  if (text[at] != '@' || !is_after_space_or_bracket(text, at)) return false;
  std::size_t end = at + 1;
  while (end < text.size() &&
         (ascii::is_letter(text[end]) || is_digit(text[end]) || text[end] == '.' || text[end] == '-'))
    ++end;
  if (end < text.size() && text[end] == '_') return false;
  while (end > at + 1 && (text[end - 1] == '.' || text[end - 1] == '-')) --end;
  const auto handle = text.substr(at + 1, end - at - 1);
  if (!is_handle(handle)) return false;
  facet = {Facet::Kind::mention, at, end, std::string(handle)};
  return true;
}

std::int64_t count_graphemes(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::BreakIterator> breaks(
      icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status));
  if (U_FAILURE(status)) return static_cast<std::int64_t>(text.size());
  const auto unicode =
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int>(text.size())));
  breaks->setText(unicode);
  std::int64_t count = 0;
  while (breaks->next() != icu::BreakIterator::DONE) ++count;
  return count;
}

std::size_t without_trailing_punctuation(std::string_view text, std::size_t begin, std::size_t end) {
  while (end > begin) {
    auto before = end;
    if (!is_punctuation(take_back(text, before))) break;
    end = before;
  }
  return end;
}

// Of any script and any sign, but not of digits and punctuation alone.
bool read_tag(std::string_view text, std::size_t at, Facet& facet) {
  constexpr UChar32 kFullWidth = 0xFF03;  // «＃»
  constexpr UChar32 kEmojiVariant = 0xFE0F;
  constexpr std::int64_t kLongest = 64;
  constexpr std::size_t kMostBytes = 640;  // app.bsky.richtext.facet
  std::size_t begin = at;
  if (const auto sign = take(text, begin); (sign != '#' && sign != kFullWidth) || !is_after_space(text, at))
    return false;
  bool has_letter = false;
  std::size_t end = begin;
  for (std::size_t next = begin; next < text.size(); end = next) {
    const auto c = take(text, next);
    if (c < 0 || is_space(c) || is_invisible(c)) break;
    if (end == begin && c == kEmojiVariant) return false;
    has_letter = has_letter || (!is_digit(c) && !is_punctuation(c));
  }
  end = without_trailing_punctuation(text, begin, end);
  const auto tag = text.substr(begin, end - begin);
  if (!has_letter || tag.empty() || tag.size() > kMostBytes || count_graphemes(tag) > kLongest) return false;
  facet = {Facet::Kind::tag, at, end, std::string(tag)};
  return true;
}

// "$AAPL" is the tag of that name, whatever the case.
bool read_cashtag(std::string_view text, std::size_t at, Facet& facet) {
  constexpr std::size_t kLongest = 5;
  if (text[at] != '$' || !is_after_space_or_bracket(text, at)) return false;
  std::size_t end = at + 1;
  while (end < text.size() && (ascii::is_letter(text[end]) || (end > at + 1 && is_digit(text[end])))) ++end;
  if (end == at + 1 || end - at - 1 > kLongest) return false;
  std::size_t behind = end;
  const auto next = end < text.size() ? take(text, behind) : ' ';
  const bool is_whole =
      is_space(next) || next == 0x2019 ||
      (next > 0 && next < 0x80 &&
       std::string_view(".,;:!?)\"'").find(static_cast<char>(next)) != std::string_view::npos);
  if (!is_whole) return false;
  std::string name(text.substr(at, end - at));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  facet = {Facet::Kind::tag, at, end, std::move(name)};
  return true;
}

}  // namespace

std::vector<Facet> find_facets(std::string_view text) {
  std::vector<Facet> facets;
  for (std::size_t at = 0; at < text.size();) {
    Facet facet;
    const bool found = read_link(text, at, facet) || read_mention(text, at, facet) ||
                       read_tag(text, at, facet) || read_cashtag(text, at, facet);
    at = found ? facet.end : at + 1;
    if (found) facets.push_back(std::move(facet));
  }
  return facets;
}

}  // namespace linnet::connect::bluesky
