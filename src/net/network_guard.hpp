// Which addresses Linnet connects to: the public internet, and the networks its owner allows. Every
// connection it makes asks here once the name has been looked up, so that no instance, redirect or name
// server can point it at what stands behind the owner's firewall.
#pragma once

#include <sys/socket.h>

#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "net/ip_network.hpp"

namespace linnet::net {

// Whether the address can be reached by anybody: none of IANA's special-purpose registries for IPv4 and IPv6
// (private, shared, loopback, link-local, documentation, multicast, reserved), nor an IPv6 address that holds
// such an IPv4 address (mapped, NAT64, 6to4, Teredo).
bool is_public(const IpAddress& address);

// For the whole process; replaces what was allowed before. Thread-safe; connections that stand are kept.
void allow_networks(std::vector<Network> networks);

// Whether a connection may be made; other families than IPv4 and IPv6 may not. Thread-safe.
bool may_connect(const sockaddr* address);
bool may_connect(const IpAddress& address);
// Why not, and what to do.
Error connection_refused(std::string_view host, const sockaddr* address);
Error connection_refused(std::string_view host, const IpAddress& address);

}  // namespace linnet::net
