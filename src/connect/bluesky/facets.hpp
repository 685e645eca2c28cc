// The links, mentions and hashtags of a post's text, with their places in UTF-8 bytes
// (app.bsky.richtext.facet).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace linnet::connect::bluesky {

struct Facet {
  enum class Kind : std::uint8_t { link, mention, tag };
  Kind kind = Kind::link;
  std::size_t begin = 0;  // bytes
  std::size_t end = 0;
  std::string value;  // the address, the handle, the tag without «#»
};

// In the order of the text, without overlaps. Any bytes do; those that are not UTF-8 begin nothing.
std::vector<Facet> find_facets(std::string_view text);

}  // namespace linnet::connect::bluesky
