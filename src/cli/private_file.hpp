// Files that commands write for whoever called them, and for nobody else.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace linnet::cli {

struct GlobalOptions;

// `invalid`, with `name` in front, where a command must not write `path`: Linnet's own files, under whatever
// name, and what is no file (links, devices, pipes, folders). `conflict` for a file that is there, unless it
// may be `overwrite`n. Every command that is given the name of a file to write asks this.
Status check_output_file(std::string_view name, const std::string& path, const GlobalOptions& options,
                         bool overwrite);

// Puts a fresh file in the place of the one that may be there, so that its rights do not count; whole or not
// at all. `invalid` where there is something else than a file, a link also.
Status write_private_file(const std::string& path, std::string_view text);

}  // namespace linnet::cli
