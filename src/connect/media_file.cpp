#include "connect/media_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>

#include "base/file_kind.hpp"
#include "base/hash.hpp"
#include "base/secret_box.hpp"

namespace linnet::connect {
namespace {

constexpr std::size_t kPiece = 256U << 10U;
constexpr std::size_t kTellsWhatItIs = 4'096;

Error file_trouble(const std::string& path) {
  const auto why = errno;
  return Error::of(why == ENOENT ? ErrorKind::not_found : ErrorKind::unavailable,
                   fmt::format("{}: {}", path, std::strerror(why)),
                   why == ENOSPC
                       ? "the disk is full, and the file was not kept; make room, then send it again"
                       : "the file cannot be read or kept; the log says why");
}

class OpenFile {
 public:
  OpenFile(const std::string& path, int flags) : file_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~OpenFile() {
    if (file_ >= 0) ::close(file_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  [[nodiscard]] int get() const { return file_; }

 private:
  int file_;
};

Status each_piece(const std::string& path, std::size_t most,
                  const std::function<void(std::string_view)>& on_piece) {
  const OpenFile file(path, O_RDONLY);
  if (file.get() < 0) return file_trouble(path);
  std::string piece(std::min(most, kPiece), '\0');
  for (std::size_t done = 0; done < most;) {
    const auto got = ::read(file.get(), piece.data(), std::min(piece.size(), most - done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return file_trouble(path);
    if (got == 0) break;
    on_piece(std::string_view(piece).substr(0, static_cast<std::size_t>(got)));
    done += static_cast<std::size_t>(got);
  }
  return {};
}

Status write_all(const std::string& path, std::string_view bytes) {
  const OpenFile file(path, O_WRONLY | O_CREAT | O_EXCL);
  if (file.get() < 0) return file_trouble(path);
  while (!bytes.empty()) {
    const auto written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return file_trouble(path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fdatasync(file.get()) == 0 ? Status() : Status(file_trouble(path));
}

}  // namespace

Result<MediaFile> describe_file(const std::string& path) {
  MediaFile found;
  found.path = path;
  std::string head;
  Sha256 hash;
  LINNET_CHECK(each_piece(path, std::string::npos, [&](std::string_view piece) {
    if (head.size() < kTellsWhatItIs) head += piece.substr(0, kTellsWhatItIs - head.size());
    hash.update(piece);
    found.size += static_cast<std::int64_t>(piece.size());
  }));
  found.media_type = media_type_of(head);
  found.sha256 = hash.finish_hex();
  return found;
}

Result<MediaFile> make_file(const std::string& folder, std::string_view bytes) {
  ::mkdir(folder.c_str(), 0700);  // where it cannot be made, the file says so
  LINNET_TRY(const auto id, make_uuid_v4());
  const auto path = fmt::format("{}/given-{}.part", folder, id);
  const std::shared_ptr<void> kept_by(nullptr, [path](void*) { ::unlink(path.c_str()); });
  LINNET_CHECK(write_all(path, bytes));
  MediaFile made;
  made.media_type = media_type_of(bytes);
  made.size = static_cast<std::int64_t>(bytes.size());
  made.sha256 = sha256_hex(bytes);
  made.path = path;
  made.is_ours = true;
  made.kept_by = kept_by;
  return made;
}

Result<std::string> read_file(const std::string& path, std::size_t most) {
  std::string bytes;
  LINNET_CHECK(each_piece(path, most, [&](std::string_view piece) { bytes += piece; }));
  return bytes;
}

}  // namespace linnet::connect
