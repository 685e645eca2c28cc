#include "connect/archive/line_reader.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

namespace linnet::connect {
namespace {

constexpr std::size_t kChunk = 1U << 20U;

Error file_error(const std::string& path, int code) {
  const auto kind = code == ENOENT                    ? ErrorKind::not_found
                    : code == EACCES || code == EPERM ? ErrorKind::denied
                                                      : ErrorKind::unavailable;
  return Error::of(kind, fmt::format("{}: {}", path, std::strerror(code)));
}

Error damaged(const std::string& path, std::string_view what) {
  return Error::of(ErrorKind::corrupt, fmt::format("{}: {}", path, what));
}

// The bytes of a file descriptor; what was peeked at comes first.
class RawFile {
 public:
  RawFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  ~RawFile() {
    if (descriptor_ > STDIN_FILENO) ::close(descriptor_);
  }
  RawFile(const RawFile&) = delete;
  RawFile& operator=(const RawFile&) = delete;

  Result<std::size_t> read(char* into, std::size_t size) {
    if (!peeked_.empty()) {
      const auto taken = std::min(size, peeked_.size());
      std::memcpy(into, peeked_.data(), taken);
      peeked_.erase(0, taken);
      return taken;
    }
    return read_more(into, size);
  }

  Result<std::string_view> peek(std::size_t size) {
    while (peeked_.size() < size) {
      char buffer[16];
      LINNET_TRY(const auto got, read_more(buffer, std::min(sizeof(buffer), size - peeked_.size())));
      if (got == 0) break;
      peeked_.append(buffer, got);
    }
    return std::string_view(peeked_);
  }

  Status seek(std::uint64_t offset) {
    peeked_.clear();
    if (::lseek(descriptor_, static_cast<off_t>(offset), SEEK_SET) < 0) return file_error(path_, errno);
    bytes_read_ = offset;
    return {};
  }

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }
  [[nodiscard]] std::optional<std::uint64_t> size() const {
    struct stat info {};
    if (::fstat(descriptor_, &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
    return static_cast<std::uint64_t>(info.st_size);
  }
  [[nodiscard]] bool is_folder() const {
    struct stat info {};
    return ::fstat(descriptor_, &info) == 0 && S_ISDIR(info.st_mode);
  }

 private:
  Result<std::size_t> read_more(char* into, std::size_t size) {
    while (true) {
      const auto got = ::read(descriptor_, into, size);
      if (got >= 0) {
        bytes_read_ += static_cast<std::uint64_t>(got);
        return static_cast<std::size_t>(got);
      }
      if (errno != EINTR) return file_error(path_, errno);
    }
  }

  int descriptor_;
  std::string path_;
  std::string peeked_;
  std::uint64_t bytes_read_ = 0;
};

}  // namespace

// The text of a file, decompressed.
class LineReader::Source {
 public:
  explicit Source(std::unique_ptr<RawFile> raw) : file_(std::move(raw)) {}
  virtual ~Source() = default;
  // 0 at the end.
  virtual Result<std::size_t> read(char* into, std::size_t size) = 0;
  [[nodiscard]] RawFile& file() const { return *file_; }

 private:
  std::unique_ptr<RawFile> file_;
};

struct LineReader::State {
  std::unique_ptr<Source> source;
  std::size_t max_line_bytes = 0;
  std::vector<char> buffer;
  std::size_t start = 0;  // of what is in the buffer and not yet handed out
  std::size_t end = 0;
  std::uint64_t position = 0;
  bool is_at_end = false;
};

namespace {

template <typename Base>
class PlainSource final : public Base {
 public:
  using Base::Base;
  Result<std::size_t> read(char* into, std::size_t size) override { return this->file().read(into, size); }
};

template <typename Base>
class GzipSource final : public Base {
 public:
  explicit GzipSource(std::unique_ptr<RawFile> raw) : Base(std::move(raw)), input_(kChunk) {
    constexpr int kGzipOnly = 16 + MAX_WBITS;
    is_ready_ = inflateInit2(&stream_, kGzipOnly) == Z_OK;
  }
  ~GzipSource() override { inflateEnd(&stream_); }
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;

