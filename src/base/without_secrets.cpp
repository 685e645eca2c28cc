#include "base/without_secrets.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "base/text.hpp"

namespace linnet {
namespace {

constexpr std::string_view kHidden = "***";
constexpr std::string_view kSpace = " \t\r\n";

bool is_number(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_name_character(char c) {
  return ascii::is_alphanumeric(c) || c == '_' || c == '-';
}

// Where the user's part of the address that begins at `begin` ends, before its «@»; npos where there is none.
// A password should have its slashes and question marks encoded, and does not always.
std::size_t end_of_user(std::string_view text, std::size_t begin) {
  const auto word = std::min(text.find_first_of(kSpace, begin), text.size());
  const auto authority = std::min(text.find_first_of("/?#", begin), word);
  const auto at = text.substr(0, authority).rfind('@');
  if (at != std::string_view::npos && at >= begin) return at;
  const auto colon = text.substr(0, authority).find(':', begin);
  if (colon == std::string_view::npos || is_number(text.substr(colon + 1, authority - colon - 1)))
    return std::string_view::npos;
  const auto later = text.substr(0, word).rfind('@');
  return later != std::string_view::npos && later > colon ? later : std::string_view::npos;
}

std::string without_user_passwords(std::string_view text) {
  constexpr std::string_view kMark = "://";
  std::string shown;
  std::size_t done = 0;
  for (auto mark = text.find(kMark); mark != std::string_view::npos; mark = text.find(kMark, done)) {
    const auto begin = mark + kMark.size();
    shown += text.substr(done, begin - done);
    done = begin;
    const auto end = end_of_user(text, begin);
    if (end == std::string_view::npos) continue;
    const auto user = text.substr(begin, end - begin);
    const auto colon = user.find(':');
    // PostgreSQL's addresses name the user alone where there is no password; elsewhere that is a token.
    const bool is_postgres =
        text.substr(0, mark).ends_with("postgres") || text.substr(0, mark).ends_with("postgresql");
    if (colon != std::string_view::npos) {
      shown += user.substr(0, colon + 1);
      shown += kHidden;
    } else {
      shown += is_postgres ? user : kHidden;
    }
    done = end;
  }
  shown += text.substr(done);
  return shown;
}

bool names_a_secret(std::string_view name) {
  constexpr std::array<std::string_view, 8> kSigns{"pass", "pwd",  "secret",     "token",
                                                   "key",  "auth", "credential", "sig"};
  const auto folded = fold_case(name);
  return std::any_of(kSigns.begin(), kSigns.end(),
                     [&](std::string_view sign) { return folded.find(sign) != std::string::npos; });
}

// Where the value that begins there ends.
std::size_t end_of_value(std::string_view text, std::size_t begin) {
  if (begin < text.size() && (text[begin] == '\'' || text[begin] == '"')) {
    for (auto i = begin + 1; i < text.size(); ++i) {
      if (text[i] == '\\') {
        ++i;
      } else if (text[i] == text[begin]) {
        return i + 1;
      }
    }
    return text.size();
  }
  return std::min(text.find_first_of(" \t\r\n&;#", begin), text.size());
}

std::string without_secret_parameters(std::string_view text) {
  std::string shown;
  std::size_t done = 0;
  for (auto equals = text.find('='); equals != std::string_view::npos; equals = text.find('=', equals + 1)) {
    if (equals < done) continue;
    auto name_end = equals;
    while (name_end > done && text[name_end - 1] == ' ') --name_end;
    auto name_begin = name_end;
    while (name_begin > done && is_name_character(text[name_begin - 1])) --name_begin;
    if (!names_a_secret(text.substr(name_begin, name_end - name_begin))) continue;
    const auto begin = std::min(text.find_first_not_of(' ', equals + 1), text.size());
    shown += text.substr(done, begin - done);
    done = end_of_value(text, begin);
    if (done > begin) shown += kHidden;
  }
  shown += text.substr(done);
  return shown;
}

}  // namespace

std::string without_secrets(std::string_view text) {
  return without_secret_parameters(without_user_passwords(text));
}

}  // namespace linnet
