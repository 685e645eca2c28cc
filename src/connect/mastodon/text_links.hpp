// The links of a text as a Mastodon server finds them when it counts characters.
#pragma once

#include <string_view>
#include <vector>

namespace linnet::connect::mastodon {

// Of bytes.
struct TextRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Links with a scheme («https://…»), by the rules of twitter-text 3.1.0 as Mastodon widens them
// (config/initializers/twitter_regex.rb): a host ends in a name that the library knows, a path before white
// space of any script, brackets and the punctuation behind it. In order, and none within another. Takes time
// in proportion to the text, whatever it holds.
std::vector<TextRange> find_links(std::string_view text);

}  // namespace linnet::connect::mastodon
