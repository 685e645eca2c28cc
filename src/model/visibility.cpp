#include "model/visibility.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"

namespace linnet::model {
namespace {

// Mastodon, Pleroma, GoToSocial; «specified» is Misskey's.
constexpr std::array<std::string_view, 2> kAddressed{"direct", "specified"};
// Mastodon (private, limited), Misskey (followers), GoToSocial (mutuals_only), Pleroma (list), and what
// Fedibird, kmyblue and glitch add.
constexpr std::array<std::string_view, 10> kFollowers{"private", "followers", "limited", "mutuals_only",
                                                      "mutual",  "mutuals",   "circle",  "list",
                                                      "reply",   "personal"};

bool is_one_of(const auto& names, std::string_view text) {
  return std::any_of(names.begin(), names.end(),
                     [&](auto name) { return ascii::equal_ignoring_case(text, name); });
}

}  // namespace

Reach reach_of(std::string_view visibility) {
  if (is_one_of(kAddressed, visibility)) return Reach::addressed;
  return is_one_of(kFollowers, visibility) ? Reach::followers : Reach::everyone;
}

}  // namespace linnet::model
