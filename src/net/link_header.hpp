// The Link header (RFC 8288), by which servers name the next page.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_transport.hpp"

namespace linnet::net {

struct Link {
  std::string target;             // as written: absolute or relative
  std::vector<std::string> rels;  // lower case
};

// The links that can be read; what is broken ends the reading.
std::vector<Link> parse_link_header(std::string_view value);

struct PageLinks {
  std::optional<std::string> next;  // absolute
  std::optional<std::string> prev;
  // There is a next page, at an address that is not followed: what was read is not all there is.
  bool is_cut = false;
};

// next and prev of an answer, resolved against its URL. A link that names another scheme, host or port, as
// servers behind a proxy do, is followed on the answer's own origin where its path is the answer's own; any
// other is not followed: a server cannot send our token elsewhere.
PageLinks page_links(const HttpResponse& response);

}  // namespace linnet::net
