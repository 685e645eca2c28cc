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
};

// next and prev of an answer, resolved against its URL. A link to another origin is left out: a server cannot
// send our token elsewhere.
PageLinks page_links(const HttpResponse& response);

}  // namespace linnet::net
