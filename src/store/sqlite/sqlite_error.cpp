#include "store/sqlite/sqlite_error.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>

namespace linnet::store {

namespace {

// A file that may not grow, for want of room or by a limit, shows in several ways.
bool has_no_room(int code, sqlite3* handle) {
  if ((code & 0xFF) == SQLITE_FULL || code == SQLITE_IOERR_SHMSIZE) return true;
  const int reason = handle != nullptr ? sqlite3_system_errno(handle) : 0;
  return (code & 0xFF) == SQLITE_IOERR && (reason == ENOSPC || reason == EDQUOT || reason == EFBIG);
}

}  // namespace

Error sqlite_error(int code, sqlite3* handle, std::string_view doing) {
  const char* const file = handle != nullptr ? sqlite3_db_filename(handle, "main") : nullptr;
  const std::string_view path = file != nullptr ? file : "";
  const auto detail = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
  const auto message = fmt::format("{}: {} ({}, code {})", path, detail, doing.substr(0, 200), code);
  if (has_no_room(code, handle))
    return Error::of(ErrorKind::unavailable, message, "the disk is full; make room, then try again");
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Error::of(ErrorKind::unavailable, message,
                       "the database is locked by another process; try again, or stop that process");
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return Error::of(ErrorKind::unavailable, message,
                       fmt::format("the database {} cannot be read or written: {}", path, detail));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Error::of(ErrorKind::corrupt, message,
                       fmt::format("{} is damaged or no SQLite database; restore a backup", path));
    case SQLITE_CONSTRAINT:
      return Error::of(ErrorKind::conflict, message);
    case SQLITE_INTERRUPT:
      return Error::of(ErrorKind::cancelled, message);
    default:
      return Error::of(ErrorKind::internal, message, "internal error in the database; see the log");
  }
}

}  // namespace linnet::store
