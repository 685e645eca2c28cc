// A secret that somebody types or pipes in: never from the command line, where others could see it.
#pragma once

#include <string>

namespace linnet::cli {

// One line of standard input; at a terminal after `what`, and without showing what is typed.
std::string read_hidden_line(const char* what);
bool is_typed_at_terminal();

}  // namespace linnet::cli
