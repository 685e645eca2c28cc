// The rows of the blocklist and what stands beside them. Every function runs within the caller's transaction.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "govern/blocklist_entry.hpp"
#include "store/connection.hpp"

namespace linnet::govern {

// Tells every process that the list is another one.
inline constexpr std::string_view kBumpMark =
    "UPDATE govern_marks SET value = value + 1 WHERE name = 'blocklist'";

enum class Kept { added, extended, as_it_was };
// Afterwards `entry` is the one that is kept.
Result<Kept> keep(store::Connection& connection, BlocklistEntry& entry);

// Of the fingerprints: made once for each database; not a secret, but not to be guessed from outside.
Result<std::string> read_salt(store::Connection& connection);
Status make_salt(store::Connection& connection);

}  // namespace linnet::govern
