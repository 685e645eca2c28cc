// Compressed frames: whole, damaged, of another dictionary, and bombs.
#include "connect/bluesky/frame_decompressor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "connect/bluesky/fake_jetstream.hpp"

namespace linnet::connect::bluesky {
namespace {

using testing::HasSubstr;

constexpr std::size_t kMost = 1U << 20U;

class FrameDecompressorTest : public testing::Test {
 protected:
  const std::string dictionary_ = train_dictionary();
  FrameDecompressor decompressor_ = FrameDecompressor::with_dictionary(dictionary_).value();
};

TEST_F(FrameDecompressorTest, gives_back_what_was_compressed) {
  for (std::size_t size : {0U, 1U, 300U, 65'535U, 65'536U, 65'537U, 700'000U}) {
    std::string text;
    while (text.size() < size) text += post_message({.key = std::to_string(text.size())});
    text.resize(size);
    const auto back = decompressor_.decompress(compress(text, dictionary_), kMost);
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(*back, text) << size;
  }
}

TEST_F(FrameDecompressorTest, takes_just_as_much_as_it_may) {
  const std::string text(100'000, 'x');
  const auto frame = compress(text, dictionary_);
  EXPECT_EQ(decompressor_.decompress(frame, text.size()).value(), text);
  const auto larger = decompressor_.decompress(frame, text.size() - 1);
  EXPECT_EQ(larger.error().kind, ErrorKind::invalid);
  EXPECT_THAT(larger.error().safe, HasSubstr("more than 99999 bytes"));
}

TEST_F(FrameDecompressorTest, a_bomb_ends_with_an_error_and_the_next_frame_is_read) {
  const auto bomb = compress(std::string(512U << 20U, '\0'), dictionary_);
  EXPECT_LT(bomb.size(), 100'000U);
  const auto outcome = decompressor_.decompress(bomb, kMost);
  EXPECT_EQ(outcome.error().kind, ErrorKind::invalid);
  EXPECT_EQ(decompressor_.decompress(compress("and on", dictionary_), kMost).value(), "and on");
}

TEST_F(FrameDecompressorTest, refuses_what_is_damaged_and_goes_on) {
  const auto frame = compress(post_message({}), dictionary_);
  for (const auto& broken : {std::string(), std::string("no zstd"), frame.substr(0, frame.size() / 2),
                             frame.substr(0, frame.size() - 1), frame + frame, frame + "x"}) {
    const auto outcome = decompressor_.decompress(broken, kMost);
    ASSERT_FALSE(outcome.ok()) << broken.size();
    EXPECT_EQ(outcome.error().kind, ErrorKind::invalid);
    EXPECT_EQ(decompressor_.decompress(frame, kMost).value(), post_message({}));
  }
}

TEST_F(FrameDecompressorTest, tells_another_dictionary_from_damage) {
  const auto frame = compress("hello", train_dictionary(7));
  EXPECT_EQ(decompressor_.decompress(frame, kMost).error().kind, ErrorKind::conflict);
}

TEST_F(FrameDecompressorTest, takes_only_a_dictionary_for_one) {
  EXPECT_EQ(FrameDecompressor::with_dictionary("").error().kind, ErrorKind::invalid);
  EXPECT_EQ(FrameDecompressor::with_dictionary("any other bytes").error().kind, ErrorKind::invalid);
  EXPECT_EQ(FrameDecompressor::with_dictionary(dictionary_.substr(0, 20)).error().kind, ErrorKind::invalid);
  const auto path = testing::TempDir() + "linnet-dictionary-test";
  std::filesystem::remove(path);
  EXPECT_THAT(FrameDecompressor::with_dictionary_file(path).error().safe, HasSubstr("cannot be read"));
  std::ofstream(path) << "<html>";
  EXPECT_THAT(FrameDecompressor::with_dictionary_file(path).error().safe, HasSubstr("jetstream_dictionary"));
  std::ofstream(path, std::ios::binary) << dictionary_;
  EXPECT_TRUE(FrameDecompressor::with_dictionary_file(path).ok());
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace linnet::connect::bluesky
