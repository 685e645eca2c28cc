#include "store/sqlite/sqlite_error.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <filesystem>

#include "store/safe_words.hpp"

namespace linnet::store {

namespace {

// A file that may not grow, for want of room or by a limit, shows in several ways.
bool has_no_room(int code, sqlite3* handle) {
  if ((code & 0xFF) == SQLITE_FULL || code == SQLITE_IOERR_SHMSIZE) return true;
  const int reason = handle != nullptr ? sqlite3_system_errno(handle) : 0;
  return (code & 0xFF) == SQLITE_IOERR && (reason == ENOSPC || reason == EDQUOT || reason == EFBIG);
}

// A connection that reads has all parts open under the name of the first.
std::string_view what_helps(std::string_view path) {
  if (path.ends_with(".search.db"))
    return "it is made of the posts alone: stop linnet serve and delete it, and the search fills itself "
           "again";
  if (path.ends_with(".events.db"))
    return "the posts are not in it: put it back from a backup, or move it away and run linnet events "
           "continue";
  return "it is this file, or one of the two beside it: restore all three from the newest backup";
}

// Which of the files it is, without saying where it lies.
std::string_view part_of(std::string_view path) {
  if (path.ends_with(".events.db")) return "the event log";
  if (path.ends_with(".search.db")) return "the search index";
  return "the database";
}

}  // namespace

Error sqlite_error(int code, sqlite3* handle, std::string_view doing) {
  const char* const file = handle != nullptr ? sqlite3_db_filename(handle, "main") : nullptr;
  const std::string_view path = file != nullptr ? file : "";
  const auto detail = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
  const auto message = fmt::format("{}: {} ({}, code {})", path, detail, doing.substr(0, 200), code);
  const auto said = [&](ErrorKind kind, std::string_view words) {
    return Error::of(kind, message, std::string(words));
  };
  if (has_no_room(code, handle)) return said(ErrorKind::unavailable, kDiskFull);
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return said(ErrorKind::unavailable,
                  "the database is locked by another process; try again, or stop that process");
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return said(
          ErrorKind::unavailable,
          fmt::format("{} cannot be read or written: {}; see that its folder is there and may be written",
                      part_of(path), sqlite3_errstr(code & 0xFF)));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return said(ErrorKind::corrupt,
                  fmt::format("{} is damaged or no SQLite database; {}", part_of(path), what_helps(path)));
    case SQLITE_CONSTRAINT:
      return said(ErrorKind::conflict, kClashes);
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
      return said(ErrorKind::invalid, kCannotHold);
    case SQLITE_INTERRUPT:
      return said(ErrorKind::cancelled, kBrokenOff);
    default:
      return said(ErrorKind::internal, kOurMistake);
  }
}

}  // namespace linnet::store
