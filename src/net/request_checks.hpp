// Who may ask: the checks against DNS rebinding and cross-site requests. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/http_message.hpp"

namespace linnet::net {

// The name in a Host header, without port: "localhost" of "localhost:8080", "[::1]" of "[::1]:8080". Empty
// for what is no name with at most a port behind it.
std::string_view host_without_port(std::string_view host);

// Whether a server answers to this Host. A server bound to a loopback address answers to loopback names and
// `allowed`: a strange site whose name was made to point at 127.0.0.1 is refused. One bound elsewhere answers
// to anything while `allowed` is empty.
bool is_host_allowed(std::string_view host, bool is_loopback, const std::vector<std::string>& allowed);

// How whoever asks calls this server.
struct CalledBy {
  std::string_view host;            // the Host header
  std::string_view forwarded_host;  // what a trusted proxy in front was called; empty where there is none
  bool is_https = false;            // the proxy says so
};

// Whether a page of this Origin may act here: none (no browser, or the same site), the server itself under
// the name it was called by, or one of `allowed`. A page cannot make up the proxy's name for us: a field such
// as X-Forwarded-Host in a request to another origin is asked for first, and refused.
bool is_origin_allowed(std::string_view origin, const CalledBy& called,
                       const std::vector<std::string>& allowed);

// Whether a page of another site, and none of `allowed`, had the browser send this: it says so itself
// (Sec-Fetch-Site), or an old one by the Origin or the Referer.
bool is_cross_site(const HeaderSource& headers, const CalledBy& called,
                   const std::vector<std::string>& allowed);

}  // namespace linnet::net
