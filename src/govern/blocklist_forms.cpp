#include "govern/blocklist_forms.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "net/url.hpp"

namespace linnet::govern {
namespace {

constexpr std::string_view kHostLetters = "abcdefghijklmnopqrstuvwxyz0123456789.-_";

std::string without_last_dots(std::string_view host) {
  while (host.ends_with('.')) host.remove_suffix(1);
  return std::string(host);
}

// The host of scheme://host…, where it needs no work: nearly all of them, at a fraction of the cost.
std::string_view plain_host_of(std::string_view link) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!link.starts_with(scheme)) continue;
    link.remove_prefix(scheme.size());
    const auto end = std::min(link.find_first_not_of(kHostLetters), link.size());
    const bool ends_there = end == link.size() || link[end] == '/' || link[end] == '?' || link[end] == '#';
    return ends_there ? link.substr(0, end) : std::string_view();
  }
  return {};
}

// scheme://name:password@host/… as scheme://host/…, for that is where a browser goes.
std::string without_credentials(std::string_view link) {
  const auto scheme = link.find("://");
  if (scheme == std::string_view::npos) return std::string(link);
  const auto start = scheme + 3;
  const auto end = std::min(link.find_first_of("/?#", start), link.size());
  const auto at = link.substr(0, end).rfind('@');
  if (at == std::string_view::npos || at < start) return std::string(link);
  return std::string(link.substr(0, start)) + std::string(link.substr(at + 1));
}

}  // namespace

std::string key_on_server(std::string_view user_key, std::string_view server) {
  return std::string(user_key) + '\n' + std::string(server);
}

std::string word_form(std::string_view word) {
  return std::string(trim(comparable(word)));
}

std::string host_of(std::string_view link) {
  link = trim(link);
  if (const auto host = plain_host_of(link); !host.empty()) return without_last_dots(host);
  auto url = net::parse_url(link);
  if (!url) url = net::parse_url(without_credentials(link));
  return url ? without_last_dots(url->host) : std::string();
}

}  // namespace linnet::govern
