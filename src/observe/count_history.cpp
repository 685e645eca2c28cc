#include "observe/count_history.hpp"

#include <algorithm>

namespace linnet::observe {

void CountHistory::load_snapshot(Instant at, const model::Counts& counts) {
  observations_.push_back({at, counts, true, Stored::snapshot, false});
}

void CountHistory::load_unchanged(Instant at) {
  observations_.push_back({at, {}, false, Stored::unchanged, false});
}

void CountHistory::loaded() {
  std::sort(observations_.begin(), observations_.end(),
            [](const auto& a, const auto& b) { return a.at < b.at; });
  model::Counts current;
  for (auto& observation : observations_) {
    if (observation.is_snapshot) current = observation.counts;
    observation.counts = current;
  }
}

const Observation& CountHistory::newest() const {
  return *std::find_if(observations_.rbegin(), observations_.rend(),
                       [](const auto& o) { return o.is_snapshot; });
}

bool CountHistory::observe(Instant at, const model::Counts& counts) {
  auto place = std::lower_bound(observations_.begin(), observations_.end(), at,
                                [](const auto& o, Instant t) { return o.at < t; });
  if (place != observations_.end() && place->at == at) {
    if (place->counts == counts) return false;
    place->counts = counts;  // two at one instant: the later in the log stays
    place->rewrite = true;
  } else {
    place = observations_.insert(place, {at, counts, true, Stored::absent, false});
  }
  settle(place);
  return true;
}

// Decides anew what is a snapshot, of the observation that is new and of the one after it, and notes that the
// gains of the next snapshot are against another predecessor now.
void CountHistory::settle(Iterator changed) {
  const auto next = changed + 1;
  changed->is_snapshot = changed == observations_.begin() || changed->counts != (changed - 1)->counts;
  if (next != observations_.end()) next->is_snapshot = next->counts != changed->counts;
  const auto following = std::find_if(next, observations_.end(), [](const auto& o) { return o.is_snapshot; });
  if (following != observations_.end()) following->rewrite = true;
}

}  // namespace linnet::observe
