// What whoever asked is told of a database's error: never its path, its SQL or its values. Those are in the
// log.
#pragma once

#include <string_view>

namespace linnet::store {

inline constexpr std::string_view kDiskFull = "the disk is full; make room, then try again";
inline constexpr std::string_view kClashes = "this clashes with what is there already; look at it again";
inline constexpr std::string_view kCannotHold = "the database cannot hold one of these values";
inline constexpr std::string_view kBrokenOff = "this was broken off; try again";
inline constexpr std::string_view kBusy = "the database is busy; try again in a moment";
inline constexpr std::string_view kOurMistake = "internal error in the database; see the log";

}  // namespace linnet::store
