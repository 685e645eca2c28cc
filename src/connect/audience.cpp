#include "connect/audience.hpp"

#include <fmt/format.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>

#include "base/ascii.hpp"

namespace linnet::connect {
namespace {

bool is_word(UChar32 c) {
  const auto kind = u_charType(c);
  return u_isalnum(c) || kind == U_CONNECTOR_PUNCTUATION || kind == U_NON_SPACING_MARK ||
         kind == U_COMBINING_SPACING_MARK || kind == U_ENCLOSING_MARK;
}
bool is_name_letter(UChar32 c) {
  return ascii::is_alphanumeric(c) || c == '_';
}

// Where a run of letters ends that dots and hyphens may join: "ada.b-c" of "ada.b-c." .
template <typename IsLetter>
std::size_t run_end(std::string_view text, std::size_t begin, const IsLetter& is_letter) {
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto length = static_cast<std::int32_t>(text.size());
  auto next = static_cast<std::int32_t>(begin);
  auto end = next;
  while (next < length) {
    UChar32 c = 0;
    U8_NEXT(bytes, next, length, c);
    if (c >= 0 && is_letter(c)) {
      end = next;
    } else if ((c != '.' && c != '-') || end == static_cast<std::int32_t>(begin)) {
      break;
    }
  }
  return static_cast<std::size_t>(end);
}

// No mention begins within a word or an address (Account::MENTION_RE of Mastodon).
bool may_begin(std::string_view text, std::size_t at) {
  if (at == 0) return true;
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  auto before = static_cast<std::int32_t>(at);
  UChar32 c = 0;
  U8_PREV(bytes, 0, before, c);
  return c < 0 || (c != '/' && c != '=' && !is_word(c));
}

}  // namespace

Status check_visibility(const Draft& draft, model::ActionType type) {
  if (type == model::ActionType::dm_send) return {};
  for (const auto* const known : {"", "public", "unlisted", "private"}) {
    if (draft.visibility == known) return {};
  }
  return invalid(fmt::format(
      "visibility: expected public, unlisted or private, got \"{}\"; what only the people named in "
      "it are to see is a direct message: use dm_send",
      draft.visibility.substr(0, 40)));
}

std::vector<Mention> find_mentions(std::string_view text) {
  std::vector<Mention> found;
  for (auto at = text.find('@'); at != std::string_view::npos; at = text.find('@', at)) {
    const auto sign = at;
    const auto begin = at + 1;
    auto end = may_begin(text, at) ? run_end(text, begin, is_name_letter) : begin;
    at = std::max(end, begin);
    if (end == begin) continue;
    if (end < text.size() && text[end] == '@') {
      const auto home_end = run_end(text, end + 1, is_word);
      if (home_end > end + 1) end = home_end;
    }
    at = end;
    found.push_back({sign, end, std::string(text.substr(begin, end - begin))});
  }
  return found;
}

std::vector<std::string> mentioned_names(std::string_view text) {
  std::vector<std::string> names;
  for (auto& mention : find_mentions(text)) {
    if (std::find(names.begin(), names.end(), mention.name) == names.end())
      names.push_back(std::move(mention.name));
  }
  return names;
}

}  // namespace linnet::connect
