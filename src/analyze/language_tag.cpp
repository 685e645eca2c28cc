#include "analyze/language_tag.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/ascii.hpp"
#include "base/text.hpp"

namespace linnet::analyze {
namespace {

constexpr std::size_t kLongestTag = 35;  // what RFC 5646, 4.4.1 asks programs to have room for

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// The parts between hyphens, in lower case.
std::vector<std::string> subtags_of(std::string_view tag) {
  std::vector<std::string> subtags(1);
  for (const char c : tag) {
    if (c == '-' || c == '_')
      subtags.emplace_back();
    else
      subtags.back() += ascii::to_lower(c);
  }
  return subtags;
}

bool is_language(const std::vector<std::string>& subtags) {
  const auto is_letters = [](std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  };
  const auto& base = subtags.front();
  if (base.size() < 2 || base.size() > 3 || !is_letters(base)) return false;
  return std::all_of(subtags.begin(), subtags.end(), [](std::string_view subtag) {
    return !subtag.empty() && subtag.size() <= 8 &&
           std::all_of(subtag.begin(), subtag.end(), is_alphanumeric);
  });
}

}  // namespace

bool is_in_language(std::string_view tag, std::string_view wanted) {
  const auto have = subtags_of(tag);
  const auto want = subtags_of(wanted);
  if (have.front() != want.front()) return false;
  auto place = have.begin();
  for (const auto& subtag : want) {
    place = std::find(place, have.end(), subtag);
    if (place == have.end()) return false;
    ++place;
  }
  return true;
}

Result<std::string> language_pattern(std::string_view field, std::string_view wanted) {
  const auto subtags = subtags_of(trim(wanted));
  if (wanted.size() > kLongestTag || !is_language(subtags)) {
    return invalid(fmt::format("{}: expected the code of a language such as en or pt-BR, got \"{}\"", field,
                               truncate_utf8(to_valid_utf8(wanted), 40)));
  }
  std::string pattern;
  for (const auto& subtag : subtags) pattern += fmt::format("-{}-%", subtag);
  return pattern;
}

std::string language_for_like(std::string_view column) {
  // A hyphen before and one after each subtag, so that none is found within another.
  return fmt::format("('-' || replace(replace(lower({}), '_', '-'), '-', '--') || '-')", column);
}

}  // namespace linnet::analyze
