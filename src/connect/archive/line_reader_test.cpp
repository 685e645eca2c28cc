// Lines of any file, whole, at their positions, whatever they are packed in.
#include "connect/archive/line_reader.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

namespace linnet::connect {
namespace {

class Folder {
 public:
  Folder() {
    std::string name = ::testing::TempDir() + "linnet-lines-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string write(const std::string& name, const std::string& content) const {
    const auto file = (path_ / name).string();
    std::ofstream(file, std::ios::binary) << content;
    return file;
  }

 private:
  std::filesystem::path path_;
};

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

struct Read {
  std::vector<std::string> lines;
  std::vector<std::uint64_t> positions;
  std::size_t cut = 0;
  bool failed = false;
  ErrorKind kind{};
};

Read read_all(const std::string& path, LineReaderOptions options = {}) {
  Read read;
  auto reader = LineReader::open(path, options);
  if (!reader) {
    read.failed = true;
    read.kind = reader.error().kind;
    return read;
  }
  Line line;
  while (true) {
    const auto more = reader->next(line);
    if (!more) {
      read.failed = true;
      read.kind = more.error().kind;
      return read;
    }
    if (!*more) return read;
    read.lines.emplace_back(line.text);
    read.positions.push_back(reader->position());
    read.cut += line.was_cut ? 1 : 0;
  }
}

// As Windows' editors and tools put it there.
TEST(LineReader, AMarkAtTheBeginningIsNoPartOfTheFirstLine) {
  const Folder folder;
  const std::string text = "\xef\xbb\xbf{\"a\":1}\n\xef\xbb\xbfsecond\n";
  for (const auto& content : {text, gzip(text), zstd(text)}) {
    const auto read = read_all(folder.write("marked", content));
    ASSERT_EQ(read.lines.size(), 2U);
    EXPECT_EQ(read.lines[0], "{\"a\":1}");
    EXPECT_EQ(read.lines[1], "\xef\xbb\xbfsecond") << "only at the beginning";
    EXPECT_EQ(read.positions.back(), text.size());
  }
}

TEST(LineReader, TellsUtf16ByItsFirstLine) {
  const Folder folder;
  for (const auto& text : {std::string("\xff\xfe{\0}\0\n\0", 8), std::string("\xfe\xff\0{\0}\0\n", 8),
                           std::string("{\0\"\0a\0\n\0", 8)}) {
    for (const auto& content : {text, gzip(text)}) {
      const auto read = read_all(folder.write("wide", content));
      EXPECT_TRUE(read.failed);
      EXPECT_EQ(read.kind, ErrorKind::invalid);
      EXPECT_TRUE(read.lines.empty());
    }
  }
}

TEST(LineReader, reads_lines_with_and_without_a_last_line_feed) {
  const Folder folder;
  const std::vector<std::string> expected{"a", "", "bc", std::string("n\0l", 3), "d"};
  const std::string text("a\n\nbc\nn\0l\nd", 11);
  EXPECT_EQ(read_all(folder.write("one", text)).lines, expected);
  EXPECT_EQ(read_all(folder.write("two", text + "\n")).lines, expected);
  EXPECT_TRUE(read_all(folder.write("empty", "")).lines.empty());
  EXPECT_EQ(read_all(folder.write("feeds", "\n\n")).lines.size(), 2U);
}

TEST(LineReader, reads_gzip_of_several_members_and_zstd_of_several_frames) {
  const Folder folder;
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "line " + std::to_string(i) + "\n";
  const auto plain = read_all(folder.write("plain", text));
  ASSERT_EQ(plain.lines.size(), 100'000U);
  const auto half = text.size() / 2;
  for (const auto& path : {folder.write("a.gz", gzip(text)), folder.write("a.zst", zstd(text)),
                           folder.write("b.gz", gzip(text.substr(0, half)) + gzip(text.substr(half))),
                           folder.write("b.zst", zstd(text.substr(0, half)) + zstd(text.substr(half)))}) {
    const auto read = read_all(path);
    EXPECT_FALSE(read.failed) << path;
    EXPECT_EQ(read.lines, plain.lines) << path;
    EXPECT_EQ(read.positions, plain.positions) << path;
  }
}

TEST(LineReader, damaged_and_cut_compressed_files_give_an_error_after_their_lines) {
  const Folder folder;
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "line " + std::to_string(i * 7919) + "\n";
  for (const auto& packed : {gzip(text), zstd(text)}) {
    const auto read = read_all(folder.write("cut", packed.substr(0, packed.size() / 2)));
    EXPECT_TRUE(read.failed);
    EXPECT_EQ(read.kind, ErrorKind::corrupt);
    EXPECT_GT(read.lines.size(), 1'000U);
    auto damaged = packed;
    for (std::size_t i = packed.size() / 2; i < packed.size() / 2 + 64; ++i) damaged[i] = '\x55';
    EXPECT_TRUE(read_all(folder.write("damaged", damaged)).failed);
  }
}

TEST(LineReader, goes_on_at_a_position) {
  const Folder folder;
  const std::string text = "one\ntwo\nthree\nfour";
  for (const auto& path :
       {folder.write("p", text), folder.write("p.gz", gzip(text)), folder.write("p.zst", zstd(text))}) {
    const auto whole = read_all(path);
    for (std::size_t i = 0; i < whole.lines.size(); ++i) {
      const auto rest = read_all(path, {64U << 20U, whole.positions[i]});
      EXPECT_EQ(rest.lines,
                std::vector<std::string>(whole.lines.begin() + static_cast<long>(i) + 1, whole.lines.end()));
    }
  }
}

TEST(LineReader, cuts_lines_that_are_too_long_and_goes_on) {
  const Folder folder;
  const std::string text = "a\n" + std::string(5'000'000, 'x') + "\nb\n" + std::string(1'000, 'y') + "\n" +
                           std::string(3'000'000, 'z');
  const auto read = read_all(folder.write("long", text), {1'000, 0});
  ASSERT_EQ(read.lines.size(), 5U);
  EXPECT_EQ(read.lines[1], std::string(1'000, 'x'));
  EXPECT_EQ(read.lines[2], "b");
  EXPECT_EQ(read.lines[3], std::string(1'000, 'y'));
  EXPECT_EQ(read.lines[4], std::string(1'000, 'z'));
  EXPECT_EQ(read.cut, 2U);
  EXPECT_EQ(read.positions[1], 2U + 5'000'000U + 1U);
  EXPECT_EQ(read.positions[4], text.size());
}

TEST(LineReader, says_what_is_wrong_with_the_file) {
  const Folder folder;
  EXPECT_EQ(read_all("/nowhere/to/be/found").kind, ErrorKind::not_found);
  EXPECT_EQ(read_all(::testing::TempDir()).kind, ErrorKind::invalid);
}

RC_GTEST_PROP(LineReader, lines_joined_are_the_file, (const std::vector<std::string>& pieces)) {
  const Folder folder;
  std::string text;
  for (const auto& piece : pieces) text += piece + "\n";
  const auto read =
      read_all(folder.write("any", "\n" + text));  // the line feed first: never taken for compressed
  std::string joined;
  for (const auto& line : read.lines) joined += line + "\n";
  RC_ASSERT(joined == "\n" + text);
  RC_ASSERT(read.positions.back() == joined.size());
}

// What it showed last lies in memory that is gone by then.
TEST(LineReader, shows_nothing_at_the_end) {
  const Folder folder;
  auto reader = LineReader::open(folder.write("long", std::string(12U << 20U, 'x') + "\n")).value();
  Line line;
  ASSERT_TRUE(reader.next(line).value());
  ASSERT_FALSE(reader.next(line).value());
  EXPECT_TRUE(line.text.empty());
}

}  // namespace
}  // namespace linnet::connect
