// Who may ask: the checks against DNS rebinding and cross-site requests. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace linnet::net {

// The name in a Host header, without port: "localhost" of "localhost:8080", "[::1]" of "[::1]:8080".
std::string_view host_without_port(std::string_view host);

// Whether a server answers to this Host. A server bound to a loopback address answers to loopback names and
// `allowed`: a strange site whose name was made to point at 127.0.0.1 is refused. One bound elsewhere answers
// to anything while `allowed` is empty.
bool is_host_allowed(std::string_view host, bool is_loopback, const std::vector<std::string>& allowed);

// Whether a page of this Origin may act here: none (no browser, or the same site), the host itself, or one of
// `allowed`.
bool is_origin_allowed(std::string_view origin, std::string_view host,
                       const std::vector<std::string>& allowed);

}  // namespace linnet::net
