#include "cli/option_names.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace linnet::cli {
namespace {

bool is_of_a_name(char c) {
  return ascii::is_alphanumeric(c) || c == '_';
}

// Whole names outside of quotations alone: what somebody typed is repeated as it was.
void replace_all(std::string& text, std::string_view name, std::string_view option) {
  for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at)) {
    const auto end = at + name.size();
    const bool is_whole =
        (at == 0 || !is_of_a_name(text[at - 1])) && (end == text.size() || !is_of_a_name(text[end]));
    const bool is_quoted =
        std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '"') % 2 == 1;
    if (!is_whole || is_quoted) {
      at = end;
      continue;
    }
    text.replace(at, name.size(), option);
    at += option.size();
  }
}

}  // namespace

std::string with_options(std::string_view sentence, const OptionNames& names) {
  std::string text(sentence);
  for (const auto& [field, option] : names) {
    if (text.starts_with(field) && std::string_view(text).substr(field.size()).starts_with(": "))
      text.replace(0, field.size(), option);
    if (field.find('_') != std::string_view::npos) replace_all(text, field, option);
  }
  return text;
}

Error with_options(Error error, const OptionNames& names) {
  error.message = with_options(error.message, names);
  error.safe = with_options(error.safe, names);
  return error;
}

}  // namespace linnet::cli
