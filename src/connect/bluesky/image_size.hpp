// How wide and high a picture is shown, read from its first bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace linnet::connect::bluesky {

struct ImageSize {
  std::int64_t width = 0;
  std::int64_t height = 0;
};

// Of PNG, JPEG (turned as its Exif orientation says), WebP and GIF; nullopt for anything else, and for what
// is broken.
std::optional<ImageSize> read_image_size(std::string_view bytes);

}  // namespace linnet::connect::bluesky
