// Databases in a place that may only be read: a mounted copy, a backup, somebody else's folder.
#pragma once

#include <string>

namespace linnet::store {

// Whether this process may write the file and what SQLite keeps beside it. A file that is missing counts as
// its folder does.
bool may_be_written(const std::string& path);

// The file's URI for SQLite, to be read alone. Where another process has it open (its write-ahead log is
// there), what that one writes is seen; where nobody has, SQLite needs to make nothing beside it.
std::string read_only_uri(const std::string& path);

}  // namespace linnet::store
