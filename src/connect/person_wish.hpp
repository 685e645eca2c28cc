// What a person asks of Linnet on the network itself, by a command there.
#pragma once

#include <functional>
#include <string>

#include "base/result.hpp"

namespace linnet::connect {

struct PersonWish {
  enum class Kind {
    let_read,      // their direct messages may be read
    stop_reading,  // no longer; what was read goes
    tell,          // how it stands
    leave_alone,   // nothing is to be done to or with them
  };
  Kind kind = Kind::tell;
  std::string person_id;
  std::string person_name;
  std::string evidence;  // where and how it was said: ids, no text
};

// Does it, and returns what the person is told.
using HeedWish = std::function<Result<std::string>(const PersonWish& wish)>;

}  // namespace linnet::connect
