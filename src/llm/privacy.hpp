// How private a text is: what goes to a provider, and who may see what was made of it.
#pragma once

#include "base/enum_names.hpp"

namespace linnet::llm {

// In order: what is made of several things is as private as the most private of them.
enum class Privacy {
  everybody,  // public posts
  derived,    // what only some may see: followers, members of a channel
  dm,         // direct messages
};
BOOST_DESCRIBE_ENUM(Privacy, everybody, derived, dm)

}  // namespace linnet::llm
