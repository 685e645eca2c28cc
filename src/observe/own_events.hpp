// Which events of the log this process wrote: others may write to it as well.
#pragma once

#include <algorithm>
#include <vector>

#include "base/guarded.hpp"
#include "base/ids.hpp"

namespace linnet::observe {

// Thread-safe.
class OwnEvents {
 public:
  // Of one append, which come after all that were noted before.
  void add(EventId first, EventId last) {
    ranges_.with([&](auto& ranges) {
      if (!ranges.empty() && ranges.back().last.value() + 1 == first.value()) {
        ranges.back().last = last;
      } else {
        ranges.push_back({first, last});
      }
    });
  }
  [[nodiscard]] bool contains(EventId event) const {
    return ranges_.with([&](const auto& ranges) {
      const auto after = std::upper_bound(ranges.begin(), ranges.end(), event,
                                          [](EventId one, const Range& range) { return one < range.first; });
      return after != ranges.begin() && !(std::prev(after)->last < event);
    });
  }

 private:
  struct Range {
    EventId first, last;
  };
  Guarded<std::vector<Range>> ranges_;
};

}  // namespace linnet::observe
