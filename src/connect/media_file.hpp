// A file that goes with a post, where it lies: a film is too large for memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace linnet::connect {

struct MediaFile {
  std::string name;
  std::string media_type;  // "image/png", by its own bytes
  std::string alt_text;
  std::int64_t size = 0;
  std::string sha256;
  std::string path;               // on this machine; empty: it was not looked for
  bool is_ours = false;           // nobody changes it: a second name for it does for a copy
  std::shared_ptr<void> kept_by;  // with the last of these it goes; empty: it stays
  std::string uploaded_id;        // what the platform called it when it was uploaded; empty: it is not there
};

// What lies there, without a name and words of its own. `not_found`, `unavailable`.
Result<MediaFile> describe_file(const std::string& path);
// A file of these bytes in the folder, which goes with the last that names it.
Result<MediaFile> make_file(const std::string& folder, std::string_view bytes);
// All of it, or no more than its beginning.
Result<std::string> read_file(const std::string& path, std::size_t most = std::string::npos);

}  // namespace linnet::connect
