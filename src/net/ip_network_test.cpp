#include "net/ip_network.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace linnet::net {
namespace {

// Bit by bit, as it is defined.
bool begin_alike(const IpAddress& one, const IpAddress& other, int bits) {
  for (int i = 0; i < bits; ++i) {
    const auto byte = static_cast<std::size_t>(i / 8);
    const auto mask = 0x80U >> static_cast<unsigned>(i % 8);
    if (((one.at(byte) ^ other.at(byte)) & mask) != 0) return false;
  }
  return true;
}

RC_GTEST_PROP(IpNetwork, holds_what_begins_like_it, ()) {
  const auto base = *rc::gen::arbitrary<IpAddress>();
  auto address = base;
  const int bits = *rc::gen::inRange(0, 129);
  const int flipped = *rc::gen::inRange(0, 128);
  address.at(static_cast<std::size_t>(flipped / 8)) ^=
      static_cast<std::uint8_t>(0x80U >> static_cast<unsigned>(flipped % 8));
  RC_ASSERT(holds({base, bits}, base));
  RC_ASSERT(holds({base, bits}, address) == begin_alike(base, address, bits));
}

RC_GTEST_PROP(IpNetwork, addresses_come_back, (const IpAddress& address)) {
  RC_ASSERT(parse_ip(to_string(address)).value() == address);
  RC_ASSERT(parse_network(to_string(address) + "/7")->bits == (is_ipv4(address) ? 103 : 7));
}

TEST(IpNetwork, shows_ipv4_as_people_write_it) {
  EXPECT_EQ(to_string(parse_ip("192.0.2.7").value()), "192.0.2.7");
  EXPECT_EQ(to_string(parse_ip("::ffff:192.0.2.7").value()), "192.0.2.7");
  EXPECT_EQ(to_string(parse_ip("2001:DB8:0::1").value()), "2001:db8::1");
}

TEST(IpNetwork, says_what_is_none) {
  for (const auto* const text :
       {"", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.4 ", "localhost", "fe80::1%lo", "[::1]", ":::"})
    EXPECT_FALSE(parse_ip(text)) << text;
  for (const auto* const text : {"", "/8", "10.0.0.0/33", "10.0.0.0/4294967304", "fd00::/129",
                                 "fe80::1%lo/64", "10.0.0.0/8/8", "10.0.0.0/ 8", "fd00::/", "::/+1"})
    EXPECT_FALSE(parse_network(text)) << text;
  EXPECT_EQ(parse_network("here").error().message,
            "expected a network such as 10.0.0.0/8 or fd00::/8, got \"here\"");
}

}  // namespace
}  // namespace linnet::net
