// A command line that was not understood, in words that say what was expected.
#pragma once

#include <span>
#include <string>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace linnet::app {

// One or two sentences. `words` is the command line without the program's name.
std::string explain_usage(const CLI::App& program, const CLI::ParseError& error,
                          std::span<const char* const> words);

}  // namespace linnet::app
