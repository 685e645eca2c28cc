// Puts posts right that an older version of this program wrote, where the log does not reach back to them.
// Other processes may take in events meanwhile.
#pragma once

#include "store/writer.hpp"

namespace linnet::observe {

// Messages that came in as posts go, with all that hangs on them. Returns how many.
Result<std::int64_t> remove_messages(store::Database& database, store::Writer& writer);

// Times that lie ahead, hashtags in one Unicode form, text with its blocks apart: as they would be if the
// posts came now. Returns how many changed. In chunks; broken off, it can be run again.
Result<std::int64_t> mend_posts(store::Writer& writer);

}  // namespace linnet::observe
