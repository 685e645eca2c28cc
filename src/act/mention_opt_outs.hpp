// «Stop», said in public to an own account: as good as in a message.
#pragma once

#include "act/messages.hpp"

namespace linnet::act {

// Looks at up to `most` of the posts that were applied since the last look, and follows them with a mark of
// its own, behind the tables: ingest does not wait for it. A post counts if it mentions an own account, was
// made after that account was added and after the first look ever, and says nothing else; each counts once.
// One that cannot be heeded is tried again after a while, for as long as its post is there, and holds up no
// other. False when there was nothing to look at.
Result<bool> follow_mentions(store::Database& database, store::Writer& writer, Clock& clock,
                             const OnOptOut& on_opt_out, std::int64_t most);

}  // namespace linnet::act
