#include "net/backoff.hpp"

#include <algorithm>

namespace linnet::net {

Duration Backoff::on_failure(Instant now, Duration floor) {
  if (connected_since_ && now - *connected_since_ >= options_.stable_after) failures_ = 0;
  connected_since_.reset();
  Duration most = std::min(options_.first, options_.cap);
  for (int i = 0; i < failures_ && most < options_.cap; ++i) {
    most = most > options_.cap / 2 ? options_.cap : most * 2;
  }
  ++failures_;
  const double share = std::clamp(random_(), 0.0, 1.0);
  return floor + Duration{static_cast<Duration::rep>(share * static_cast<double>(most.count()))};
}

}  // namespace linnet::net
