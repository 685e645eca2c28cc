#include "model/typed_name.hpp"

#include <fmt/format.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>

#include "base/text.hpp"
#include "net/url.hpp"

namespace linnet::model {
namespace {

// Web clients put their own name in front of what they show.
bool is_client(std::string_view part) {
  return part == "web" || part == "deck" || part == "pub";
}

bool is_handle_or_did(std::string_view text) {
  return text.starts_with("did:") || text.find('.') != std::string_view::npos;
}

std::string at_server(std::string_view name, const std::string& server) {
  const bool has_server = name.find('@') != std::string_view::npos;
  return std::string(name) + (has_server ? std::string() : "@" + server);
}

}  // namespace

std::string clean_name(std::string_view given) {
  const auto valid = to_valid_utf8(given);
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(valid.data());
  const auto size = static_cast<std::int64_t>(valid.size());
  std::string clean;
  for (std::int64_t next = 0; next < size;) {
    const auto begin = static_cast<std::size_t>(next);
    UChar32 c = 0;
    U8_NEXT(bytes, next, size, c);
    const bool is_unseen = u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
                           u_hasBinaryProperty(c, UCHAR_BIDI_CONTROL) || u_charType(c) == U_CONTROL_CHAR;
    if (c == 0xFF20 || c == 0xFE6B) {
      clean += '@';
    } else if (!is_unseen) {
      clean.append(valid, begin, static_cast<std::size_t>(next) - begin);
    }
  }
  return std::string(trim(clean));
}

std::optional<PageLink> parse_page_link(std::string_view text) {
  const auto scheme = fold_case(text.substr(0, 8));
  if (!scheme.starts_with("https://") && !scheme.starts_with("http://")) return {};
  const auto url = net::parse_url(text);
  if (!url) return {};
  PageLink link;
  link.server = url->host;
  if (!url->has_default_port()) link.server += ":" + std::to_string(url->port);
  std::string_view path = url->path;
  while (!path.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    if (end > 0) {
      const auto part = path.substr(0, end);
      link.path.push_back(net::percent_decode(part).value_or(std::string(part)));
    }
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return link;
}

std::optional<std::string> address_of_profile(const PageLink& link) {
  auto path = link.path;
  if (!path.empty() && is_client(path.front())) path.erase(path.begin());
  if (path.size() == 1 && path[0].size() > 1 && path[0].front() == '@')
    return at_server(std::string_view(path[0]).substr(1), link.server);
  if (path.size() != 2) return {};
  if (path[0] == "profile" && is_handle_or_did(path[1])) return path[1];
  const bool names_person =
      path[0] == "users" || path[0] == "profile" || path[0] == "u" || path[0] == "channel";
  return names_person ? std::optional(at_server(path[1], link.server)) : std::nullopt;
}

std::string address_as_typed(std::string_view given) {
  auto text = clean_name(given);
  if (const auto link = parse_page_link(text)) return address_of_profile(*link).value_or(text);
  if (fold_case(text.substr(0, 5)) == "acct:") text.erase(0, 5);
  if (text.starts_with("at://did:") && text.find('/', 5) == std::string::npos) text.erase(0, 5);
  return text;
}

Status refuse_two_servers(std::string_view field, std::string_view address) {
  address.remove_prefix(std::min(address.find_first_not_of('@'), address.size()));
  if (address.find("://") != std::string_view::npos || std::count(address.begin(), address.end(), '@') < 2)
    return {};
  return invalid(
      fmt::format("{}: expected an address with one server, such as ada@example.social, got \"{}\"", field,
                  truncate_utf8(address, 100)));
}

}  // namespace linnet::model
