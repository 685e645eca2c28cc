#include "connect/bluesky/image_size.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace linnet::connect::bluesky {
namespace {

using namespace std::string_literals;

std::string size_of(const std::string& bytes) {
  const auto size = read_image_size(bytes);
  return size ? std::to_string(size->width) + "x" + std::to_string(size->height) : "none";
}

std::string jpeg(const std::string& segments) {
  return "\xFF\xD8\xFF\xE0\x00\x04--"s + segments +
         "\xFF\xDB\x00\x03-\xFF\xC2\x00\x11\x08\x01\x02\x03\x04\x03-----"s;
}
std::string exif(const std::string& tiff) {
  return "\xFF\xE1\x00"s + static_cast<char>(2 + 6 + tiff.size()) + "Exif\0\0"s + tiff;
}

TEST(ImageSize, IsReadFromTheHeader) {
  EXPECT_EQ(size_of("\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\x04\0\0\0\x03\0\x08\x06\0\0\0"s), "1024x768");
  EXPECT_EQ(size_of("GIF89a\x40\x01\xF0\0\0\0\0"s), "320x240");
  EXPECT_EQ(size_of(jpeg("")), "772x258");
  EXPECT_EQ(size_of("RIFF----WEBPVP8X\x0A\0\0\0\0\0\0\0\x7F\x07\0\x37\x04\0"s), "1920x1080");
  EXPECT_EQ(size_of("RIFF----WEBPVP8 ----\0\0\0\x9D\x01\x2A\x40\x01\xF0\0"s), "320x240");
  EXPECT_EQ(size_of("RIFF----WEBPVP8L----\x2F\x3F\xC1\x3B\x00-----"s), "320x240");
}

TEST(ImageSize, OfAPhotographIsTurnedAsItIsShown) {
  EXPECT_EQ(size_of(jpeg(exif("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0"s))), "258x772");
  EXPECT_EQ(size_of(jpeg(exif("II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x08\0\0\0"s))), "258x772");
  EXPECT_EQ(size_of(jpeg(exif("II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x03\0\0\0"s))), "772x258");
}

TEST(ImageSize, OfAnythingElseIsNotGuessed) {
  for (const auto& bytes : {""s, "x"s, "GIF89a"s, "\xFF\xD8"s, "\xFF\xD8\xFF\xC0"s, "RIFF----WEBPVP8X"s,
                            "\x89PNG\r\n\x1A\n"s, "<svg width=\"1\">"s})
    EXPECT_EQ(size_of(bytes), "none");
}

RC_GTEST_PROP(ImageSize, ReadsAnyBytes, (const std::string& rest)) {
  for (const auto& start : {"\x89PNG\r\n\x1A\n\0\0\0\rIHDR"s, "\xFF\xD8\xFF\xE1\0\x40"s + "Exif\0\0II*\0"s,
                            "RIFF----WEBPVP8 "s, "RIFF----WEBPVP8L"s, "GIF89a"s}) {
    const auto size = read_image_size(start + rest);
    RC_ASSERT(!size || (size->width > 0 && size->height > 0));
  }
}

}  // namespace
}  // namespace linnet::connect::bluesky
