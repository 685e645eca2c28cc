// What went wrong with somebody who is to be named nowhere.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace linnet::act {

// The error with «the person» in place of each of the names, the longest first.
Error without_names(Error error, std::vector<std::string> names);

}  // namespace linnet::act
