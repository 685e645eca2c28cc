#include "net/request_checks.hpp"

#include <algorithm>

#include "net/headers.hpp"
#include "net/url.hpp"

namespace linnet::net {

std::string_view host_without_port(std::string_view host) {
  if (!host.empty() && host.front() == '[') return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

bool is_host_allowed(std::string_view host, bool is_loopback, const std::vector<std::string>& allowed) {
  const auto name = host_without_port(host);
  if (is_loopback_host(name)) return true;
  if (!is_loopback && allowed.empty()) return true;
  return std::any_of(allowed.begin(), allowed.end(),
                     [&](const auto& one) { return equal_ignoring_case(one, name); });
}

bool is_origin_allowed(std::string_view origin, std::string_view host,
                       const std::vector<std::string>& allowed) {
  if (origin.empty()) return true;
  const auto scheme_end = origin.find("://");
  if (scheme_end != std::string_view::npos && !host.empty() &&
      equal_ignoring_case(origin.substr(scheme_end + 3), host)) {
    return true;
  }
  return std::any_of(allowed.begin(), allowed.end(),
                     [&](const auto& one) { return equal_ignoring_case(one, origin); });
}

}  // namespace linnet::net
