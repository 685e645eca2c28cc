// One `linnet serve` for a data folder and for an embedded database; several work on one PostgreSQL.
#pragma once

#include <filesystem>
#include <optional>

#include "base/result.hpp"
#include "cli/context.hpp"
#include "store/database_hold.hpp"

namespace linnet::cli {

// A lock on one file, held until it goes, also when the process is killed.
class FileLock {
 public:
  // nullopt when another process holds it; `unavailable` when the file cannot be written.
  static Result<std::optional<FileLock>> take(const std::filesystem::path& path, std::string& holder);
  ~FileLock();
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;

 private:
  explicit FileLock(int file) : file_(file) {}
  int file_;
};

// The data folder, and an embedded database that stands elsewhere.
class ServeLock {
 public:
  // `conflict` when another process holds one of the two; names the process.
  static Result<ServeLock> take(const GlobalOptions& options);

 private:
  explicit ServeLock(FileLock folder) : folder_(std::move(folder)) {}
  FileLock folder_;
  std::optional<FileLock> database_;
};

// While it lives no `linnet serve` starts on the data folder or the database, wherever that runs.
struct ServeKeptOut {
  ServeLock lock;
  std::unique_ptr<store::DatabaseHold> hold;
};
// For what must not be done beside a `linnet serve`: `conflict` while one runs; `doing` says what it would
// spoil. Waits that long for one that has just ended. The context and the database outlive it.
Result<ServeKeptOut> keep_serve_out(Context& context, store::Database& database, std::string_view doing,
                                    Duration patience = std::chrono::seconds(5));

}  // namespace linnet::cli
