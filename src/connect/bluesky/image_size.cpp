#include "connect/bluesky/image_size.hpp"

#include <utility>

namespace linnet::connect::bluesky {
namespace {

// Numbers at places; 0 past the end, which no size is.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}
  [[nodiscard]] std::uint32_t byte(std::size_t at) const {
    return at < bytes_.size() ? static_cast<unsigned char>(bytes_[at]) : 0;
  }
  [[nodiscard]] std::uint32_t big(std::size_t at, std::size_t length) const {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < length; ++i) number = (number << 8U) | byte(at + i);
    return number;
  }
  [[nodiscard]] std::uint32_t little(std::size_t at, std::size_t length) const {
    std::uint32_t number = 0;
    for (std::size_t i = length; i-- > 0;) number = (number << 8U) | byte(at + i);
    return number;
  }
  [[nodiscard]] std::string_view text(std::size_t at, std::size_t length) const {
    return at < bytes_.size() ? bytes_.substr(at, length) : std::string_view();
  }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }

 private:
  std::string_view bytes_;
};

// The entry 0x0112 of the first directory (TIFF 6.0); 1 where there is none.
std::uint32_t read_orientation(const Bytes& exif) {
  if (exif.text(0, 6) != std::string_view("Exif\0\0", 6)) return 1;
  const Bytes tiff(exif.text(6, exif.size()));
  const bool is_little = tiff.text(0, 2) == "II";
  const auto number = [&](std::size_t at, std::size_t length) {
    return is_little ? tiff.little(at, length) : tiff.big(at, length);
  };
  const std::size_t directory = number(4, 4);
  const auto entries = number(directory, 2);
  for (std::size_t i = 0; i < entries && directory + 2 + 12 * i < tiff.size(); ++i) {
    const auto entry = directory + 2 + 12 * i;
    if (number(entry, 2) == 0x0112) return number(entry + 8, 2);
  }
  return 1;
}

bool is_start_of_frame(std::uint32_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

// From segment to segment up to the one that says it (ITU T.81, B.1).
ImageSize read_jpeg(const Bytes& file) {
  std::uint32_t orientation = 1;
  std::size_t at = 2;
  while (at + 4 <= file.size() && file.byte(at) == 0xFF) {
    const auto marker = file.byte(at + 1);
    if (marker == 0xFF) {  // filler
      ++at;
      continue;
    }
    const auto length = file.big(at + 2, 2);
    if (marker == 0xE1) orientation = read_orientation(Bytes(file.text(at + 4, length)));
    if (is_start_of_frame(marker)) {
      ImageSize size{file.big(at + 7, 2), file.big(at + 5, 2)};
      if (orientation >= 5 && orientation <= 8) std::swap(size.width, size.height);
      return size;
    }
    if (length < 2) break;
    at += 2 + length;
  }
  return {};
}

// developers.google.com/speed/webp/docs/riff_container
ImageSize read_webp(const Bytes& file) {
  const auto kind = file.text(12, 4);
  if (kind == "VP8 ") return {file.little(26, 2) & 0x3FFFU, file.little(28, 2) & 0x3FFFU};
  if (kind == "VP8L") {
    const auto bits = file.little(21, 4);
    return {(bits & 0x3FFFU) + 1, ((bits >> 14U) & 0x3FFFU) + 1};
  }
  if (kind == "VP8X") return {file.little(24, 3) + 1, file.little(27, 3) + 1};
  return {};
}

}  // namespace

std::optional<ImageSize> read_image_size(std::string_view bytes) {
  constexpr std::size_t kShortest = 30;  // no picture is smaller than the headers that are read
  const Bytes file(bytes);
  ImageSize size;
  if (bytes.starts_with("\x89PNG") && file.text(12, 4) == "IHDR") {
    size = {file.big(16, 4), file.big(20, 4)};
  } else if (bytes.starts_with("GIF8")) {
    size = {file.little(6, 2), file.little(8, 2)};
  } else if (bytes.starts_with("\xFF\xD8")) {
    size = read_jpeg(file);
  } else if (bytes.starts_with("RIFF") && file.text(8, 4) == "WEBP" && bytes.size() >= kShortest) {
    size = read_webp(file);
  }
  return size.width > 0 && size.height > 0 ? std::optional(size) : std::nullopt;
}

}  // namespace linnet::connect::bluesky
