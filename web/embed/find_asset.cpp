#include <algorithm>

#include "web/assets.hpp"

namespace linnet::web {

const Asset* find_asset(std::string_view path) {
  const auto all = assets();
  const auto found =
      std::lower_bound(all.begin(), all.end(), path,
                       [](const Asset& asset, std::string_view wanted) { return asset.path < wanted; });
  return found != all.end() && found->path == path ? &*found : nullptr;
}

}  // namespace linnet::web
