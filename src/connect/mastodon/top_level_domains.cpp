#include "connect/mastodon/top_level_domains.hpp"

#include <algorithm>
#include <unordered_set>

namespace linnet::connect::mastodon {
namespace {

constexpr std::string_view kNames =
#include "connect/mastodon/top_level_domains.inc"
    ;

std::vector<std::string_view> names() {
  std::vector<std::string_view> all;
  for (auto rest = kNames; !rest.empty();) {
    const auto end = rest.find(' ');
    all.push_back(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  return all;
}

}  // namespace

bool is_top_level_domain(std::string_view name) {
  static const auto all = [] {
    const auto listed = names();
    return std::unordered_set<std::string_view>(listed.begin(), listed.end());
  }();
  return all.contains(name);
}

const std::vector<std::string_view>& international_top_level_domains() {
  static const auto those = [] {
    auto listed = names();
    std::erase_if(listed, [](std::string_view name) {
      return std::all_of(name.begin(), name.end(), [](char c) { return c > 0; });
    });
    return listed;
  }();
  return those;
}

}  // namespace linnet::connect::mastodon
