#include "connect/archive/archive_reader.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <filesystem>
#include <vector>

namespace linnet::connect {
namespace {

constexpr std::size_t kArchiveChunk = 256U << 10U;
// Below this no ratio means harm.
constexpr std::uint64_t kHarmless = 64ULL << 20U;

}  // namespace

struct ArchiveReader::State {
  std::unique_ptr<archive, int (*)(archive*)> handle{nullptr, &archive_read_free};
  std::string path;
  ArchiveLimits limits;
  std::uint64_t packed_bytes = 0;
  std::uint64_t unpacked = 0;
  std::uint64_t entries = 0;
  std::vector<char> buffer = std::vector<char>(kArchiveChunk);

  [[nodiscard]] Error failure() const {
    const char* text = archive_error_string(handle.get());
    return Error::of(ErrorKind::corrupt, fmt::format("{}: the archive cannot be read: {}", path,
                                                     text == nullptr ? "damaged" : text));
  }
  [[nodiscard]] std::uint64_t packed_read() const {
    const auto bytes = archive_filter_bytes(handle.get(), -1);
    return bytes > 0 ? static_cast<std::uint64_t>(bytes) : 0;
  }
};

ArchiveReader::ArchiveReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
ArchiveReader::ArchiveReader(ArchiveReader&&) noexcept = default;
ArchiveReader& ArchiveReader::operator=(ArchiveReader&&) noexcept = default;
ArchiveReader::~ArchiveReader() = default;

Result<ArchiveReader> ArchiveReader::open(const std::string& path, const ArchiveLimits& limits) {
  std::error_code code;
  if (!std::filesystem::exists(path, code)) return not_found(fmt::format("{}: there is no such file", path));
  if (std::filesystem::is_directory(path, code)) {
    return invalid(
        fmt::format("{}: expected the archive as the network gave it (.zip or .tar.gz), got a folder", path));
  }
  auto state = std::make_unique<State>();
  state->path = path;
  state->limits = limits;
  state->packed_bytes = std::filesystem::file_size(path, code);
  state->handle.reset(archive_read_new());
  auto* handle = state->handle.get();
  if (handle == nullptr) return unavailable("out of memory");
  archive_read_support_filter_gzip(handle);
  archive_read_support_filter_zstd(handle);
  archive_read_support_filter_bzip2(handle);
  archive_read_support_filter_xz(handle);
  archive_read_support_format_zip(handle);
  archive_read_support_format_tar(handle);
  if (archive_read_open_filename(handle, path.c_str(), kArchiveChunk) != ARCHIVE_OK) {
    return invalid(fmt::format("{}: expected a .zip or .tar.gz archive: {}", path, state->failure().message));
  }
  return ArchiveReader(std::move(state));
}

Result<std::optional<std::string>> ArchiveReader::next_entry() {
  auto& self = *state_;
  archive_entry* entry = nullptr;
  const int code = archive_read_next_header(self.handle.get(), &entry);
  if (code == ARCHIVE_EOF) return std::optional<std::string>();
  if (code != ARCHIVE_OK && code != ARCHIVE_WARN) return self.failure();
  if (++self.entries > self.limits.max_entries) {
    return invalid(fmt::format("{}: more than {} entries: no network makes such an archive", self.path,
                               self.limits.max_entries));
  }
  const char* name = archive_entry_pathname_utf8(entry);
  if (name == nullptr) name = archive_entry_pathname(entry);
  return std::optional<std::string>(name == nullptr ? "" : name);
}

Result<std::string_view> ArchiveReader::read() {
  auto& self = *state_;
  const auto got = archive_read_data(self.handle.get(), self.buffer.data(), self.buffer.size());
  if (got < 0) return self.failure();
  self.unpacked += static_cast<std::uint64_t>(got);
  const auto packed = std::max<std::uint64_t>(1, self.packed_read());
  const bool is_too_dense = self.unpacked > kHarmless && self.unpacked / packed > self.limits.max_ratio;
  if (self.unpacked > self.limits.max_unpacked_bytes || is_too_dense) {
    return invalid(
        fmt::format("{}: unpacks to more than a real archive would ({} bytes from {}): it is not read on",
                    self.path, self.unpacked, packed));
  }
  return std::string_view(self.buffer.data(), static_cast<std::size_t>(got));
}

Result<std::string> ArchiveReader::read_all(std::size_t most) {
  std::string content;
  while (true) {
    LINNET_TRY(const auto piece, read());
    if (piece.empty()) return content;
    if (content.size() + piece.size() > most) {
      return invalid(
          fmt::format("{}: a file that should be small is larger than {} bytes", state_->path, most));
    }
    content += piece;
  }
}

std::uint64_t ArchiveReader::packed_bytes_read() const {
  return state_->packed_read();
}
std::uint64_t ArchiveReader::packed_bytes() const {
  return state_->packed_bytes;
}

}  // namespace linnet::connect
