#include "store/sqlite/sqlite_database.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

#include "store/sqlite/checkpointer.hpp"
#include "store/sqlite/sqlite_connection.hpp"
#include "store/sqlite/sqlite_dialect.hpp"
#include "store/sqlite/sqlite_error.hpp"

namespace linnet::store {
namespace {

namespace fs = std::filesystem;

constexpr std::array kParts{Part::tables, Part::log, Part::search};

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

// Only a new file takes the page size; WAL stays with the file.
Status create_file(const std::string& path, int page_size) {
  LINNET_TRY(auto connection, SqliteConnection::open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  return connection->execute(
      fmt::format("PRAGMA page_size = {}; PRAGMA journal_mode = WAL; PRAGMA schema_version", page_size));
}

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(std::string path, const OpenOptions& options) : path_(std::move(path)), options_(options) {}

  ~SqliteDatabase() override { idle_readers_.clear(); }

  Status prepare_files() {
    for (const auto part : kParts) {
      if (!options_.create && !fs::exists(path_of(path_, part))) {
        return unavailable(fmt::format("{}: no such database", path_of(path_, part)));
      }
      LINNET_CHECK(create_file(path_of(path_, part), page_size_of(part)));
    }
    return {};
  }

  [[nodiscard]] Engine engine() const override { return Engine::sqlite; }
  [[nodiscard]] std::string description() const override { return "sqlite:" + path_; }
  [[nodiscard]] std::string expand_macro(std::string_view macro, std::string_view argument) const override {
    return expand_sqlite(macro, argument);
  }

  Result<std::unique_ptr<Connection>> connect(Part part) override {
    // The other parts are not attached: a write transaction would lock all of them.
    LINNET_TRY(auto connection, open_part(part));
    checkpointer_.watch(path_of(path_, part), long_log_of(part), connection->handle());
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
    LINNET_TRY(auto connection, open_part(part));
    // SQLite refuses at once while another checkpoint is running: that one soon ends.
    for (int attempt = 0; attempt < 100; ++attempt) {
      const int code = sqlite3_wal_checkpoint_v2(connection->handle(), "main", SQLITE_CHECKPOINT_TRUNCATE,
                                                 nullptr, nullptr);
      if (code == SQLITE_OK) return {};
      if (code != SQLITE_BUSY) return sqlite_error(code, connection->handle(), "checkpoint");
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
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
  void give_back(std::unique_ptr<Connection> connection) override {
    {
      const std::scoped_lock lock(mutex_);
      idle_readers_.push_back(std::move(connection));
    }
    reader_returned_.notify_one();
  }

 private:
  Result<std::unique_ptr<SqliteConnection>> open_part(Part part) const {
    LINNET_TRY(auto connection, open_file(path_of(path_, part)));
    LINNET_CHECK(connection->execute(fmt::format("PRAGMA cache_size = -{}", options_.cache_bytes / 1024)));
    return connection;
  }

  // The log is only added to at its end.
  [[nodiscard]] std::int64_t cache_bytes(Part part) const {
    return part == Part::tables ? options_.cache_bytes : options_.cache_bytes / (part == Part::log ? 8 : 2);
  }

  Status attach_others(SqliteConnection& connection) {
    for (const auto part : {Part::log, Part::search}) {
      LINNET_CHECK(run(connection, fmt::format("ATTACH $1 AS {}", schema_of(part)), {path_of(path_, part)}));
    }
    return {};
  }

  Result<std::unique_ptr<Connection>> open_reader() {
    LINNET_TRY(auto connection, open_part(Part::tables));
    LINNET_CHECK(attach_others(*connection));
    LINNET_CHECK(connection->execute(
        "PRAGMA query_only = ON; PRAGMA mmap_size = 1073741824; PRAGMA cache_size = -16384"));
    return std::unique_ptr<Connection>(std::move(connection));
  }

  Status copy_part(Part part, const std::string& path) {
    LINNET_TRY(auto source, open_part(part));
    LINNET_TRY(auto target, SqliteConnection::open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
    sqlite3_backup* const backup = sqlite3_backup_init(target->handle(), "main", source->handle(), "main");
    if (backup == nullptr) return sqlite_error(sqlite3_errcode(target->handle()), target->handle(), "backup");
    const int code = sqlite3_backup_step(backup, -1);
    sqlite3_backup_finish(backup);
    if (code != SQLITE_DONE) return sqlite_error(code, target->handle(), "backup");
    return {};
  }

  const std::string path_;
  const OpenOptions options_;
  std::mutex mutex_;
  std::condition_variable reader_returned_;
  std::vector<std::unique_ptr<Connection>> idle_readers_;
  int readers_ = 0;
  Checkpointer checkpointer_{open_file};
};

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(const std::string& path, const OpenOptions& options) {
  auto database = std::make_unique<SqliteDatabase>(path, options);
  LINNET_CHECK(database->prepare_files());
  return std::unique_ptr<Database>(std::move(database));
}

}  // namespace linnet::store
