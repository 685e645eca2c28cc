// Seed 001's «posts 90 days when not engaged»: posts that nobody here had to do with go for their age. A
// setting, for a researcher keeps everything and a shop does not.
#pragma once

#include "observe/ingest.hpp"
#include "store/writer.hpp"

namespace linnet::act {

// The least that may be asked for: figures of days and domains are made of posts by then.
inline constexpr Duration kLeastKept = std::chrono::days(7);

// Not engaged are posts that no account of ours wrote, liked, commented on or has another action about that
// took effect or is still to be done. Old are those that were seen first before `before`.
Result<std::int64_t> count_unengaged(store::Connection& connection, Instant before);

// Takes them away by events (observe/own_facts.hpp), so that a replay does the same, and waits until that is
// done. What was counted and summarised of them stays, but for the figures of hashtags. Returns how many;
// that stands in the audit trail.
Result<std::int64_t> remove_unengaged(store::Database& database, store::Writer& writer,
                                      observe::Ingest& ingest, Instant before, Instant now);

}  // namespace linnet::act
