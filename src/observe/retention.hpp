// What is kept how long: old events leave the log, and old snapshots are thinned out.
#pragma once

#include <span>
#include <vector>

#include "base/instant.hpp"
#include "store/writer.hpp"

namespace linnet::observe {

// Which of one post's snapshots stay, given their times in ascending order; the newest always must.
using KeepRule = std::function<std::vector<bool>(std::span<const Instant> captured_at, Instant now)>;

// Thins out the snapshots of posts that have any older than `before`, a chunk of posts to a transaction; what
// stays gets its gains against its new predecessor, so that `db check` holds. A replay brings back what the
// log still has. Returns how many go, or with `dry_run` would go.
Result<std::int64_t> thin_snapshots(store::Database& database, store::Writer& writer, const KeepRule& keep,
                                    Instant before, Instant now, bool dry_run);

}  // namespace linnet::observe
