// The counts of one post over time (rule 5 of «A post»): a pure state machine over observations.
#pragma once

#include <cstdint>
#include <vector>

#include "base/instant.hpp"
#include "model/sighting.hpp"

namespace linnet::observe {

// How an observation stands in the database.
enum class Stored : std::uint8_t { absent, snapshot, unchanged };

struct Observation {
  Instant at;
  model::Counts counts;
  bool is_snapshot = true;  // false: the counts were read and had not changed
  Stored stored = Stored::absent;
  bool rewrite = false;  // stored, but its counts or its gains are no longer right
};

// Observations in the order of time; a snapshot is one that differs from the observation before it. What is a
// snapshot depends on the observations alone, not on the order in which they came, so that giving them again
// changes nothing.
class CountHistory {
 public:
  // What the database holds, in any order; then call `loaded`.
  void load_snapshot(Instant at, const model::Counts& counts);
  void load_unchanged(Instant at);
  void loaded();

  // Records that the counts were `counts` at `at`; true when that was new.
  bool observe(Instant at, const model::Counts& counts);

  [[nodiscard]] bool empty() const { return observations_.empty(); }
  // The newest snapshot: the post's current counts. Not on an empty history.
  [[nodiscard]] const Observation& newest() const;
  [[nodiscard]] const std::vector<Observation>& observations() const { return observations_; }

 private:
  using Iterator = std::vector<Observation>::iterator;
  void settle(Iterator changed);

  std::vector<Observation> observations_;
};

}  // namespace linnet::observe
