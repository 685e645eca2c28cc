// JSON that is the same bytes for the same content, so that its hash can stand for it.
#pragma once

#include <boost/json/fwd.hpp>

#include <string>

namespace linnet::analyze {

// Keys sorted by their bytes, no white space, each number in the shortest form that reads back as the same
// number; one that JSON cannot write is null.
std::string canonical_json(const boost::json::value& value);

}  // namespace linnet::analyze
