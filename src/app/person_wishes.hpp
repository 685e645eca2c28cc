// What people ask of Linnet by a command on the network itself: done as if they had asked for it here.
#pragma once

#include <string>

#include "base/clock.hpp"
#include "connect/person_wish.hpp"
#include "govern/blocklist.hpp"

namespace linnet::app {

// Returns what the person is told. The references outlive the call alone.
Result<std::string> heed_wish(store::Database& database, store::Writer& writer, Clock& clock,
                              govern::Blocklist& blocklist, const std::string& platform,
                              const connect::PersonWish& wish);

}  // namespace linnet::app
