// Where Linnet keeps everything: one embedded SQLite database, or PostgreSQL.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/connection.hpp"

namespace linnet::store {

// The data stands in three parts, so that each has a writer of its own: on SQLite they are three files side
// by side (linnet.db, linnet.events.db, linnet.search.db), on PostgreSQL one schema. Table names are the same
// everywhere and need no prefix: a connection of any part but `log` and `search` on SQLite sees the tables of
// all three.
enum class Part { tables, log, search };

struct OpenOptions {
  bool create = true;                                 // make the database if it is missing
  int reader_connections = 4;                         // most readers at once
  std::chrono::milliseconds reader_patience{30'000};  // how long one is waited for
  std::chrono::milliseconds lock_patience{5'000};     // how long another's lock is waited for (SQLite)
  std::int64_t cache_bytes = 32 << 20;  // page cache of a connection that writes the tables (SQLite)
};

class Database;

// A reading connection, given back to the pool at the end of its scope.
class Reader {
 public:
  Reader(Database* database, std::unique_ptr<Connection> connection);
  ~Reader();
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) = delete;
  Connection& operator*() const { return *connection_; }
  Connection* operator->() const { return connection_.get(); }

 private:
  Database* database_;
  std::unique_ptr<Connection> connection_;
};

struct PartSize {
  Part part;
  std::int64_t bytes;
};

// Thread-safe.
class Database {
 public:
  virtual ~Database() = default;
  [[nodiscard]] virtual Engine engine() const = 0;
  // For people: "sqlite:/home/ada/.local/share/linnet/linnet.db", a PostgreSQL address without its password.
  [[nodiscard]] virtual std::string description() const = 0;

  // Its files, or the folder that they lie in, may not be written: `connect` is refused, readers work.
  [[nodiscard]] virtual bool is_read_only() const { return false; }

  // A connection for writing to one part, which on SQLite sees that part alone; the caller owns it, and
  // closes it before the database.
  virtual Result<std::unique_ptr<Connection>> connect(Part part) = 0;
  // The same, for who has to go on when the server cannot be reached: also a reconnect() gives up after a few
  // seconds.
  virtual Result<std::unique_ptr<Connection>> connect_or_give_up(Part part) { return connect(part); }

  // A read-only connection of the pool; waits while all are in use, and is `unavailable` where that takes too
  // long. A reader never waits for a writer.
  virtual Result<Reader> reader() = 0;

  // Copies the whole database while it is in use: SQLite files named after `path`, or a plain SQL dump made
  // by PostgreSQL's own pg_dump.
  virtual Status backup(const std::string& path) = 0;

  // Moves what the write-ahead log holds into the database file, as far as readers allow (SQLite; else
  // nothing).
  virtual Status checkpoint(Part part) = 0;

  virtual Result<std::vector<PartSize>> sizes() = 0;

 protected:
  friend class Reader;
  virtual void give_back(std::unique_ptr<Connection> connection) = 0;
};

Error all_readers_busy();

// While it lives, its thread gets a reader at once, beyond the pool if need be: for work that others wait
// for, who may hold readers meanwhile.
class ReadsWithoutWaiting {
 public:
  ReadsWithoutWaiting();
  ~ReadsWithoutWaiting();
  ReadsWithoutWaiting(const ReadsWithoutWaiting&) = delete;
  ReadsWithoutWaiting& operator=(const ReadsWithoutWaiting&) = delete;
  [[nodiscard]] static bool is_on();
};

// `location` is "sqlite:PATH" or "postgres://…" / "postgresql://…". Opens without migrating; see
// migrations.hpp.
Result<std::unique_ptr<Database>> open_database(const std::string& location, const OpenOptions& options = {});

}  // namespace linnet::store
