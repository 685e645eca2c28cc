#include "observe/salience/amount.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace linnet::salience {
namespace {

constexpr std::size_t kPlaces = 6;
constexpr std::size_t kMostDigits = 7;  // before the point

bool are_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Amount whole_of(std::string_view digits) {
  Amount value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

}  // namespace

std::string to_decimal(Amount amount) {
  const auto size = amount < 0 ? -amount : amount;
  auto text = fmt::format("{}{}.{:06}", amount < 0 ? "-" : "", size / kOne, size % kOne);
  while (text.ends_with('0')) text.pop_back();
  if (text.ends_with('.')) text.pop_back();
  return text;
}

Result<Amount> parse_amount(std::string_view field, std::string_view text) {
  const bool is_negative = text.starts_with('-');
  const auto digits = text.substr(is_negative ? 1 : 0);
  const auto point = std::min(digits.find('.'), digits.size());
  const auto whole = digits.substr(0, point);
  std::string rest(digits.substr(std::min(point + 1, digits.size())));
  const bool is_number = !whole.empty() && whole.size() <= kMostDigits && rest.size() <= kPlaces &&
                         are_digits(whole) && are_digits(rest) && (point == digits.size() || !rest.empty());
  if (!is_number) return invalid(fmt::format("{}: expected a number such as 1.5, got \"{}\"", field, text));
  rest.resize(kPlaces, '0');
  const auto size = whole_of(whole) * kOne + whole_of(rest);
  return is_negative ? -size : size;
}

}  // namespace linnet::salience
