#include "net/request_checks.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "net/headers.hpp"
#include "net/url.hpp"

namespace linnet::net {
namespace {

bool is_port(std::string_view text) {
  return text.size() <= 5 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "https://linnet.example" of "https://linnet.example/page".
std::string_view origin_of_url(std::string_view url) {
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return url;
  return url.substr(0, url.find_first_of("/?#", scheme_end + 3));
}

}  // namespace

std::string_view host_without_port(std::string_view host) {
  const bool is_v6 = host.starts_with('[');
  const auto end = is_v6 ? host.find(']') : std::min(host.find(':'), host.size());
  if (is_v6 && end == std::string_view::npos) return {};
  const auto name = host.substr(0, is_v6 ? end + 1 : end);
  const auto rest = host.substr(name.size());
  if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return {};
  return name.find_first_of("@/\\?# \t") == std::string_view::npos ? name : std::string_view();
}

bool is_host_allowed(std::string_view host, bool is_loopback, const std::vector<std::string>& allowed) {
  const auto name = host_without_port(host);
  if (name.empty()) return false;
  if (is_loopback_host(name)) return true;
  if (!is_loopback && allowed.empty()) return true;
  return std::any_of(allowed.begin(), allowed.end(),
                     [&](const auto& one) { return ascii::equal_ignoring_case(one, name); });
}

bool is_origin_allowed(std::string_view origin, const CalledBy& called,
                       const std::vector<std::string>& allowed) {
  if (origin.empty()) return true;
  const auto is_ours = [&](std::string_view own) {
    const auto scheme_end = origin.find("://");
    if (scheme_end == std::string_view::npos || own.empty()) return false;
    // Where the reader's way to us is encrypted, a page that came in the clear may be anybody's.
    if (called.is_https && !ascii::equal_ignoring_case(origin.substr(0, scheme_end), "https")) return false;
    return ascii::equal_ignoring_case(origin.substr(scheme_end + 3), own);
  };
  if (is_ours(called.host) || is_ours(called.forwarded_host)) return true;
  return std::any_of(allowed.begin(), allowed.end(),
                     [&](const auto& one) { return ascii::equal_ignoring_case(one, origin); });
}

bool is_cross_site(const HeaderSource& headers, const CalledBy& called,
                   const std::vector<std::string>& allowed) {
  const auto origin = headers.find("Origin").value_or("");
  if (const auto site = headers.find("Sec-Fetch-Site")) {
    if (ascii::equal_ignoring_case(*site, "same-origin") || ascii::equal_ignoring_case(*site, "none"))
      return false;
    return origin.empty() || !is_origin_allowed(origin, called, allowed);
  }
  if (!origin.empty()) return !is_origin_allowed(origin, called, allowed);
  const auto referer = headers.find("Referer").value_or("");
  return !is_origin_allowed(origin_of_url(referer), called, allowed);
}

}  // namespace linnet::net
