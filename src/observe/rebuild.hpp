// Replay while the program serves: nothing is written beside it, and one that was cut off goes on.
#pragma once

#include "observe/ingest.hpp"
#include "observe/replay.hpp"

namespace linnet::observe {

// What to keep of one that may be cut off, from the first step that is told: from then on the tables are
// empty or filling, and whoever comes after does not begin anew.
inline constexpr std::string_view kFilling = "filling";

struct Rebuilt {
  std::int64_t events = 0;
  Digest digest;
};

// `goes_on`: an earlier one kept kFilling.
Result<Rebuilt> rebuild(store::Database& database, store::Writer& writer, Ingest& ingest,
                        const ProjectorOptions& options, bool goes_on, const Progress& progress);

}  // namespace linnet::observe
