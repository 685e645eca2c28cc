// URLs: reading, checking, building.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace linnet::net {

// An absolute URL with a host. Scheme and host are lower case, the host in ASCII (IDNA), an IPv6 host in
// brackets.
struct Url {
  std::string scheme;
  std::string host;
  std::uint16_t port = 0;  // the one that is used: what was written, else the scheme's own
  std::string path;        // percent-encoded, "/" at least
  std::string query;       // percent-encoded, without "?"

  [[nodiscard]] bool has_default_port() const;
  // "https://host" or "https://host:8443"
  [[nodiscard]] std::string origin() const;
  // path and query, as in a request line
  [[nodiscard]] std::string target() const;
  [[nodiscard]] std::string to_string() const;
};

// http, https, ws and wss only, without user name and password; a fragment is dropped. `invalid` says what is
// wrong.
Result<Url> parse_url(std::string_view text);

// The address of an instance as people write it ("Mastodon.Social", "http://localhost:3000") as its origin:
// "https://mastodon.social". https where no scheme is written. A path, a query, a user name, or a word
// without dot, port and scheme ("foo", unless it is localhost) is `invalid`.
Result<std::string> normalise_instance_url(std::string_view text);

// `reference` (absolute, or relative as in a Location or Link header) as seen from `base`. RFC 3986,
// section 5.
Result<std::string> resolve_url(std::string_view base, std::string_view reference);

// The same host name, whatever scheme and port; false when either is not a URL.
bool same_host(std::string_view a, std::string_view b);
// The same scheme, host and port.
bool same_origin(std::string_view a, std::string_view b);
// localhost, *.localhost, 127.0.0.0/8 or [::1].
bool is_loopback_host(std::string_view host);

using QueryParameters = std::vector<std::pair<std::string, std::string>>;

// Everything but RFC 3986's unreserved characters as %XX.
std::string percent_encode(std::string_view text);
// nullopt for a broken %XX. `plus_is_space` as in forms and queries.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);
// "a=1&b=x%20y"; "" for no parameters.
std::string build_query(const QueryParameters& parameters);
// application/x-www-form-urlencoded: as build_query, with "+" for a space.
std::string form_encode(const QueryParameters& parameters);
// Parameters in order; broken %XX are kept as they are written.
QueryParameters parse_query(std::string_view query);
// url + "?" or "&" + query.
std::string with_query(std::string url, const QueryParameters& parameters);

}  // namespace linnet::net
