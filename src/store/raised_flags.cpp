#include "store/raised_flags.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <thread>

#include "base/private_file.hpp"

namespace linnet::store {
namespace {

constexpr std::string_view kSqlite = "sqlite:";

std::string file_of(std::string_view database_file, std::string_view name) {
  return fmt::format("{}.{}", database_file, name);
}

std::string database_file_of(const Database& database) {
  return database.description().substr(kSqlite.size());
}

Error file_error(const std::string& path, std::string_view what) {
  return unavailable(fmt::format("{}: {}: {}", path, what, std::strerror(errno)));
}

Status sync_folder(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return file_error(path, "its folder cannot be read");
  const bool is_synced = ::fsync(descriptor) == 0;
  ::close(descriptor);
  return is_synced ? Status() : file_error(path, "cannot be written");
}

// Only a file that is not there is no word: one that may not be read (another user's, too many files open)
// may say stop.
Result<std::optional<std::string>> read_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) return std::optional<std::string>();
  if (descriptor < 0) return file_error(path, "cannot be read");
  std::string text;
  std::array<char, 4096> bytes{};
  ssize_t count = 0;
  while ((count = ::read(descriptor, bytes.data(), bytes.size())) > 0)
    text.append(bytes.data(), static_cast<std::size_t>(count));
  const bool is_whole = count == 0;
  auto failed = is_whole ? Error() : file_error(path, "cannot be read");  // before close() says another errno
  ::close(descriptor);
  if (!is_whole) return failed;
  return std::optional(std::move(text));
}

// Those who raise and lower flags of a folder, one after the other. Whoever is frozen while it has its turn
// holds nobody up for long: that a flag stands is worth more than what was written there before.
class Turn {
 public:
  explicit Turn(const std::string& path) {
    const auto folder = std::filesystem::path(path).parent_path();
    descriptor_ = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int attempt = 0; descriptor_ >= 0 && attempt < 50; ++attempt) {
      if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  ~Turn() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  int descriptor_ = -1;
};

// Root's word is for the owner of the database to read, and to put down again.
Status add_to_file(const std::string& database_file, std::string_view name, std::string_view text) {
  const auto path = file_of(database_file, name);
  const Turn turn(path);
  const auto before = read_file(path);  // one that cannot be read is replaced
  LINNET_CHECK(put_private_file(
      path, before && *before ? fmt::format("{}\n{}", **before, text) : std::string(text), database_file));
  return sync_folder(path);
}

}  // namespace

Status raise_flag_at(const std::string& location, std::string_view name, std::string_view text) {
  if (!location.starts_with(kSqlite)) {
    LINNET_TRY(const auto database, open_database(location));
    return raise_flag(*database, name, text);
  }
  std::error_code error;
  // Of a file that is not there the canonical path is no absolute one, and has no folder.
  const auto path = std::filesystem::weakly_canonical(
      std::filesystem::absolute(location.substr(kSqlite.size()), error), error);
  if (error || !std::filesystem::is_directory(path.parent_path(), error))
    return unavailable(fmt::format("{}: there is no such folder", path.parent_path().string()));
  return add_to_file(path.string(), name, text);
}

Status raise_flag(Database& database, std::string_view name, std::string_view text) {
  if (database.engine() == Engine::sqlite) return add_to_file(database_file_of(database), name, text);
  LINNET_TRY(auto connection, database.connect(Part::tables));
  return run(*connection,
             "INSERT INTO raised_flags (name, text) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET text = "
             "raised_flags.text || chr(10) || excluded.text",
             {name, text});
}

Result<std::optional<std::string>> raised_flag(Connection& connection, std::string_view name) {
  if (connection.engine() == Engine::postgres)
    return query_text(connection, "SELECT text FROM raised_flags WHERE name = $1", {name});
  LINNET_TRY(const auto file,
             query_text(connection, "SELECT file FROM pragma_database_list WHERE name = 'main'"));
  return file ? read_file(file_of(*file, name)) : std::optional<std::string>();
}

Status lower_flag(Database& database, std::string_view name, std::string_view text) {
  if (database.engine() == Engine::postgres) {
    LINNET_TRY(auto connection, database.connect(Part::tables));
    return run(*connection, "DELETE FROM raised_flags WHERE name = $1 AND text = $2", {name, text});
  }
  const auto path = file_of(database_file_of(database), name);
  const Turn turn(path);
  LINNET_TRY(const auto raised, read_file(path));
  if (raised != text) return {};
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return file_error(path, "cannot be removed");
  return sync_folder(path);
}

}  // namespace linnet::store
