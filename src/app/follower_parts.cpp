#include "app/follower_parts.hpp"

#include "base/log.hpp"

namespace linnet::app {

bool FollowerParts::step(Time now) {
  bool has_more = false;
  for (auto& part : parts_) {
    if (now < part.rests_until) continue;
    const auto worked = part.step();
    if (worked) {
      has_more = has_more || *worked;
    } else {
      log::error("behind the tables: {}: {}", part.name, worked.error().message);
      part.rests_until = now + rest_;
    }
  }
  return has_more;
}

}  // namespace linnet::app
