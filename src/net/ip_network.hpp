// Addresses of the internet and networks of them. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace linnet::net {

// IPv6, with IPv4 in its mapped form (::ffff:a.b.c.d), so that one comparison does for both.
using IpAddress = std::array<std::uint8_t, 16>;

struct Network {
  IpAddress base{};
  int bits = 128;
};

Result<IpAddress> parse_ip(std::string_view text);
// As people write it.
std::string to_string(const IpAddress& address);
bool is_ipv4(const IpAddress& address);

// "10.0.0.0/8", "fd00::/8", "192.168.1.20". `invalid` says what was expected.
Result<Network> parse_network(std::string_view text);
// Several, with commas or spaces between them.
Result<std::vector<Network>> parse_networks(std::string_view text);

bool holds(const Network& network, const IpAddress& address);
bool holds_any(const std::vector<Network>& networks, const IpAddress& address);

}  // namespace linnet::net
