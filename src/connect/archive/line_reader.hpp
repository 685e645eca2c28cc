// Lines of a file, of standard input, or of either compressed with gzip or zstd, at the speed of the disk.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace linnet::connect {

struct LineReaderOptions {
  std::size_t max_line_bytes = 64U << 20U;  // the rest of a longer line is left out
  std::uint64_t skip_to = 0;                // where to begin: a position() of an earlier reading
};

struct Line {
  std::string_view text;  // without its line feed; valid until the next call
  bool was_cut = false;   // longer than allowed
};

// Not thread-safe.
class LineReader {
 public:
  // "-" is standard input. What it is compressed with shows in its first bytes. `not_found`, `denied`,
  // `unavailable`.
  static Result<LineReader> open(const std::string& path, const LineReaderOptions& options = {});
  LineReader(LineReader&&) noexcept;
  LineReader& operator=(LineReader&&) noexcept;
  ~LineReader();

  // False at the end; the last line need not end with a line feed. A mark of UTF-8 before the first is not
  // part of it; `invalid` where the first shows that the text is UTF-16. `corrupt` when compressed data is
  // damaged or ends early: the lines before it were handed out.
  Result<bool> next(Line& line);

  // Where the next line begins, in bytes of text.
  [[nodiscard]] std::uint64_t position() const;
  // For progress: bytes read of the file as it lies on disk, and its size, which a pipe does not have.
  [[nodiscard]] std::uint64_t file_bytes_read() const;
  [[nodiscard]] std::optional<std::uint64_t> file_size() const;

 private:
  Result<bool> next_as_it_is(Line& line);
  class Source;
  struct State;
  explicit LineReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace linnet::connect
