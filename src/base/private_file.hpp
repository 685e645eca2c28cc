// Files that are their owner's alone.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace linnet {

// Puts a fresh file, with the rights of its owner alone, in the place of the one that may be there: nobody
// sees half of it, and its contents are on disk, though a power cut may still bring the older one back until
// the folder is synced, too. Where root writes it, it becomes that of whoever owns the file `owned_as`, so
// that they can read it; empty, or where there is none: root's. `unavailable` where it cannot be written.
Status put_private_file(const std::string& path, std::string_view text, const std::string& owned_as = {});

}  // namespace linnet
