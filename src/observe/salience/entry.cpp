#include "observe/salience/entry.hpp"

#include "base/hash.hpp"

namespace linnet::salience {
namespace {

constexpr std::int64_t k40Bits = (std::int64_t{1} << 40) - 1;
// Small enough that SQL multiplies without overflow.
constexpr std::int64_t kPlaceModulus = 2'147'483'647;
constexpr std::int64_t kSpreadHigh = 2'654'435'761;
constexpr std::int64_t kSpreadLow = 2'246'822'519;

void append_base32(std::string& text, std::int64_t value, int digits) {
  constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  for (int digit = digits - 1; digit >= 0; --digit)
    text += kCrockford[static_cast<std::size_t>(value >> (5 * digit)) % 32];
}

}  // namespace

TopicHash hash_of_topic(std::string_view key) {
  return {static_cast<std::int64_t>(fast_hash(key, 1)) & k40Bits,
          static_cast<std::int64_t>(fast_hash(key, 2)) & k40Bits};
}

std::string entry_id(Instant at, const TopicHash& topic, std::int64_t place) {
  const auto spread = place % kPlaceModulus;
  std::string id;
  append_base32(id, std::chrono::floor<std::chrono::milliseconds>(at).time_since_epoch().count(), 10);
  append_base32(id, (topic.high + spread * kSpreadHigh) & k40Bits, 8);
  append_base32(id, (topic.low + spread * kSpreadLow + place / kPlaceModulus) & k40Bits, 8);
  return id;
}

}  // namespace linnet::salience
