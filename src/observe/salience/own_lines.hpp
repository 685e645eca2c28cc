// What Linnet says of the ledger by itself: what is set, and that days have ended.
#pragma once

#include "observe/ingest.hpp"
#include "observe/salience/facts.hpp"

namespace linnet::salience {

// Says what is set where the ledger knows something else, and waits until it stands in the log.
Status tell_settings(store::Database& database, observe::Ingest& ingest, const Settings& settings,
                     Instant now);

// Says that each day ended that did since the last time, yesterday the last, where a topic is idle; waits
// until that is applied. Returns how many. After a long pause the days before the last so many are left out.
Result<std::int64_t> tell_days(store::Database& database, observe::Ingest& ingest, Instant now);

// In the order given, one event each; waits until they stand in the log.
Status tell(observe::Ingest& ingest, const std::vector<Fact>& facts, Instant now);

}  // namespace linnet::salience
