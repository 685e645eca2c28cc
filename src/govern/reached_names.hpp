// The names under which actions know a person whose id they do not know.
#pragma once

#include <string>
#include <string_view>

#include "observe/person.hpp"
#include "store/connection.hpp"

namespace linnet::govern {

// Every spelling of the account's name that stands with the actions of own accounts on its instance, as a
// JSON array of texts.
Result<std::string> reached_names(store::Connection& connection, const observe::PersonAccount& account);
// SQL that is true where `column` is one of the texts in the JSON array `parameter`, such as "$3".
std::string is_one_of(store::Engine engine, std::string_view column, std::string_view parameter);

}  // namespace linnet::govern
