#include "store/sqlite/sqlite_database.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

#include "base/log.hpp"
#include "store/sqlite/sqlite_connection.hpp"
#include "store/sqlite/sqlite_dialect.hpp"
#include "store/sqlite/sqlite_error.hpp"

namespace linnet::store {
namespace {

namespace fs = std::filesystem;

constexpr std::array kParts{Part::tables, Part::log, Part::search};
constexpr std::int64_t kWalLimit = 64 << 20;  // bytes of write-ahead log before it is moved into the file
constexpr auto kCheckpointEvery = std::chrono::milliseconds(200);

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

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(std::string path, const OpenOptions& options) : path_(std::move(path)), options_(options) {}

  ~SqliteDatabase() override {
    checkpointer_.request_stop();
    if (checkpointer_.joinable()) checkpointer_.join();
    idle_readers_.clear();
  }

  Status prepare_files() {
    for (const auto part : kParts) {
      if (!options_.create && !fs::exists(path_of(path_, part))) {
        return unavailable(fmt::format("{}: no such database", path_of(path_, part)));
      }
      LINNET_TRY(auto connection, open_part(part, true));
      LINNET_CHECK(connection->execute("PRAGMA schema_version"));
    }
    checkpointer_ = std::jthread([this](const std::stop_token& stop) { keep_logs_short(stop); });
    return {};
  }

  [[nodiscard]] Engine engine() const override { return Engine::sqlite; }
  [[nodiscard]] std::string description() const override { return "sqlite:" + path_; }
  [[nodiscard]] std::string expand_macro(std::string_view macro, std::string_view argument) const override {
    return expand_sqlite(macro, argument);
  }

  Result<std::unique_ptr<Connection>> connect(Part part) override {
    LINNET_TRY(auto connection, open_part(part, false));
    if (part == Part::tables) LINNET_CHECK(attach_others(*connection));
    return std::unique_ptr<Connection>(std::move(connection));
  }

  Result<Reader> reader() override {
    std::unique_lock lock(mutex_);
    reader_returned_.wait(lock,
                          [&] { return !idle_readers_.empty() || readers_ < options_.reader_connections; });
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

  Status backup(const std::string& path) override {
    // The tables first: the copy of the log then holds at least what they were made from.
    for (const auto part : kParts) LINNET_CHECK(copy_part(part, path_of(path, part)));
    return {};
  }

  Status checkpoint(Part part) override {
    LINNET_TRY(auto connection, open_part(part, false));
    const int code =
        sqlite3_wal_checkpoint_v2(connection->handle(), "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    if (code != SQLITE_OK && code != SQLITE_BUSY)
      return sqlite_error(code, connection->handle(), "checkpoint");
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
  void give_back(std::unique_ptr<Connection> connection) override {
    {
      const std::scoped_lock lock(mutex_);
      idle_readers_.push_back(std::move(connection));
    }
    reader_returned_.notify_one();
  }

 private:
  Result<std::unique_ptr<SqliteConnection>> open_part(Part part, bool create) {
    const int flags = SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0);
    LINNET_TRY(auto connection, SqliteConnection::open(path_of(path_, part), flags));
    if (create) {
      // Only a new file takes the page size; WAL stays with the file.
      LINNET_CHECK(connection->execute("PRAGMA page_size = 16384; PRAGMA journal_mode = WAL"));
    }
    LINNET_CHECK(
        connection->execute(fmt::format("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA "
                                        "temp_store = MEMORY; PRAGMA cache_size = -{}",
                                        options_.cache_bytes / 1024)));
    return connection;
  }

  Status attach_others(SqliteConnection& connection) {
    for (const auto part : {Part::log, Part::search}) {
      LINNET_CHECK(run(connection, fmt::format("ATTACH $1 AS {}", schema_of(part)), {path_of(path_, part)}));
    }
    return {};
  }

  Result<std::unique_ptr<Connection>> open_reader() {
    LINNET_TRY(auto connection, open_part(Part::tables, false));
    LINNET_CHECK(attach_others(*connection));
    LINNET_CHECK(connection->execute(
        "PRAGMA query_only = ON; PRAGMA mmap_size = 1073741824; PRAGMA cache_size = -16384"));
    return std::unique_ptr<Connection>(std::move(connection));
  }

  Status copy_part(Part part, const std::string& path) {
    LINNET_TRY(auto source, open_part(part, false));
    LINNET_TRY(auto target, SqliteConnection::open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
    sqlite3_backup* const backup = sqlite3_backup_init(target->handle(), "main", source->handle(), "main");
    if (backup == nullptr) return sqlite_error(sqlite3_errcode(target->handle()), target->handle(), "backup");
    const int code = sqlite3_backup_step(backup, -1);
    sqlite3_backup_finish(backup);
    if (code != SQLITE_DONE) return sqlite_error(code, target->handle(), "backup");
    return {};
  }

  // Beside the writers, so that they need not stop for it.
  void keep_logs_short(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::array<std::unique_ptr<SqliteConnection>, kParts.size()> connections;
    while (!stop.stop_requested()) {
      std::unique_lock lock(mutex);
      wake.wait_for(lock, stop, kCheckpointEvery, [] { return false; });
      for (std::size_t i = 0; i < kParts.size(); ++i) {
        const auto path = path_of(path_, kParts[i]);
        if (file_size(path + "-wal") < kWalLimit) continue;
        if (connections[i] == nullptr) {
          auto opened = open_part(kParts[i], false);
          if (!opened) continue;
          connections[i] = std::move(opened).value();
        }
        shorten(*connections[i]);
      }
    }
  }

  static void shorten(SqliteConnection& connection) {
    int frames = 0;
    int moved = 0;
    const int code =
        sqlite3_wal_checkpoint_v2(connection.handle(), "main", SQLITE_CHECKPOINT_PASSIVE, &frames, &moved);
    if (code != SQLITE_OK && code != SQLITE_BUSY) {
      log::warn("{}", sqlite_error(code, connection.handle(), "checkpoint").message);
    }
    // Writers start over at the front of the log once everything in it has been moved; when they were too
    // busy for that, make them wait this once rather than let the log grow without end.
    if (frames > 0 && static_cast<std::int64_t>(frames) * 16384 > 4 * kWalLimit) {
      sqlite3_busy_timeout(connection.handle(), 1'000);
      sqlite3_wal_checkpoint_v2(connection.handle(), "main", SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
    }
  }

  const std::string path_;
  const OpenOptions options_;
  std::mutex mutex_;
  std::condition_variable reader_returned_;
  std::vector<std::unique_ptr<Connection>> idle_readers_;
  int readers_ = 0;
  std::jthread checkpointer_;
};

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(const std::string& path, const OpenOptions& options) {
  auto database = std::make_unique<SqliteDatabase>(path, options);
  LINNET_CHECK(database->prepare_files());
  return std::unique_ptr<Database>(std::move(database));
}

}  // namespace linnet::store
