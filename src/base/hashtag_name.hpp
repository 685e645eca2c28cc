// One form for a hashtag, however it was written, and what to look for when somebody asks for one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace linnet {

// As hashtags are kept: without «#» in front, in NFKC and folded (Unicode simple case folding).
std::string hashtag_name(std::string_view written);

// The names under which the tag may be kept: its own, and the one that Mastodon makes of it by taking accents
// off Latin letters («café» is kept as "cafe" there; lib/ascii_folding.rb has which letters). Never empty.
std::vector<std::string> hashtag_names(std::string_view written);

}  // namespace linnet
