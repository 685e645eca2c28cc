// Keeps SQLite's write-ahead logs short without making their writers wait for it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "store/sqlite/sqlite_connection.hpp"

namespace linnet::store {

// Once a log has grown past a limit, a thread beside its writer moves it into the file; what the writer added
// meanwhile, the writer moves itself after its next commit. A log that nobody adds to in that moment is whole
// in the file, and begins again at its front. Thread-safe.
class Checkpointer {
 public:
  // Opens a connection to the file at the path, for the thread's own use.
  using Open = std::function<Result<std::unique_ptr<SqliteConnection>>(const std::string& path)>;

  explicit Checkpointer(Open open) : open_(std::move(open)) {}
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  // Looks after the log of `path` at each commit of `writer`, which must be closed before this object is.
  // `long_log`: bytes from which the log is moved.
  void watch(const std::string& path, std::int64_t long_log, sqlite3* writer);

 private:
  enum class State { quiet, wanted, moved };
  struct Log {
    Checkpointer* owner;
    std::string path;
    std::int64_t long_log;
    std::int64_t page_bytes;
    State state = State::quiet;
    std::unique_ptr<SqliteConnection> connection = nullptr;
  };

  static int on_commit(void* log, sqlite3* writer, const char* schema, int frames);
  void after_commit(Log& log, sqlite3* writer, std::int64_t bytes);
  void move_when_wanted(const std::stop_token& stop);

  const Open open_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Log> logs_;  // addresses stay: the hooks hold them
  std::jthread thread_;   // from the first log on that grew long
};

}  // namespace linnet::store