  Result<std::size_t> read(char* into, std::size_t size) override {
    if (!is_ready_) return unavailable("gzip: out of memory");
    stream_.next_out = reinterpret_cast<Bytef*>(into);
    stream_.avail_out = static_cast<uInt>(size);
    while (stream_.avail_out == size) {
      if (stream_.avail_in == 0) {
        LINNET_TRY(const auto got, this->file().read(input_.data(), input_.size()));
        if (got == 0) {
          if (is_between_members_) return std::size_t{0};
          return damaged(this->file().path(), "the compressed data ends early");
        }
        stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
        stream_.avail_in = static_cast<uInt>(got);
      }
      // Files put together, and log files written in pieces, have several members.
      if (is_between_members_ && inflateReset(&stream_) != Z_OK) return unavailable("gzip: cannot go on");
      is_between_members_ = false;
      const int code = inflate(&stream_, Z_NO_FLUSH);
      if (code == Z_STREAM_END) {
        is_between_members_ = true;
      } else if (code != Z_OK && code != Z_BUF_ERROR) {
        return damaged(this->file().path(), "the compressed data is damaged");
      }
    }
    return size - stream_.avail_out;
  }

 private:
  std::vector<char> input_;
  z_stream stream_{};
  bool is_ready_ = false;
  bool is_between_members_ = false;
};

template <typename Base>
class ZstdSource final : public Base {
 public:
  explicit ZstdSource(std::unique_ptr<RawFile> raw)
      : Base(std::move(raw)), input_(kChunk), stream_(ZSTD_createDStream(), &ZSTD_freeDStream) {
    // A header that asks for more memory than this is refused.
    constexpr int kLargestWindowLog = 27;
    if (stream_) ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, kLargestWindowLog);
  }

  Result<std::size_t> read(char* into, std::size_t size) override {
    if (!stream_) return unavailable("zstd: out of memory");
    ZSTD_outBuffer out{into, size, 0};
    while (out.pos == 0) {
      if (from_.pos == from_.size && !has_more_output_) {
        LINNET_TRY(const auto got, this->file().read(input_.data(), input_.size()));
        if (got == 0) {
          if (!is_in_frame_) return std::size_t{0};
          return damaged(this->file().path(), "the compressed data ends early");
        }
        from_ = {input_.data(), got, 0};
      }
      const auto left = ZSTD_decompressStream(stream_.get(), &out, &from_);
      if (ZSTD_isError(left) != 0) return damaged(this->file().path(), "the compressed data is damaged");
      is_in_frame_ = left != 0;
      has_more_output_ = out.pos == out.size;
    }
    return out.pos;
  }

 private:
  std::vector<char> input_;
  std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream_;
  ZSTD_inBuffer from_{nullptr, 0, 0};
  bool is_in_frame_ = false;
  bool has_more_output_ = false;
};

}  // namespace

LineReader::LineReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
LineReader::LineReader(LineReader&&) noexcept = default;
LineReader& LineReader::operator=(LineReader&&) noexcept = default;
LineReader::~LineReader() = default;

Result<LineReader> LineReader::open(const std::string& path, const LineReaderOptions& options) {
  const int descriptor = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return file_error(path, errno);
  auto raw = std::make_unique<RawFile>(descriptor, path);
  if (raw->is_folder()) return invalid(fmt::format("{}: expected a file, got a folder", path));
  auto state = std::make_unique<State>();
  state->max_line_bytes = options.max_line_bytes;
  state->buffer.resize(kChunk);
  LINNET_TRY(const auto magic, raw->peek(4));
  bool is_plain = false;
  if (magic.starts_with("\x1f\x8b")) {
    state->source = std::make_unique<GzipSource<Source>>(std::move(raw));
  } else if (magic == "\x28\xb5\x2f\xfd") {
    state->source = std::make_unique<ZstdSource<Source>>(std::move(raw));
  } else {
    is_plain = true;
    ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
    state->source = std::make_unique<PlainSource<Source>>(std::move(raw));
  }
  LineReader reader(std::move(state));
  auto& self = *reader.state_;
  if (options.skip_to > 0 && is_plain && self.source->file().size()) {
    LINNET_CHECK(self.source->file().seek(options.skip_to));
    self.position = options.skip_to;
  }
  while (self.position < options.skip_to) {
    const auto most = std::min<std::uint64_t>(self.buffer.size(), options.skip_to - self.position);
    LINNET_TRY(const auto got, self.source->read(self.buffer.data(), static_cast<std::size_t>(most)));
    if (got == 0) break;
    self.position += got;
  }
  return reader;
}

namespace {

// With a mark in front, or every other byte of the first letters empty.
bool is_utf16(std::string_view text) {
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) return true;
  if (text.size() < 4) return false;
  const auto are_empty = [&](std::size_t a, std::size_t b) { return text[a] == '\0' && text[b] == '\0'; };
  return are_empty(0, 2) != are_empty(1, 3);
}

}  // namespace

