// Whom to believe when a proxy in front says who asks, and how. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "net/http_message.hpp"
#include "net/ip_network.hpp"

namespace linnet::net {

// Addresses, and ranges of them, of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.
class TrustedProxies {
 public:
  // "127.0.0.1, ::1, 10.0.0.0/8"; "" and "none" trust nobody. `invalid` names the part that is no address.
  static Result<TrustedProxies> parse(std::string_view list);

  [[nodiscard]] bool trusts(std::string_view address) const;

 private:
  std::vector<Network> networks_;
};

// Who sent a request, as far as that can be believed.
struct Sender {
  std::string address;  // without port
  bool is_https = false;
  std::string host;  // what the sender called this server, where a trusted proxy says it; else empty
};

// `peer` is the other end of the connection. Where it is trusted, the sender is the last address of
// X-Forwarded-For that is not trusted itself: what stands before it was written by whoever sent it.
Sender sender_of(const HeaderSource& headers, std::string_view peer, const TrustedProxies& trusted);

}  // namespace linnet::net
