#include "store/sqlite/sqlite_database.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

#include "store/database_files.hpp"
#include "store/sqlite/checkpointer.hpp"
#include "store/sqlite/read_only_files.hpp"
#include "store/sqlite/sqlite_connection.hpp"
#include "store/sqlite/sqlite_dialect.hpp"
#include "store/sqlite/sqlite_error.hpp"

namespace linnet::store {
namespace {

namespace fs = std::filesystem;

constexpr std::array kParts{Part::tables, Part::log, Part::search};
// What SQLite lays beside a file, behind the file's own name.
constexpr std::array kBesides{"", "-wal", "-shm", "-journal"};
constexpr std::string_view kPlace = "sqlite:";

// "dir/linnet.db" → "dir/linnet.events.db".
std::string path_of(const std::string& tables, Part part) {
  if (part == Part::tables) return tables;
  fs::path path(tables);
  const auto extension = path.extension().string();
  path.replace_extension(part == Part::log ? ".events" : ".search");
  return path.string() + (extension.empty() ? ".db" : extension);
}

std::string_view schema_of(Part part) {
  return part == Part::log ? "log" : "search";
}

std::int64_t file_size(const std::string& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  return error ? 0 : static_cast<std::int64_t>(size);
}

// What is added to one event at a time has small pages, what is written in many places in batches large ones.
int page_size_of(Part part) {
  return part == Part::log ? 4'096 : 16'384;
}

// A short write-ahead log is soon written over rather than extended, which makes each small commit cheaper; a
// long one moves a page that many commits changed only once.
std::int64_t long_log_of(Part part) {
  return part == Part::log ? 4 << 20 : 64 << 20;
}

Result<std::unique_ptr<SqliteConnection>> open_file(const std::string& path) {
  LINNET_TRY(auto connection, SqliteConnection::open(path, SQLITE_OPEN_READWRITE));
  LINNET_CHECK(connection->execute(
      "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA temp_store = MEMORY; "
      "PRAGMA foreign_keys = ON"));
  return connection;
}

// Only a new file takes the page size; WAL stays with the file. Two that make one at once get in each other's
// way where SQLite does not wait by itself: it refuses the change to WAL at once.
Status create_file(const std::string& path, int page_size) {
  constexpr auto kPause = std::chrono::milliseconds(20);
  constexpr int kTries = 250;
  LINNET_TRY(auto connection, SqliteConnection::open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  const auto pragmas =
      fmt::format("PRAGMA page_size = {}; PRAGMA journal_mode = WAL; PRAGMA schema_version", page_size);
  for (int attempt = 1;; ++attempt) {
    auto done = connection->execute(pragmas);
    if (done || done.error().kind != ErrorKind::unavailable || attempt == kTries) return done;
    std::this_thread::sleep_for(kPause);
  }
}

// For the owner alone, whatever the umask, and not where a link points to. A file that is there is not
// opened: closing it would take SQLite's locks away.
Status make_private(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) == 0) {
    if (S_ISLNK(info.st_mode))
      return invalid(fmt::format("{}: is a link; name the file itself, such as --db sqlite:{}", path,
                                 fs::weakly_canonical(path).string()));
    const bool is_open_to_others = (info.st_mode & 077U) != 0 && info.st_uid == ::geteuid();
    if (is_open_to_others) ::chmod(path.c_str(), info.st_mode & 0700U);
    return {};
  }
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file >= 0) ::close(file);
  return {};  // what fails here is told when SQLite opens it
}

// With what SQLite keeps beside it.
void remove_database(const std::string& path) {
  std::error_code ignored;
  for (const auto* const rest : kBesides) fs::remove(path + rest, ignored);
}

