#include "connect/bluesky/facets.hpp"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>

#include "connect/bluesky/record_key.hpp"

namespace linnet::connect::bluesky {
namespace {

constexpr std::size_t kLongestTag = 640;  // bytes (app.bsky.richtext.facet)

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

// Where something may begin: at the start, after white space or an opening mark.
bool may_begin(std::string_view text, std::size_t at) {
  return at == 0 || is_space(text[at - 1]) ||
         std::string_view("([{\"'").find(text[at - 1]) != std::string_view::npos;
}

std::size_t word_end(std::string_view text, std::size_t at) {
  const auto end = std::find_if(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), is_space);
  return static_cast<std::size_t>(end - text.begin());
}

// Without the marks that end a sentence rather than an address.
std::size_t without_trailing_marks(std::string_view text, std::size_t begin, std::size_t end) {
  while (end > begin && std::string_view(".,;:!?'\"").find(text[end - 1]) != std::string_view::npos) --end;
  if (end > begin && text[end - 1] == ')' &&
      text.substr(begin, end - begin).find('(') == std::string_view::npos)
    --end;
  return end;
}

bool read_link(std::string_view text, std::size_t at, Facet& facet) {
  const auto rest = text.substr(at);
  const std::size_t scheme = rest.starts_with("https://") ? 8 : rest.starts_with("http://") ? 7 : 0;
  if (scheme == 0) return false;
  const auto end = without_trailing_marks(text, at, word_end(text, at));
  if (end <= at + scheme) return false;
  facet = {Facet::Kind::link, at, end, std::string(text.substr(at, end - at))};
  return true;
}

bool read_mention(std::string_view text, std::size_t at, Facet& facet) {
  if (text[at] != '@') return false;
  std::size_t end = at + 1;
  while (end < text.size() &&
         (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '.' || text[end] == '-'))
    ++end;
  end = without_trailing_marks(text, at, end);
  const auto handle = text.substr(at + 1, end - at - 1);
  if (!is_handle(handle)) return false;
  facet = {Facet::Kind::mention, at, end, std::string(handle)};
  return true;
}

// Letters, digits and what belongs to them in any script; not digits alone.
bool read_tag(std::string_view text, std::size_t at, Facet& facet) {
  if (text[at] != '#') return false;
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto length = static_cast<std::int32_t>(text.size());
  auto next = static_cast<std::int32_t>(at) + 1;
  auto end = next;
  bool has_letter = false;
  while (next < length) {
    UChar32 c = 0;
    U8_NEXT(bytes, next, length, c);
    const bool is_part = c >= 0 && (u_isalnum(c) || c == '_' || u_charType(c) == U_NON_SPACING_MARK ||
                                    u_charType(c) == U_COMBINING_SPACING_MARK);
    if (!is_part) break;
    has_letter = has_letter || !u_isdigit(c);
    end = next;
  }
  const auto size = static_cast<std::size_t>(end) - at;
  if (!has_letter || size < 2 || size > kLongestTag) return false;
  facet = {Facet::Kind::tag, at, static_cast<std::size_t>(end), std::string(text.substr(at + 1, size - 1))};
  return true;
}

}  // namespace

std::vector<Facet> find_facets(std::string_view text) {
  std::vector<Facet> facets;
  for (std::size_t at = 0; at < text.size();) {
    Facet facet;
    const bool found = may_begin(text, at) && (read_link(text, at, facet) || read_mention(text, at, facet) ||
                                               read_tag(text, at, facet));
    at = found ? facet.end : at + 1;
    if (found) facets.push_back(std::move(facet));
  }
  return facets;
}

}  // namespace linnet::connect::bluesky
