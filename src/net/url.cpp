#include "net/url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/url.hpp>
#include <charconv>

#include "base/ascii.hpp"
#include "base/person_name.hpp"
#include "base/text.hpp"
#include "net/headers.hpp"

namespace linnet::net {
namespace {

namespace urls = boost::urls;

constexpr std::size_t kLongestUrl = 8192;
constexpr std::string_view kHexDigits = "0123456789ABCDEF";

std::uint16_t default_port(std::string_view scheme) {
  return scheme == "https" || scheme == "wss" ? 443 : 80;
}

Error not_a_url(std::string_view text, std::string_view why) {
  return invalid(fmt::format("not a usable URL: {}: '{}'", why, to_valid_utf8(truncate_utf8(text, 200))));
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

void append_escaped(std::string& out, char c) {
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += kHexDigits[byte >> 4U];
  out += kHexDigits[byte & 15U];
}

// People and servers write URLs with letters beyond ASCII (IRIs): the host by IDNA, the rest percent-encoded.
std::string iri_to_uri(std::string_view text) {
  if (is_ascii(text)) return std::string(text);
  std::string out;
  std::size_t rest = 0;
  if (const auto authority = text.find("://"); authority != std::string_view::npos) {
    const auto start = authority + 3;
    const auto end = std::min(text.find_first_of(":/?#", start), text.size());
    const auto host = text.substr(start, end - start);
    out = std::string(text.substr(0, start)) + (is_ascii(host) ? std::string(host) : ascii_host(host));
    rest = end;
  }
  for (const char c : text.substr(rest)) {
    if (static_cast<unsigned char>(c) < 0x80) {
      out += c;
    } else {
      append_escaped(out, c);
    }
  }
  return out;
}

bool is_host(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  if (host.front() == '[') return host.size() > 2 && host.back() == ']';
  return host.front() != '.' && host.find("..") == std::string_view::npos &&
         host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-_") == std::string_view::npos;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), ascii::to_lower);
  return out;
}

// RFC 3986, 5.2.4. Percent-encoded characters stay as they are: a server may tell "%2F" from "/".
std::string without_dot_segments(std::string_view path) {
  std::vector<std::string_view> kept;
  bool ends_with_slash = true;
  while (!path.empty()) {
    path.remove_prefix(1);  // every segment begins with its slash
    const auto end = std::min(path.find('/'), path.size());
    const auto segment = path.substr(0, end);
    path.remove_prefix(end);
    ends_with_slash = segment == "." || segment == "..";
    if (segment == ".." && !kept.empty()) kept.pop_back();
    if (!ends_with_slash) kept.push_back(segment);
  }
  std::string out;
  for (const auto segment : kept) out += "/" + std::string(segment);
  return ends_with_slash ? out + "/" : out;
}

// 0 for what is no port.
std::uint16_t read_port(std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return error == std::errc() && end == digits.data() + digits.size() ? port : std::uint16_t{0};
}

Result<Url> from_view(const urls::url_view& view, std::string_view text) {
  Url url;
  url.scheme = lower(view.scheme());
  if (url.scheme != "http" && url.scheme != "https" && url.scheme != "ws" && url.scheme != "wss") {
    return not_a_url(text, "only http, https, ws and wss are understood");
  }
  if (view.has_userinfo()) return not_a_url(text, "a user name or password is not allowed in it");
  url.host = lower(view.encoded_host());
  // Boost.URL 1.81 takes «127.0.0.1.example» for 127.0.0.1 with a path that begins by «.example».
  const auto path = view.encoded_path();
  if (!is_host(url.host) || (!path.empty() && path.front() != '/'))
    return not_a_url(text, "no valid host name");
  url.port = default_port(url.scheme);
  if (view.has_port() && !view.port().empty()) url.port = read_port(view.port());
  if (url.port == 0) return not_a_url(text, "the port is not a number from 1 to 65535");
  url.path = without_dot_segments(path);
  url.query = std::string(view.encoded_query());
  return url;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_unreserved(char c) {
  return ascii::is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

std::string encode_pairs(const QueryParameters& parameters, bool plus_is_space) {
  const auto encode = [&](std::string& out, std::string_view text) {
    for (const char c : text) {
      if (is_unreserved(c)) {
        out += c;
      } else if (c == ' ' && plus_is_space) {
        out += '+';
      } else {
        append_escaped(out, c);
      }
    }
  };
  std::string out;
  for (const auto& [name, value] : parameters) {
    if (!out.empty()) out += '&';
    encode(out, name);
    out += '=';
    encode(out, value);
  }
  return out;
}

}  // namespace

bool Url::has_default_port() const {
  return port == default_port(scheme);
}

std::string Url::origin() const {
  return has_default_port() ? fmt::format("{}://{}", scheme, host)
                            : fmt::format("{}://{}:{}", scheme, host, port);
}

std::string Url::target() const {
  return query.empty() ? path : path + "?" + query;
}

std::string Url::to_string() const {
  return origin() + target();
}

Result<Url> parse_url(std::string_view text) {
  if (text.size() > kLongestUrl) return not_a_url(text, "longer than 8192 bytes");
  const std::string uri = iri_to_uri(text);
  const auto view = urls::parse_uri(uri);
  if (!view) return not_a_url(text, "expected scheme://host/path");
  return from_view(*view, text);
}

namespace {

// A word alone is more likely a slip than a host of one's own network; whoever means one writes the scheme or
// the port.
bool is_bare_word(std::string_view typed) {
  return typed.find_first_of(".:") == std::string_view::npos && !is_loopback_host(typed);
}

}  // namespace

Result<std::string> normalise_instance_url(std::string_view text) {
  const auto wanted = trim(text);
  const bool has_scheme = wanted.find("://") != std::string_view::npos;
  if (!has_scheme && is_bare_word(wanted))
    return invalid(
        fmt::format("expected the address of a server, such as https://mastodon.social, got \"{}\"{}",
                    to_valid_utf8(truncate_utf8(wanted, 200)),
                    is_host(lower(wanted))
                        ? fmt::format("; a host of your own network is written https://{}", lower(wanted))
                        : std::string()));
  LINNET_TRY(const Url url, parse_url(has_scheme ? std::string(wanted) : "https://" + std::string(wanted)));
  if (url.scheme != "https" && url.scheme != "http")
    return not_a_url(text, "an instance has an http or https address");
  if (url.path != "/" || !url.query.empty()) {
    return not_a_url(text, fmt::format("an instance is a host alone, such as {}", url.origin()));
  }
  return url.origin();
}

Result<std::string> resolve_url(std::string_view base, std::string_view reference) {
  LINNET_TRY(Url url, parse_url(base));
  if (reference.size() > kLongestUrl) return not_a_url(reference, "longer than 8192 bytes");
  const std::string encoded = iri_to_uri(reference);
  const auto relative = urls::parse_uri_reference(encoded);
  if (!relative) return not_a_url(reference, "not a URL reference");
  if (relative->has_scheme() || relative->has_authority()) {
    LINNET_TRY(const Url other, parse_url(relative->has_scheme() ? encoded : url.scheme + ":" + encoded));
    return other.to_string();
  }
  const std::string path(relative->encoded_path());
  if (!path.empty()) {
    url.path =
        without_dot_segments(path.front() == '/' ? path : url.path.substr(0, url.path.rfind('/') + 1) + path);
  }
  if (!path.empty() || relative->has_query()) url.query = std::string(relative->encoded_query());
  return url.to_string();
}

bool same_host(std::string_view a, std::string_view b) {
  const auto left = parse_url(a);
  const auto right = parse_url(b);
  return left.ok() && right.ok() && left->host == right->host;
}

bool same_origin(std::string_view a, std::string_view b) {
  const auto left = parse_url(a);
  const auto right = parse_url(b);
  return left.ok() && right.ok() && left->origin() == right->origin();
}

bool is_loopback_host(std::string_view host) {
  constexpr std::string_view kSuffix = ".localhost";
  if (ascii::equal_ignoring_case(host, "localhost") || host == "[::1]" || host == "::1") return true;
  if (host.size() > kSuffix.size() &&
      ascii::equal_ignoring_case(host.substr(host.size() - kSuffix.size()), kSuffix))
    return true;
  // A name such as "127.0.0.1.example" must not pass.
  return host.substr(0, 4) == "127." && std::count(host.begin(), host.end(), '.') == 3 &&
         host.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      append_escaped(out, c);
    }
  }
  return out;
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

std::string build_query(const QueryParameters& parameters) {
  return encode_pairs(parameters, false);
}

std::string form_encode(const QueryParameters& parameters) {
  return encode_pairs(parameters, true);
}

QueryParameters parse_query(std::string_view query) {
  QueryParameters parameters;
  const auto decode = [](std::string_view text) {
    return percent_decode(text, true).value_or(std::string(text));
  };
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto pair = query.substr(0, end);
    if (!pair.empty()) {
      const auto equals = std::min(pair.find('='), pair.size());
      parameters.emplace_back(decode(pair.substr(0, equals)),
                              decode(pair.substr(std::min(equals + 1, pair.size()))));
    }
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return parameters;
}

std::string with_query(std::string url, const QueryParameters& parameters) {
  if (parameters.empty()) return url;
  url += url.find('?') == std::string::npos ? '?' : '&';
  return url + build_query(parameters);
}

}  // namespace linnet::net
