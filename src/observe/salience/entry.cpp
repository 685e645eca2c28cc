#include "observe/salience/entry.hpp"

#include "base/hash.hpp"

namespace linnet::salience {
namespace {

constexpr std::int64_t k40Bits = (std::int64_t{1} << 40) - 1;
constexpr std::int64_t k62Bits = (std::int64_t{1} << 62) - 1;
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

std::int64_t hash_of_cause(std::initializer_list<std::string_view> parts) {
  std::uint64_t hash = 0;
  for (const auto part : parts) hash = fast_hash(part, hash + 1);
  return static_cast<std::int64_t>(hash) & k62Bits;
}

std::string entry_id(Instant at, const TopicHash& topic, std::int64_t cause, EntryKind kind) {
  const auto number = static_cast<std::int64_t>(kind);
  std::string id;
  append_base32(id, std::chrono::floor<std::chrono::milliseconds>(at).time_since_epoch().count(), 10);
  append_base32(id, (topic.high + (cause & k40Bits) + number * kSpreadHigh) & k40Bits, 8);
  append_base32(id, (topic.low + (cause >> 22) + number * kSpreadLow) & k40Bits, 8);
  return id;
}

}  // namespace linnet::salience
