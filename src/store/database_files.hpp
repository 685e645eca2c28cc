// Which files a database at some place has, whether it is there just now or not.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace linnet::store {

// `location` as for open_database. The file of the tables; empty where it is not SQLite's.
std::string file_of_tables(std::string_view location);
// All that SQLite keeps there; none where it is not SQLite's.
std::vector<std::string> files_of_database(std::string_view location);

}  // namespace linnet::store
