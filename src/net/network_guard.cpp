#include "net/network_guard.hpp"

#include <fmt/format.h>
#include <netinet/in.h>

#include <cstring>
#include <optional>

#include "base/guarded.hpp"

namespace linnet::net {
namespace {

IpAddress mapped(const void* four_bytes) {
  IpAddress address{};
  address[10] = address[11] = 0xFF;
  std::memcpy(&address[12], four_bytes, 4);
  return address;
}

std::vector<Network> networks_of(std::initializer_list<std::string_view> texts) {
  std::vector<Network> networks;
  for (const auto text : texts) networks.push_back(parse_network(text).value());
  return networks;
}

// https://www.iana.org/assignments/iana-ipv4-special-registry, and multicast.
const std::vector<Network>& special_ipv4() {
  static const auto networks =
      networks_of({"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
                   "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
                   "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"});
  return networks;
}

// https://www.iana.org/assignments/iana-ipv6-special-registry within 2000::/3, which is all that is given
// out.
const std::vector<Network>& special_ipv6() {
  static const auto networks = networks_of({"2001::/23", "2001:db8::/32", "3fff::/20"});
  return networks;
}

// The IPv4 address that an IPv6 address stands for.
std::optional<IpAddress> held_ipv4(const IpAddress& address) {
  static const auto kNat64 = parse_network("64:ff9b::/96").value();
  static const auto k6to4 = parse_network("2002::/16").value();
  if (is_ipv4(address) || holds(kNat64, address)) return mapped(&address[12]);
  if (holds(k6to4, address)) return mapped(&address[2]);
  return std::nullopt;
}

std::optional<IpAddress> address_of(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    sockaddr_in four{};
    std::memcpy(&four, address, sizeof(four));
    return mapped(&four.sin_addr);
  }
  if (address->sa_family != AF_INET6) return std::nullopt;
  sockaddr_in6 six{};
  std::memcpy(&six, address, sizeof(six));
  IpAddress bytes{};
  std::memcpy(bytes.data(), &six.sin6_addr, bytes.size());
  return bytes;
}

Guarded<std::vector<Network>>& allowed() {
  static Guarded<std::vector<Network>> networks;
  return networks;
}

}  // namespace

bool is_public(const IpAddress& address) {
  if (const auto four = held_ipv4(address)) return !holds_any(special_ipv4(), *four);
  static const auto kGivenOut = parse_network("2000::/3").value();
  return holds(kGivenOut, address) && !holds_any(special_ipv6(), address);
}

void allow_networks(std::vector<Network> networks) {
  allowed().with([&](auto& kept) { kept = std::move(networks); });
}

bool may_connect(const IpAddress& address) {
  return is_public(address) ||
         allowed().with([&](const auto& networks) { return holds_any(networks, address); });
}

bool may_connect(const sockaddr* address) {
  const auto ip = address_of(address);
  return ip && may_connect(*ip);
}

Error connection_refused(std::string_view host, const sockaddr* address) {
  const auto ip = address_of(address);
  if (ip) return connection_refused(host, *ip);
  return invalid(fmt::format("{}: expected an IPv4 or IPv6 address", host));
}

Error connection_refused(std::string_view host, const IpAddress& address) {
  const auto shown = to_string(address);
  auto error = invalid(fmt::format(
      "{}: {} is not a public address; allowed_networks = \"{}\" in the settings allows it (linnet settings)",
      host, shown, shown));
  error.never_sent = true;
  return error;
}

}  // namespace linnet::net
