// The forms in which the blocklist's entries and what is looked at are compared: the same for both sides.
#pragma once

#include <string>
#include <string_view>

#include "base/person_name.hpp"

namespace linnet::govern {

using linnet::server_of;
using linnet::user_form;
using linnet::user_key;
// The key of a person who is known by it on one server only: no name that can be written is the same.
std::string key_on_server(std::string_view user_key, std::string_view server);

// Of a word or phrase: as `comparable`, without white space at both ends.
std::string word_form(std::string_view word);

// The host of a link, in ASCII and without a dot at its end; empty where there is none. A user name in front
// of it, which no link of an honest post has, does not hide it.
std::string host_of(std::string_view link);

}  // namespace linnet::govern
