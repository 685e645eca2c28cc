#include "net/headers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.hpp"
#include "base/text.hpp"

namespace linnet::net {
namespace {

bool is_token_char(unsigned char c) {
  return ascii::is_alphanumeric(static_cast<char>(c)) ||
         (c != 0 && std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos);
}

}  // namespace

void Headers::set(std::string name, std::string value) {
  std::erase_if(fields_, [&](const Field& field) { return ascii::equal_ignoring_case(field.first, name); });
  add(std::move(name), std::move(value));
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (ascii::equal_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

std::string Headers::joined(std::string_view name) const {
  std::string all;
  for (const auto& [key, value] : fields_) {
    if (!ascii::equal_ignoring_case(key, name)) continue;
    if (!all.empty()) all += ", ";
    all += value;
  }
  return all;
}

bool is_valid_header_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(),
                                      [](char c) { return is_token_char(static_cast<unsigned char>(c)); });
}

bool is_valid_header_value(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7F;
  });
}

Status check_headers(const Headers& headers) {
  for (const auto& [name, value] : headers) {
    if (!is_valid_header_name(name))
      return invalid(fmt::format("header name '{}': not a token", to_valid_utf8(name)));
    // The value may be a secret: it is not repeated.
    if (!is_valid_header_value(value)) {
      return invalid(
          fmt::format("header {}: the value holds a line break or another control character", name));
    }
  }
  return {};
}

}  // namespace linnet::net