// The log of changes of an older copy must not be taken for the new one's.
Status replace_database(const std::string& from, const std::string& to) {
  std::error_code error;
  for (const auto* const rest : {"-wal", "-shm", "-journal"}) fs::remove(to + rest, error);
  fs::rename(from, to, error);
  if (error) return unavailable(fmt::format("{}: {}", to, error.message()));
  return {};
}

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(std::string path, const OpenOptions& options) : path_(std::move(path)), options_(options) {}

  ~SqliteDatabase() override { idle_readers_.clear(); }

  Status prepare_files() {
    is_read_only_ = fs::exists(path_) && !may_be_written(path_);
    for (const auto part : kParts) {
      if ((!options_.create || is_read_only_) && !fs::exists(path_of(path_, part))) {
        return unavailable(fmt::format("{}: no such database", path_of(path_, part)));
      }
      if (is_read_only_) continue;
      if (options_.create) LINNET_CHECK(make_private(path_of(path_, part)));
      LINNET_CHECK(create_file(path_of(path_, part), page_size_of(part)));
    }
    return {};
  }

  [[nodiscard]] Engine engine() const override { return Engine::sqlite; }
  [[nodiscard]] std::string description() const override { return "sqlite:" + path_; }
  [[nodiscard]] bool is_read_only() const override { return is_read_only_; }

  Result<std::unique_ptr<Connection>> connect(Part part) override {
    // The other parts are not attached: a write transaction would lock all of them.
    LINNET_TRY(auto connection, open_part(part));
    checkpointer_.watch(path_of(path_, part), long_log_of(part), connection->handle());
    return std::unique_ptr<Connection>(std::move(connection));
  }

  Result<Reader> reader() override {
    std::unique_lock lock(mutex_);
    const bool is_free = reader_returned_.wait_for(lock, options_.reader_patience, [&] {
      return !idle_readers_.empty() || readers_ < options_.reader_connections || ReadsWithoutWaiting::is_on();
    });
    if (!is_free) return all_readers_busy();
    if (!idle_readers_.empty()) {
      auto connection = std::move(idle_readers_.back());
      idle_readers_.pop_back();
      return Reader(this, std::move(connection));
    }
    ++readers_;
    lock.unlock();
    auto connection = open_reader();
    if (connection) return Reader(this, std::move(connection).value());
    lock.lock();
    --readers_;
    reader_returned_.notify_one();
    return connection.error();
  }

  // Beside, looked at, and only then in the place of an older copy.
  Status backup(const std::string& path) override {
    for (const auto part : kParts) {
      LINNET_CHECK(refuse_own_file(path_of(path, part)));
      LINNET_CHECK(refuse_what_is_no_file(path_of(path, part)));
    }
    const auto fresh = path + ".new";
    auto copied = copy_all(fresh);
    if (!copied) {
      for (const auto part : kParts) remove_database(path_of(fresh, part));
      return copied;
    }
    // A log that is newer than the tables does no harm, nor does a search index that is missing.
    remove_database(path_of(path, Part::search));
    for (const auto part : {Part::log, Part::tables, Part::search})
      LINNET_CHECK(replace_database(path_of(fresh, part), path_of(path, part)));
    return {};
  }

  Status checkpoint(Part part) override {
    LINNET_TRY(auto connection, open_part(part));
    // It keeps writers waiting while it waits for readers: for a moment only, but again and again. SQLite
    // refuses at once while another checkpoint is running: that one soon ends.
    connection->set_patience(std::chrono::milliseconds(50));
    for (int attempt = 0; attempt < 100; ++attempt) {
      const int code = sqlite3_wal_checkpoint_v2(connection->handle(), "main", SQLITE_CHECKPOINT_TRUNCATE,
                                                 nullptr, nullptr);
      if (code == SQLITE_OK) return {};
      if (code != SQLITE_BUSY) return sqlite_error(code, connection->handle(), "checkpoint");
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return {};
  }

  Result<std::vector<PartSize>> sizes() override {
    std::vector<PartSize> sizes;
    for (const auto part : kParts) {
      const auto path = path_of(path_, part);
      sizes.push_back({part, file_size(path) + file_size(path + "-wal")});
    }
    return sizes;
  }

 protected:
  // What is beyond the pool is closed, after the lock.
  void give_back(std::unique_ptr<Connection> connection) override {
    {
      const std::scoped_lock lock(mutex_);
      const bool is_beyond_pool = readers_ > options_.reader_connections;
      if (is_beyond_pool) --readers_;
      if (!is_beyond_pool) idle_readers_.push_back(std::move(connection));
    }
    reader_returned_.notify_one();
  }

 private:
  Result<std::unique_ptr<SqliteConnection>> open_part(Part part) const {
    if (is_read_only_)
      return unavailable(
          fmt::format("{}: the database or its folder may not be written: it can be read, and nothing "
                      "else; make both writable for this user to change anything",
                      path_));
    LINNET_TRY(auto connection, open_file(path_of(path_, part)));
    connection->set_patience(options_.lock_patience);
    LINNET_CHECK(connection->execute(fmt::format("PRAGMA cache_size = -{}", cache_bytes(part) / 1024)));
    return connection;
  }

  // The log is only added to at its end.
  [[nodiscard]] std::int64_t cache_bytes(Part part) const {
    return part == Part::tables ? options_.cache_bytes : options_.cache_bytes / (part == Part::log ? 8 : 2);
  }

  Status attach_others(SqliteConnection& connection) {
    for (const auto part : {Part::log, Part::search}) {
      const auto path = path_of(path_, part);
      LINNET_CHECK(run(connection, fmt::format("ATTACH $1 AS {}", schema_of(part)),
                       {is_read_only_ ? read_only_uri(path) : path}));
    }
    return {};
  }

  Result<std::unique_ptr<SqliteConnection>> open_tables_to_read() const {
    if (!is_read_only_) return open_part(Part::tables);
    return SqliteConnection::open(read_only_uri(path_), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
  }

  Result<std::unique_ptr<Connection>> open_reader() {
    LINNET_TRY(auto connection, open_tables_to_read());
    LINNET_CHECK(attach_others(*connection));
    LINNET_CHECK(connection->execute(
        "PRAGMA query_only = ON; PRAGMA mmap_size = 1073741824; PRAGMA cache_size = -16384"));
    return std::unique_ptr<Connection>(std::move(connection));
  }

  // The name of a copy may be that of the database itself.
  Status refuse_own_file(const std::string& path) const {
    std::error_code ignored;
    for (const auto part : kParts) {
      if (fs::equivalent(path, path_of(path_, part), ignored))
        return invalid(fmt::format("FILE: {} is the database itself; take another name", path));
    }
    return {};
  }

  // A device, for one, must not give way to a copy.
  static Status refuse_what_is_no_file(const std::string& path) {
    std::error_code ignored;
    const auto there = fs::symlink_status(path, ignored);
    if (!fs::exists(there) || fs::is_regular_file(there)) return {};
    return invalid(fmt::format("FILE: {} is no file; take another name", path));
  }

  Status copy_all(const std::string& path) {
    // The tables first: the copy of the log then holds at least what they were made from.
    for (const auto part : kParts) {
      const auto file = path_of(path, part);
      remove_database(file);
      LINNET_CHECK(make_private(file));
      LINNET_CHECK(copy_part(part, file));
      LINNET_CHECK(look_at_copy(file));
    }
    return forget_later_marks(path_of(path, Part::tables), path_of(path, Part::log));
  }

  // The log notes how far the tables have come; in the copy they have come as far as they had when they were
  // copied, or they would be taken for older ones that somebody put back (observe/lost_tables.hpp).
  static Status forget_later_marks(const std::string& tables_file, const std::string& log_file) {
    LINNET_TRY(auto tables, SqliteConnection::open(tables_file, SQLITE_OPEN_READWRITE));
    LINNET_TRY(auto log, SqliteConnection::open(log_file, SQLITE_OPEN_READWRITE));
    const auto applied =
        query_integer(*tables, "SELECT position FROM projection_marks WHERE name = 'tables'");
    if (!applied) return {};  // no tables yet
    return run(*log, "DELETE FROM event_marks WHERE last_event_id > $1", {applied->value_or(0)});
  }

  static Status look_at_copy(const std::string& path) {
    LINNET_TRY(auto copy, SqliteConnection::open(path, SQLITE_OPEN_READWRITE));
    LINNET_TRY(const auto said, query_text(*copy, "PRAGMA quick_check(1)"));
    if (said == "ok") return {};
    return Error::of(
        ErrorKind::corrupt,
        fmt::format("backup: the copy would be damaged, so none was made: {}; see linnet db check",
                    said.value_or("nothing could be read")));
  }

  Status copy_part(Part part, const std::string& path) {
    LINNET_TRY(auto source, open_part(part));
    LINNET_TRY(auto target, SqliteConnection::open(path, SQLITE_OPEN_READWRITE));
    sqlite3_backup* const backup = sqlite3_backup_init(target->handle(), "main", source->handle(), "main");
    if (backup == nullptr) return sqlite_error(sqlite3_errcode(target->handle()), target->handle(), "backup");
    const int code = sqlite3_backup_step(backup, -1);
    sqlite3_backup_finish(backup);
    if (code != SQLITE_DONE) return sqlite_error(code, target->handle(), "backup");
    return {};
  }

  const std::string path_;
  const OpenOptions options_;
  bool is_read_only_ = false;
  std::mutex mutex_;
  std::condition_variable reader_returned_;
  std::vector<std::unique_ptr<Connection>> idle_readers_;
  int readers_ = 0;
  Checkpointer checkpointer_{open_file};
};

}  // namespace

std::string file_of_tables(std::string_view location) {
  return location.starts_with(kPlace) ? std::string(location.substr(kPlace.size())) : std::string();
}

std::vector<std::string> files_of_database(std::string_view location) {
  std::vector<std::string> files;
  const auto tables = file_of_tables(location);
  if (tables.empty()) return files;
  for (const auto part : kParts)
    for (const auto* const beside : kBesides) files.push_back(path_of(tables, part) + beside);
  return files;
}

Result<std::unique_ptr<Database>> open_sqlite(const std::string& path, const OpenOptions& options) {
  auto database = std::make_unique<SqliteDatabase>(path, options);
  LINNET_CHECK(database->prepare_files());
  return std::unique_ptr<Database>(std::move(database));
}

}  // namespace linnet::store
