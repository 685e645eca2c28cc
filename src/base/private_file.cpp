#include "base/private_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace linnet {
namespace {

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(descriptor) == 0;
}

bool give_away(int descriptor, const std::string& owned_as) {
  struct stat found {};
  if (owned_as.empty() || ::geteuid() != 0 || ::stat(owned_as.c_str(), &found) != 0) return true;
  return ::fchown(descriptor, found.st_uid, found.st_gid) == 0;
}

}  // namespace

Status put_private_file(const std::string& path, std::string_view text, const std::string& owned_as) {
  std::string fresh = path + ".XXXXXX";
  const int descriptor = ::mkostemp(fresh.data(), O_CLOEXEC);  // 0600, and never one that is there
  const auto failed = [&] {
    return unavailable(fmt::format("{}: cannot be written: {}", path, std::strerror(errno)));
  };
  if (descriptor < 0) return failed();
  Status done;
  // A file system that knows no owners must not keep a word from being written.
  if (!give_away(descriptor, owned_as) && errno != EPERM && errno != ENOSYS) done = failed();
  if (done && !write_all(descriptor, text)) done = failed();
  ::close(descriptor);
  if (done && ::rename(fresh.c_str(), path.c_str()) != 0) done = failed();
  if (!done) ::unlink(fresh.c_str());
  return done;
}

}  // namespace linnet
