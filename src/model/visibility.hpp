// Who may see a post, from what its platform calls it.
#pragma once

#include <string_view>

namespace linnet::model {

enum class Reach {
  everyone,   // also what is only left out of public lists, and what is called by a name nobody knows
  followers,  // those who follow the author, or some of them
  addressed,  // those who are named in it alone: a message, not a post
};

// Of a word that a server of the fediverse uses, in any case of letters; empty: everyone.
Reach reach_of(std::string_view visibility);

}  // namespace linnet::model
