#include "net/body_reader.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace linnet::net {
namespace {

Error cannot_read(const FileBody& body, std::string_view why) {
  return Error::of(ErrorKind::unavailable, fmt::format("{}: {}", body.path, why),
                   "the file that is to be sent cannot be read; the log says why");
}

// What of `text` stands at `from`, into the room.
std::size_t copy_part(std::string_view text, std::uint64_t from, char* room, std::size_t size) {
  const auto part = text.substr(static_cast<std::size_t>(from), size);
  std::memcpy(room, part.data(), part.size());
  return part.size();
}

}  // namespace

BodyReader::~BodyReader() {
  if (file_ >= 0) ::close(file_);
}

Status BodyReader::open() {
  if (file_ >= 0) return {};
  file_ = ::open(body_.path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file_ >= 0) return {};
  auto error = cannot_read(body_, std::strerror(errno));
  error.never_sent = true;
  return error;
}

Result<std::size_t> BodyReader::read(char* room, std::size_t size) {
  std::size_t count = 0;
  const auto begin = body_.before.size();
  const auto end = begin + body_.size;
  if (position_ < begin) {
    count = copy_part(body_.before, position_, room, size);
  } else if (position_ < end) {
    LINNET_CHECK(open());
    const auto most = std::min<std::uint64_t>(size, end - position_);
    const auto got = ::pread(file_, room, most, static_cast<off_t>(position_ - begin));
    if (got < 0) return cannot_read(body_, std::strerror(errno));
    if (got == 0) return cannot_read(body_, "it has become shorter");
    count = static_cast<std::size_t>(got);
  } else if (position_ < body_.length()) {
    count = copy_part(body_.behind, position_ - end, room, size);
  }
  position_ += count;
  return count;
}

Result<std::string> read_whole(const FileBody& body) {
  BodyReader reader(body);
  std::string all(body.length(), '\0');
  for (std::size_t at = 0; at < all.size();) {
    LINNET_TRY(const auto count, reader.read(all.data() + at, all.size() - at));
    at += count;
  }
  return all;
}

}  // namespace linnet::net
