// Files as cameras, phones and recorders write them, told by their first bytes.
#include "base/file_kind.hpp"

#include <gtest/gtest.h>

namespace linnet {
namespace {

std::string boxes(std::string_view brand, std::string_view compatible = "mif1") {
  std::string bytes(
      "\0\0\0\x18"
      "ftyp",
      8);
  bytes += brand;
  bytes += std::string(4, '\0');
  bytes += brand;
  bytes += compatible;
  return bytes + std::string(64, '\0');
}

TEST(FileKind, Pictures) {
  EXPECT_EQ(media_type_of("\x89PNG\r\n\x1A\n...."), "image/png");
  EXPECT_EQ(media_type_of("\xFF\xD8\xFF\xE0...."), "image/jpeg");
  EXPECT_EQ(media_type_of("GIF89a...."), "image/gif");
  EXPECT_EQ(media_type_of("RIFF....WEBPVP8 "), "image/webp");
  EXPECT_EQ(media_type_of(boxes("heic")), "image/heic");
  EXPECT_EQ(media_type_of(boxes("heix")), "image/heic");
  EXPECT_EQ(media_type_of(boxes("mif1", "heic")), "image/heic");
  EXPECT_EQ(media_type_of(boxes("mif1", "avif")), "image/avif");
  EXPECT_EQ(media_type_of(boxes("mif1", "miaf")), "image/heif");
  EXPECT_EQ(media_type_of(boxes("avif")), "image/avif");
  EXPECT_EQ(media_type_of("<?xml version=\"1.0\"?>\n<svg xmlns=\"x\"/>"), "image/svg+xml");
  EXPECT_EQ(media_type_of("II*"), "application/octet-stream");
  EXPECT_EQ(media_type_of(std::string_view("II*\0", 4)), "image/tiff");
}

TEST(FileKind, FilmsAndSounds) {
  EXPECT_EQ(media_type_of(boxes("isom")), "video/mp4");
  EXPECT_EQ(media_type_of(boxes("mp42")), "video/mp4");
  EXPECT_EQ(media_type_of(boxes("qt  ")), "video/quicktime");
  EXPECT_EQ(media_type_of(std::string_view("\0\0\0\x08wide\0\0", 10)), "video/quicktime");
  EXPECT_EQ(media_type_of(boxes("3gp5")), "video/3gpp");
  EXPECT_EQ(media_type_of(boxes("M4A ")), "audio/mp4");
  EXPECT_EQ(media_type_of("\x1A\x45\xDF\xA3\x01....\x42\x82\x84webm"), "video/webm");
  EXPECT_EQ(media_type_of("\x1A\x45\xDF\xA3\x01....\x42\x82\x88matroska"), "video/x-matroska");
  EXPECT_EQ(media_type_of("OggS....\x01vorbis"), "audio/ogg");
  EXPECT_EQ(media_type_of("OggS....\x80theora"), "video/ogg");
  EXPECT_EQ(media_type_of("RIFF....WAVEfmt "), "audio/wav");
  EXPECT_EQ(media_type_of("RIFF....AVI LIST"), "video/x-msvideo");
  EXPECT_EQ(media_type_of("fLaC...."), "audio/flac");
  EXPECT_EQ(media_type_of("FORM....AIFFCOMM"), "audio/aiff");
  EXPECT_EQ(media_type_of("\xFF\xFB\x90\x64...."), "audio/mpeg");
  EXPECT_EQ(media_type_of("\xFF\xF3\x40\xC0...."), "audio/mpeg");
  EXPECT_EQ(media_type_of("\xFF\xF1\x50\x80...."), "audio/aac");
  EXPECT_EQ(media_type_of(std::string_view("ID3\x04\0\0\0\0\0\0\xFF\xFB\x90\x64", 14)), "audio/mpeg");
  EXPECT_EQ(media_type_of(std::string_view("ID3\x04\0\0\0\0\0\x02..fLaC", 16)), "audio/flac");
}

TEST(FileKind, AnythingElse) {
  for (const std::string_view bytes : {"", "\xFF", "hello", "RIFF", "ftyp", "\xFF\xFF\xFF\xFF", "<html>"})
    EXPECT_EQ(media_type_of(bytes), "application/octet-stream") << bytes;
}

TEST(FileKind, ATypeHasSeveralNames) {
  EXPECT_TRUE(lists_type({"image/png", "audio/x-wav"}, "audio/wav"));
  EXPECT_TRUE(lists_type({"audio/m4a"}, "audio/mp4"));
  EXPECT_TRUE(lists_type({"audio/mp3"}, "audio/mpeg"));
  EXPECT_TRUE(lists_type({"image/*"}, "image/heic"));
  EXPECT_TRUE(lists_type({"application/octet-stream"}, "image/heic"));
  EXPECT_FALSE(lists_type({"image/*"}, "video/mp4"));
  EXPECT_FALSE(lists_type({"image/png"}, "image/avif"));
}

}  // namespace
}  // namespace linnet
