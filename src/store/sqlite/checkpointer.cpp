#include "store/sqlite/checkpointer.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "store/sqlite/sqlite_error.hpp"

namespace linnet::store {
namespace {

constexpr std::int64_t kLongestLog = 384 << 20;  // bytes from which a writer waits for its log to be moved

std::int64_t page_bytes(sqlite3* connection) {
  sqlite3_int64 bytes = 4096;
  sqlite3_exec(
      connection, "PRAGMA page_size",
      [](void* result, int, char** values, char**) {
        *static_cast<sqlite3_int64*>(result) = std::stoll(values[0]);
        return 0;
      },
      &bytes, nullptr);
  return bytes;
}

// As far as readers allow; another process at the same work does it as well.
void move_frames(sqlite3* connection) {
  const int code = sqlite3_wal_checkpoint_v2(connection, "main", SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code != SQLITE_OK && code != SQLITE_BUSY) {
    log::warn("{}", sqlite_error(code, connection, "checkpoint").message);
  }
}

}  // namespace

Checkpointer::~Checkpointer() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Checkpointer::watch(const std::string& path, std::int64_t long_log, sqlite3* writer) {
  const std::scoped_lock lock(mutex_);
  auto log = std::find_if(logs_.begin(), logs_.end(), [&](const Log& known) { return known.path == path; });
  if (log == logs_.end()) log = logs_.insert(logs_.end(), Log{this, path, long_log, page_bytes(writer)});
  sqlite3_wal_hook(writer, on_commit, &*log);
}

int Checkpointer::on_commit(void* context, sqlite3* writer, const char* /*schema*/, int frames) {
  auto& log = *static_cast<Log*>(context);
  const auto bytes = frames * log.page_bytes;
  if (bytes >= log.long_log) log.owner->after_commit(log, writer, bytes);
  return SQLITE_OK;
}

void Checkpointer::after_commit(Log& log, sqlite3* writer, std::int64_t bytes) {
  std::unique_lock lock(mutex_);
  if (log.state == State::quiet) {
    log.state = State::wanted;
    if (!thread_.joinable()) {
      thread_ = std::jthread([this](const std::stop_token& stop) { move_when_wanted(stop); });
    }
    changed_.notify_all();
  }
  if (bytes >= kLongestLog) changed_.wait(lock, [&] { return log.state == State::moved; });
  if (log.state != State::moved) return;
  log.state = State::quiet;
  lock.unlock();
  move_frames(writer);
}

void Checkpointer::move_when_wanted(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const auto wanted = [&] {
    return std::find_if(logs_.begin(), logs_.end(),
                        [](const Log& log) { return log.state == State::wanted; });
  };
  while (changed_.wait(lock, stop, [&] { return wanted() != logs_.end(); })) {
    auto& log = *wanted();
    lock.unlock();
    if (log.connection == nullptr) {
      if (auto opened = open_(log.path)) log.connection = std::move(opened).value();
    }
    if (log.connection != nullptr) move_frames(log.connection->handle());
    lock.lock();
    log.state = State::moved;
    changed_.notify_all();
  }
}

}  // namespace linnet::store
