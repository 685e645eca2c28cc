#include "base/html_tokenizer.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "base/ascii.hpp"

namespace linnet {
namespace {

constexpr auto npos = std::string_view::npos;

// In the order of HtmlTag.
constexpr std::array<std::string_view, 68> kNames = {
    "",        "a",       "address",  "article",  "aside",    "b",          "blockquote", "br",
    "caption", "center",  "code",     "dd",       "del",      "details",    "dialog",     "dir",
    "div",     "dl",      "dt",       "em",       "fieldset", "figcaption", "figure",     "footer",
    "form",    "h1",      "h2",       "h3",       "h4",       "h5",         "h6",         "header",
    "hgroup",  "hr",      "i",        "iframe",   "legend",   "li",         "main",       "menu",
    "nav",     "noembed", "noframes", "noscript", "ol",       "optgroup",   "option",     "p",
    "pre",     "rp",      "rt",       "ruby",     "s",        "script",     "search",     "section",
    "span",    "strong",  "style",    "summary",  "table",    "td",         "textarea",   "th",
    "title",   "tr",      "u",        "ul"};
static_assert(static_cast<std::size_t>(HtmlTag::ul) + 1 == kNames.size());

constexpr std::size_t kLongestTag = 10;  // blockquote

constexpr bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}
std::size_t find(std::string_view text, char c, std::size_t from) {
  if (from >= text.size()) return npos;
  const auto* found = static_cast<const char*>(std::memchr(text.data() + from, c, text.size() - from));
  return found == nullptr ? npos : static_cast<std::size_t>(found - text.data());
}

// Where the value that begins at `at` (after the «=» and white space) ends; npos if its quote is never
// closed.
std::size_t value_end(std::string_view text, std::size_t at) {
  if (text[at] == '"' || text[at] == '\'') {
    const auto quote = find(text, text[at], at + 1);
    return quote == npos ? npos : quote + 1;
  }
  while (at < text.size() && !is_space(text[at]) && text[at] != '>') ++at;
  return at;
}

// Where the tag's «>» is, looking from the end of its name; npos if it has none.
std::size_t tag_end(std::string_view text, std::size_t at) {
  bool has_name = false;  // An «=» without a name before it is itself the beginning of a name.
  while (at < text.size()) {
    const char c = text[at];
    if (c == '>') return at;
    ++at;
    if (c == '=' && has_name) {
      has_name = false;
      while (at < text.size() && is_space(text[at])) ++at;
      if (at >= text.size()) return npos;
      at = value_end(text, at);
      if (at == npos) return npos;
    } else if (c == '/') {
      has_name = false;
    } else if (!is_space(c)) {
      has_name = true;
    }
  }
  return npos;
}

bool holds_raw_text(HtmlTag tag) {
  switch (tag) {
    case HtmlTag::script:
    case HtmlTag::style:
    case HtmlTag::iframe:
    case HtmlTag::noembed:
    case HtmlTag::noframes:
    case HtmlTag::noscript:
    case HtmlTag::textarea:
    case HtmlTag::title:
      return true;
    default:
      return false;
  }
}

HtmlTag find_tag(std::string_view lower_case) {
  for (std::size_t i = 1; i < kNames.size(); ++i) {
    if (kNames[i] == lower_case) return static_cast<HtmlTag>(i);
  }
  return HtmlTag::other;
}

}  // namespace

std::string_view to_string(HtmlTag tag) {
  return kNames[static_cast<std::size_t>(tag)];
}

HtmlTag html_tag(std::string_view name) {
  if (name.size() > kLongestTag || name.empty()) return HtmlTag::other;
  // Nine tags in ten are one of these four.
  const char first = ascii::to_lower(name[0]);
  if (name.size() == 1) {
    if (first == 'p') return HtmlTag::p;
    if (first == 'a') return HtmlTag::a;
  }
  std::array<char, kLongestTag> folded;
  std::transform(name.begin(), name.end(), folded.begin(), ascii::to_lower);
  const std::string_view lower_case(folded.data(), name.size());
  if (lower_case == "span") return HtmlTag::span;
  if (lower_case == "br") return HtmlTag::br;
  return find_tag(lower_case);
}