Result<bool> LineReader::next(Line& line) {
  const bool is_first = state_->position == 0;
  LINNET_TRY(const bool has_line, next_as_it_is(line));
  if (!has_line || !is_first) return has_line;
  if (is_utf16(line.text))
    return invalid(fmt::format("{0}: is UTF-16, expected UTF-8; iconv -f UTF-16 -t UTF-8 {0} makes it so",
                               state_->source->file().path()));
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  if (line.text.starts_with(kMark)) line.text.remove_prefix(kMark.size());
  return true;
}

Result<bool> LineReader::next_as_it_is(Line& line) {
  auto& self = *state_;
  line = {};                 // what it showed may move, or go
  std::size_t searched = 0;  // of what is in the buffer, without a line feed
  bool was_cut = false;
  std::size_t cut_at = 0;
  while (true) {
    const char* const from = self.buffer.data() + self.start + searched;
    const auto* const feed =
        static_cast<const char*>(std::memchr(from, '\n', self.end - self.start - searched));
    if (feed != nullptr) {
      const auto length = static_cast<std::size_t>(feed - (self.buffer.data() + self.start));
      const auto kept = was_cut ? cut_at : std::min(length, self.max_line_bytes);
      line = {{self.buffer.data() + self.start, kept}, was_cut || length > self.max_line_bytes};
      self.start += length + 1;
      self.position += length + 1;
      return true;
    }
    searched = self.end - self.start;
    if (self.is_at_end) {
      if (searched == 0 && !was_cut) return false;
      line = {{self.buffer.data() + self.start, was_cut ? cut_at : std::min(searched, self.max_line_bytes)},
              was_cut || searched > self.max_line_bytes};
      self.position += searched;
      self.start = self.end;
      return true;
    }
    if (self.start > 0) {
      std::memmove(self.buffer.data(), self.buffer.data() + self.start, searched);
      self.start = 0;
      self.end = searched;
    }
    if (searched > self.max_line_bytes) {
      // What is beyond the limit is read over and forgotten.
      was_cut = true;
      cut_at = self.max_line_bytes;
      self.position += searched - cut_at;
      self.end = searched = cut_at;
    }
    if (self.buffer.size() > 8 * kChunk && self.end < kChunk) {
      // One huge line must not hold its memory for ever.
      self.buffer.resize(2 * kChunk);
      self.buffer.shrink_to_fit();
    }
    if (self.buffer.size() - self.end < kChunk) {
      self.buffer.resize(self.buffer.size() + std::max(kChunk, self.buffer.size() / 4));
    }
    LINNET_TRY(const auto got,
               self.source->read(self.buffer.data() + self.end, self.buffer.size() - self.end));
    if (got == 0) self.is_at_end = true;
    self.end += got;
  }
}

std::uint64_t LineReader::position() const {
  return state_->position;
}
std::uint64_t LineReader::file_bytes_read() const {
  return state_->source->file().bytes_read();
}
std::optional<std::uint64_t> LineReader::file_size() const {
  return state_->source->file().size();
}

}  // namespace linnet::connect
