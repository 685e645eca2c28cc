#include "net/trusted_proxies.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/text.hpp"

namespace linnet::net {
namespace {

// "203.0.113.7", "203.0.113.7:4711", "2001:db8::1", "[2001:db8::1]:4711": what proxies write.
Result<IpAddress> parse_forwarded(std::string_view text) {
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    // Without the other bracket it is no address.
    return parse_ip(end == std::string_view::npos ? text : text.substr(1, end - 1));
  }
  if (std::count(text.begin(), text.end(), ':') == 1) text = text.substr(0, text.find(':'));
  return parse_ip(text);
}

// Takes the part after the last comma off the end.
std::string_view take_last(std::string_view& list) {
  const auto comma = list.rfind(',');
  const auto last = comma == std::string_view::npos ? list : list.substr(comma + 1);
  list = comma == std::string_view::npos ? std::string_view() : list.substr(0, comma);
  return trim(last);
}

}  // namespace

Result<TrustedProxies> TrustedProxies::parse(std::string_view list) {
  TrustedProxies trusted;
  if (trim(list) == "none") return trusted;
  LINNET_TRY(trusted.networks_, parse_networks(list));
  return trusted;
}

bool TrustedProxies::trusts(std::string_view address) const {
  const auto ip = parse_ip(address);
  return ip && holds_any(networks_, *ip);
}

Sender sender_of(const HeaderSource& headers, std::string_view peer, const TrustedProxies& trusted) {
  Sender sender{std::string(peer), false, ""};
  if (!trusted.trusts(peer)) return sender;
  // The nearest proxy wrote last.
  const auto protocols = headers.joined("X-Forwarded-Proto");
  std::string_view protocol = protocols;
  sender.is_https = ascii::equal_ignoring_case(take_last(protocol), "https");
  const auto hosts = headers.joined("X-Forwarded-Host");
  std::string_view host = hosts;
  sender.host = take_last(host);
  const auto chain = headers.joined("X-Forwarded-For");
  std::string_view rest = chain;
  while (!rest.empty() && trusted.trusts(sender.address)) {
    const auto address = parse_forwarded(take_last(rest));
    if (!address) break;
    sender.address = to_string(*address);
  }
  return sender;
}

}  // namespace linnet::net
