#include "api/media_uploads.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/file_kind.hpp"
#include "base/log.hpp"
#include "base/secret_box.hpp"

namespace linnet::api {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHead = 4'096;
// Bytes that may wait: of one person, so that nobody keeps the others from sending theirs, and of all.
constexpr std::uintmax_t kMostOfOne = std::uintmax_t{1} << 30U;
constexpr std::uintmax_t kMostOfAll = std::uintmax_t{4} << 30U;
// Of the disk, that is left to everything else: no event is lost for a picture.
constexpr std::uintmax_t kRoomForOthers = std::uintmax_t{256} << 20U;
constexpr std::string_view kPart = ".part";

// Of people this is their id, which Linnet made.
std::string owner_of(const govern::Who& who) {
  return who.user_id.empty() ? "owner" : who.user_id;
}

bool is_upload_id(std::string_view text) {
  return text.size() == 36 && text.find_first_not_of("0123456789abcdef-") == std::string_view::npos;
}

Error broken(const std::string& path, std::string safe) {
  const auto why = errno;
  log::error("a file that was sent ahead: {}: {}", path, std::strerror(why));
  return Error::of(ErrorKind::unavailable, fmt::format("{}: {}", path, std::strerror(why)),
                   why == ENOSPC || why == EDQUOT
                       ? "the disk is full, and the file was not kept; make room, then send it again"
                       : std::move(safe));
}

Error cannot_be_written(const std::string& path) {
  return broken(path, "the file cannot be kept; the log says why");
}

Status check_room(const std::string& folder) {
  struct statvfs disk {};
  if (::statvfs(folder.c_str(), &disk) != 0) return cannot_be_written(folder);
  if (std::uintmax_t{disk.f_bavail} * disk.f_frsize >= kRoomForOthers) return {};
  errno = ENOSPC;
  return cannot_be_written(folder);
}

// For its owner alone, also where it was made by somebody else.
Status make_folder(const std::string& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return cannot_be_written(folder);
  const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (opened < 0) return cannot_be_written(folder);
  struct stat found {};
  const bool is_closed = ::fstat(opened, &found) == 0 &&
                         ((found.st_mode & 0077U) == 0 || ::fchmod(opened, found.st_mode & 0700U) == 0);
  auto outcome = is_closed ? Status() : Status(cannot_be_written(folder));
  ::close(opened);
  return outcome;
}

struct Waiting {
  std::uintmax_t all = 0;
  std::uintmax_t of_owner = 0;
};

// How much waits for its action. What is still coming in counts for all that it may be. What has waited too
// long is no less in the way before it is removed, by whoever knows whether the clock may be believed.
Waiting what_waits(const std::string& folder, std::string_view owner) {
  Waiting waiting;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    struct stat found {};
    if (::lstat(entry.path().c_str(), &found) != 0 || !S_ISREG(found.st_mode)) continue;
    auto name = entry.path().filename().string();
    const bool is_part = name.ends_with(kPart);
    if (is_part) name.resize(name.size() - kPart.size());
    const auto size = is_part ? kLargestUpload : static_cast<std::uintmax_t>(found.st_size);
    waiting.all += size;
    if (name.ends_with(fmt::format(".{}", owner))) waiting.of_owner += size;
  }
  return waiting;
}

}  // namespace

UploadSink::UploadSink(std::string folder, std::string name, std::string id, int file)
    : folder_(std::move(folder)),
      path_(folder_ + "/" + name),
      part_(path_ + std::string(kPart)),
      id_(std::move(id)),
      file_(file) {}

Result<std::shared_ptr<net::BodySink>> UploadSink::open(const std::string& folder, const govern::Who& who) {
  if (folder.empty()) return Error::of(ErrorKind::denied, "files cannot be sent ahead here");
  LINNET_CHECK(make_folder(folder));
  const auto owner = owner_of(who);
  const auto waiting = what_waits(folder, owner);
  if (waiting.of_owner + kLargestUpload > kMostOfOne || waiting.all + kLargestUpload > kMostOfAll)
    return Error::of(
        ErrorKind::conflict,
        "too many files wait for the action that they go with; use them, or send this one later: "
        "each leaves an hour after it was used, or after a day");
  LINNET_CHECK(check_room(folder));
  LINNET_TRY(auto id, make_uuid_v4());
  const auto name = fmt::format("{}.{}", id, owner);
  const auto part = fmt::format("{}/{}{}", folder, name, kPart);
  const int file = ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return cannot_be_written(part);
  return std::shared_ptr<net::BodySink>(new UploadSink(folder, name, std::move(id), file));
}

UploadSink::~UploadSink() {
  ::close(file_);
  if (!part_.empty()) ::unlink(part_.c_str());
}

Status UploadSink::take(std::string_view piece) {
  LINNET_CHECK(check_room(folder_));
  if (head_.size() < kHead) head_ += piece.substr(0, kHead - head_.size());
  size_ += static_cast<std::int64_t>(piece.size());
  while (!piece.empty()) {
    const auto written = ::write(file_, piece.data(), piece.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return cannot_be_written(part_);
    piece.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<Upload> UploadSink::finish() {
  if (size_ == 0) return invalid("body: expected the bytes of a file, got nothing");
  if (::fdatasync(file_) != 0) return cannot_be_written(part_);
  if (::rename(part_.c_str(), path_.c_str()) != 0) return cannot_be_written(path_);
  part_.clear();
  return Upload{id_, std::string(media_type_of(head_)), size_};
}

NamedUploads::NamedUploads(std::string folder, const govern::Who& who)
    : folder_(std::move(folder)), owner_(owner_of(who)) {}

Result<connect::MediaFile> NamedUploads::find(const std::string& id) {
  // Whether it is somebody else's is not told.
  const auto missing = [] {
    return not_found(
        "media.upload: there is no such file of yours, or no longer; send it to /api/v1/media again");
  };
  if (folder_.empty() || !is_upload_id(id)) return missing();
  auto path = fmt::format("{}/{}.{}", folder_, id, owner_);
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) return missing();
  const auto size = static_cast<std::size_t>(found.st_size);
  if (size > kLargestUploads - size_)
    return invalid(
        fmt::format("media.upload: expected at most {} MiB in all the files of one request; spread "
                    "them over several",
                    kLargestUploads >> 20U));
  auto file = connect::describe_file(path);
  if (!file) return file.error().kind == ErrorKind::not_found ? missing() : file.error();
  file->is_ours = true;
  size_ += size;
  paths_.push_back(std::move(path));
  return file;
}

Result<connect::MediaFile> NamedUploads::given(std::string_view bytes) {
  if (folder_.empty()) return Error::of(ErrorKind::denied, "media.data: files are not taken here");
  return connect::make_file(folder_, bytes);
}

void NamedUploads::note_used(Instant now) const {
  const auto since = std::chrono::floor<std::chrono::seconds>(now - kUploadsLast + kUsedUploadsLast);
  const timespec then{since.time_since_epoch().count(), 0};
  const timespec times[] = {then, then};
  for (const auto& path : paths_) ::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW);
}

void remove_old_uploads(const std::string& folder, Instant now) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    struct stat found {};
    if (::lstat(entry.path().c_str(), &found) != 0 || !S_ISREG(found.st_mode)) continue;
    const auto age = now - Instant(std::chrono::seconds(found.st_mtim.tv_sec));
    // Or the clock was wrong then.
    if (age > kUploadsLast || age < -kUploadsLast) fs::remove(entry.path(), ignored);
  }
}

void remove_broken_off_uploads(const std::string& folder) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().native().ends_with(kPart)) fs::remove(entry.path(), ignored);
  }
}

}  // namespace linnet::api
