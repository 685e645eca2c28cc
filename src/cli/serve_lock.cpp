#include "cli/serve_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <thread>
#include <utility>

namespace linnet::cli {
namespace {

std::string holder_of(int file) {
  std::array<char, 32> text{};
  const auto size = ::pread(file, text.data(), text.size(), 0);
  return size > 0
             ? fmt::format(" (process {})", std::string_view(text.data(), static_cast<std::size_t>(size)))
             : std::string();
}

// Empty for a database that is no file, and for the one of the data folder, whose own lock is enough.
std::filesystem::path lock_beside_database(const GlobalOptions& options) {
  const auto location = database_location(options);
  if (!location.starts_with("sqlite:")) return {};
  std::error_code ignored;
  const auto path = std::filesystem::weakly_canonical(location.substr(7), ignored);
  return path.string() + ".lock";
}

Error runs_already(const std::string& where, const std::string& holder) {
  return Error::of(
      ErrorKind::conflict,
      fmt::format("linnet serve runs already on {}{}; stop it first, or choose another folder by "
                  "--data",
                  where, holder));
}

}  // namespace

Result<std::optional<FileLock>> FileLock::take(const std::filesystem::path& path, std::string& holder) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return unavailable(fmt::format("{}: cannot be written", path.string()));
  FileLock lock(file);
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    holder = holder_of(file);
    return std::optional<FileLock>();
  }
  const auto own = std::to_string(::getpid());
  if (::ftruncate(file, 0) != 0 || ::pwrite(file, own.data(), own.size(), 0) < 0)
    return unavailable(fmt::format("{}: cannot be written", path.string()));
  return std::optional(std::move(lock));
}

FileLock::FileLock(FileLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

FileLock::~FileLock() {
  if (file_ >= 0) ::close(file_);
}

Result<ServeLock> ServeLock::take(const GlobalOptions& options) {
  std::error_code ignored;
  std::filesystem::create_directories(options.data, ignored);  // what fails here is said below
  std::string holder;
  LINNET_TRY(auto folder, FileLock::take(std::filesystem::path(options.data) / "serve.lock", holder));
  if (!folder) return runs_already(options.data, holder);
  ServeLock lock(std::move(*folder));
  if (const auto beside = lock_beside_database(options); !beside.empty()) {
    LINNET_TRY(auto database, FileLock::take(beside, holder));
    if (!database) return runs_already(database_location(options), holder);
    lock.database_.emplace(std::move(*database));
  }
  return lock;
}

Result<ServeKeptOut> keep_serve_out(Context& context, store::Database& database, std::string_view doing,
                                    Duration patience) {
  constexpr auto kPause = std::chrono::milliseconds(250);
  LINNET_TRY(auto lock, ServeLock::take(context.options));
  const auto until = std::chrono::steady_clock::now() + patience;
  while (true) {
    // It may run on another machine: the server knows. Who is faster in the end was told of by the hold.
    auto hold = store::DatabaseHold::take(
        database, context.clock, [](const Error&) {}, "a command of linnet");
    if (hold) return ServeKeptOut{std::move(lock), std::move(hold).value()};
    if (hold.error().kind != ErrorKind::conflict) return hold.error();
    if (std::chrono::steady_clock::now() >= until)
      return Error::of(ErrorKind::conflict,
                       fmt::format("{}. This must not be done beside it, {}", hold.error().safe, doing));
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace linnet::cli
