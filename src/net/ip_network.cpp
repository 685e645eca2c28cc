#include "net/ip_network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include "base/text.hpp"

namespace linnet::net {
namespace {

namespace ip = boost::asio::ip;

constexpr int kMappedBits = 96;
constexpr std::size_t kMostDigits = 3;  // of a network's length; Asio takes any number modulo 2^32

IpAddress mapped(const ip::address_v4& four) {
  return ip::make_address_v6(ip::v4_mapped, four).to_bytes();
}

ip::address_v6 first_of(const IpAddress& address, int bits) {
  return ip::network_v6(ip::make_address_v6(address), static_cast<unsigned short>(bits)).network();
}

}  // namespace

Result<IpAddress> parse_ip(std::string_view text) {
  boost::system::error_code code;
  const auto address = ip::make_address(std::string(text), code);
  // What stands behind «%» is an interface of this machine.
  if (code || text.find('%') != std::string_view::npos)
    return invalid(fmt::format("expected an IP address, got \"{}\"", truncate_utf8(text, 60)));
  return address.is_v4() ? mapped(address.to_v4()) : address.to_v6().to_bytes();
}

std::string to_string(const IpAddress& address) {
  const auto six = ip::make_address_v6(address);
  return six.is_v4_mapped() ? ip::make_address_v4(ip::v4_mapped, six).to_string() : six.to_string();
}

bool is_ipv4(const IpAddress& address) {
  return ip::make_address_v6(address).is_v4_mapped();
}

Result<Network> parse_network(std::string_view text) {
  const auto slash = text.find('/');
  boost::system::error_code code;
  if (slash == std::string_view::npos) {
    if (const auto address = parse_ip(text)) return Network{*address, 128};
  } else if (text.size() - slash <= kMostDigits + 1 && text.find('%') == std::string_view::npos) {
    if (text.find(':') != std::string_view::npos) {
      const auto six = ip::make_network_v6(std::string(text), code);
      if (!code) return Network{six.address().to_bytes(), six.prefix_length()};
    } else {
      const auto four = ip::make_network_v4(std::string(text), code);
      if (!code) return Network{mapped(four.address()), kMappedBits + four.prefix_length()};
    }
  }
  return invalid(
      fmt::format("expected a network such as 10.0.0.0/8 or fd00::/8, got \"{}\"", truncate_utf8(text, 60)));
}

Result<std::vector<Network>> parse_networks(std::string_view text) {
  std::vector<Network> networks;
  while (true) {
    const auto begin = text.find_first_not_of(", \t");
    if (begin == std::string_view::npos) return networks;
    text.remove_prefix(begin);
    const auto end = text.find_first_of(", \t");
    LINNET_TRY(const auto network, parse_network(text.substr(0, end)));
    networks.push_back(network);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end);
  }
}

bool holds(const Network& network, const IpAddress& address) {
  return first_of(address, network.bits) == first_of(network.base, network.bits);
}

bool holds_any(const std::vector<Network>& networks, const IpAddress& address) {
  return std::any_of(networks.begin(), networks.end(),
                     [&](const Network& network) { return holds(network, address); });
}

}  // namespace linnet::net
