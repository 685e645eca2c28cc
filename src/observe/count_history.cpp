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
  const auto place = std::lower_bound(observations_.begin(), observations_.end(), at,
                                      [](const auto& o, Instant t) { return o.at < t; });
  if (place != observations_.end() && place->at == at) return replace(place, counts);
  insert(place, at, counts);
  return true;
}

// Two observations at one instant: the later in the log stays.
bool CountHistory::replace(Iterator place, const model::Counts& counts) {
  if (place->counts == counts) return false;
  if (place->is_snapshot) {
    // What followed unchanged still did not change against this one.
    place->counts = counts;
    for (auto next = place + 1; next != observations_.end() && !next->is_snapshot; ++next)
      next->counts = counts;
  } else {
    end_run(place + 1, place->counts);
    place->is_snapshot = true;
    place->counts = counts;
  }
  place->rewrite = true;
  mark_following(place + 1);
  return true;
}

void CountHistory::insert(Iterator place, Instant at, const model::Counts& counts) {
  const bool has_predecessor = place != observations_.begin();
  const bool changed = !has_predecessor || (place - 1)->counts != counts;
  if (changed && has_predecessor) end_run(place, (place - 1)->counts);
  place = observations_.insert(place, {at, counts, changed, Stored::absent, false});
  if (changed) mark_following(place + 1);
}

// A run of equal counts ends before `next`: if the run went on after it, that is now a change of its own.
void CountHistory::end_run(Iterator next, const model::Counts& counts) {
  if (next == observations_.end() || next->is_snapshot) return;
  next->is_snapshot = true;
  next->counts = counts;
  next->rewrite = true;
}

// The gains of the snapshot after a new or changed one are against another predecessor now.
void CountHistory::mark_following(Iterator next) {
  const auto following = std::find_if(next, observations_.end(), [](const auto& o) { return o.is_snapshot; });
  if (following != observations_.end()) following->rewrite = true;
}

}  // namespace linnet::observe
