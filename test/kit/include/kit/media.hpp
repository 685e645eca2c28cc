// A file of a post for a test: it is there as long as something names it.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>

#include "connect/media_file.hpp"

namespace linnet::test {

inline connect::MediaFile media_file(std::string name, std::string media_type, std::string_view bytes,
                                     std::string alt_text = {}) {
  auto made = connect::make_file(std::filesystem::temp_directory_path().string(), bytes);
  if (!made) std::abort();
  made->name = std::move(name);
  made->media_type = std::move(media_type);
  made->alt_text = std::move(alt_text);
  return std::move(made).value();
}

}  // namespace linnet::test
