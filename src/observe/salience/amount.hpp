// Amounts of salience are whole millionths, so that their sums do not depend on the order in which they are
// added. People and programs are shown decimals.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace linnet::salience {

using Amount = std::int64_t;  // millionths
inline constexpr Amount kOne = 1'000'000;

// The amount times a rate, which is in millionths, too; what is less than a millionth is dropped, whatever
// the sign.
constexpr Amount scaled(Amount amount, Amount rate) {
  return static_cast<Amount>(static_cast<__int128>(amount) * rate / kOne);
}

// As programs are shown it: exact for every amount below nine thousand million.
constexpr double to_points(Amount amount) {
  return static_cast<double>(amount) / static_cast<double>(kOne);
}

// "1.2", "0.000001", "-3".
std::string to_decimal(Amount amount);
// `invalid` names the field; at most six digits behind the point, and no more than a million before it.
Result<Amount> parse_amount(std::string_view field, std::string_view text);

}  // namespace linnet::salience
