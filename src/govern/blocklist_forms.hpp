// The forms in which the blocklist's entries and what is looked at are compared: the same for both sides.
#pragma once

#include <string>
#include <string_view>

namespace linnet::govern {

// Of a user's name or id: as `comparable`, without «@» and white space in front. Ids are compared like this
// as well: platforms give two people no ids that differ in case alone, and people write them in any.
std::string user_form(std::string_view name);
// The same with its server in ASCII: "ada@bücher.example" and "ada@xn--bcher-kva.example" are one.
std::string user_key(std::string_view name);
// The key of a person who is known by it on one server only: no name that can be written is the same.
std::string key_on_server(std::string_view user_key, std::string_view server);

// Of a word or phrase: as `comparable`, without white space at both ends.
std::string word_form(std::string_view word);

// The server within a user's name as `user_key` gives it; empty without one.
std::string_view server_of(std::string_view user_key);
// The host of a link, in ASCII and without a dot at its end; empty where there is none. A user name in front
// of it, which no link of an honest post has, does not hide it.
std::string host_of(std::string_view link);

}  // namespace linnet::govern
