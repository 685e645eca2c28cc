#include "app/serve_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace linnet::app {
namespace {

std::string holder_of(int file) {
  std::array<char, 32> text{};
  const auto size = ::pread(file, text.data(), text.size(), 0);
  return size > 0
             ? fmt::format(" (process {})", std::string_view(text.data(), static_cast<std::size_t>(size)))
             : std::string();
}

}  // namespace

Result<ServeLock> ServeLock::take(const std::filesystem::path& folder) {
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);  // what fails here is said below
  const auto path = (folder / "serve.lock").string();
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return unavailable(fmt::format("{}: cannot be written", path));
  ServeLock lock(file);
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    return Error::of(
        ErrorKind::conflict,
        fmt::format("linnet serve runs already on {}{}; stop it first, or choose another folder by "
                    "--data",
                    folder.string(), holder_of(file)));
  }
  const auto own = std::to_string(::getpid());
  if (::ftruncate(file, 0) != 0 || ::pwrite(file, own.data(), own.size(), 0) < 0)
    return unavailable(fmt::format("{}: cannot be written", path));
  return lock;
}

ServeLock::ServeLock(ServeLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

ServeLock::~ServeLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace linnet::app