bool HtmlTokenizer::next(HtmlToken& token) {
  while (!rest_.empty()) {
    if (rest_[0] == '<' && rest_.size() > 1) {
      const char second = rest_[1];
      if (ascii::is_letter(second)) return take_tag(token, false);
      if (second == '/' && rest_.size() > 2) {
        if (ascii::is_letter(rest_[2])) return take_tag(token, true);
        skip_markup();
        continue;
      }
      if (second == '!' || second == '?') {
        skip_markup();
        continue;
      }
    }
    const auto end = find(rest_, '<', 1);  // A «<» that begins nothing is text, hence from the second byte.
    token.kind = HtmlToken::Kind::text;
    token.tag = HtmlTag::other;
    token.raw = rest_.substr(0, end);
    rest_.remove_prefix(token.raw.size());
    return true;
  }
  return false;
}

bool HtmlTokenizer::take_tag(HtmlToken& token, bool is_end) {
  const std::size_t name_at = is_end ? 2 : 1;
  std::size_t name_end = name_at;
  while (name_end < rest_.size() && !is_space(rest_[name_end]) && rest_[name_end] != '/' &&
         rest_[name_end] != '>') {
    ++name_end;
  }
  const auto end = tag_end(rest_, name_end);
  if (end == npos) {
    rest_ = {};
    return false;
  }
  const auto name = rest_.substr(name_at, name_end - name_at);
  token.kind = is_end ? HtmlToken::Kind::end_tag : HtmlToken::Kind::start_tag;
  token.tag = html_tag(name);
  token.raw = rest_.substr(name_end, end - name_end);
  rest_.remove_prefix(end + 1);
  if (!is_end && holds_raw_text(token.tag)) skip_raw_text(to_string(token.tag));
  return true;
}

// Comments and what the standard calls bogus comments: declarations, processing instructions, CDATA sections
// and end tags without a name.
void HtmlTokenizer::skip_markup() {
  if (rest_.substr(0, 4) != "<!--") {
    const auto end = find(rest_, '>', 2);
    rest_.remove_prefix(end == npos ? rest_.size() : end + 1);
    return;
  }
  if (rest_.substr(4, 1) == ">") return rest_.remove_prefix(5);
  if (rest_.substr(4, 2) == "->") return rest_.remove_prefix(6);
  for (auto end = find(rest_, '>', 4); end != npos; end = find(rest_, '>', end + 1)) {
    const auto before = rest_.substr(4, end - 4);
    if (before.ends_with("--") || before.ends_with("--!")) return rest_.remove_prefix(end + 1);
  }
  rest_ = {};
}

// To its end tag, which the next call hands out.
void HtmlTokenizer::skip_raw_text(std::string_view name) {
  for (auto at = find(rest_, '<', 0); at != npos; at = find(rest_, '<', at + 1)) {
    const auto after = at + 2 + name.size();
    if (after >= rest_.size()) break;
    const char stop = rest_[after];
    if (rest_[at + 1] == '/' && ascii::equal_ignoring_case(rest_.substr(at + 2, name.size()), name) &&
        (is_space(stop) || stop == '/' || stop == '>')) {
      return rest_.remove_prefix(at);
    }
  }
  rest_ = {};
}

bool HtmlAttributes::next(HtmlAttribute& attribute) {
  std::size_t at = 0;
  while (at < rest_.size() && (is_space(rest_[at]) || rest_[at] == '/')) ++at;
  if (at >= rest_.size()) return false;
  const auto name_at = at++;  // The first character belongs to the name whatever it is, also an «=».
  while (at < rest_.size() && !is_space(rest_[at]) && rest_[at] != '/' && rest_[at] != '=') ++at;
  attribute.name = rest_.substr(name_at, at - name_at);
  attribute.value = {};
  while (at < rest_.size() && is_space(rest_[at])) ++at;
  if (at >= rest_.size() || rest_[at] != '=') {
    rest_.remove_prefix(at);
    return true;
  }
  ++at;
  while (at < rest_.size() && is_space(rest_[at])) ++at;
  if (at < rest_.size()) {
    const auto end = std::min(value_end(rest_, at), rest_.size());
    const bool is_quoted = rest_[at] == '"' || rest_[at] == '\'';
    attribute.value = is_quoted ? rest_.substr(at + 1, end - at - 2) : rest_.substr(at, end - at);
    at = end;
  }
  rest_.remove_prefix(at);
  return true;
}

}  // namespace linnet
