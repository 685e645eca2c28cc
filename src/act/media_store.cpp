#include "act/media_store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>

#include "base/hash.hpp"
#include "base/secret_box.hpp"

namespace linnet::act {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPieceBytes = std::size_t{1} << 20U;
// What is younger may belong to a request that is not written down yet.
constexpr Duration kYoung = std::chrono::minutes(10);

Error media_trouble(const std::string& path, std::string_view why) {
  return Error::of(ErrorKind::unavailable, fmt::format("{}: {}", path, why),
                   "a file of the post cannot be kept or read in the data folder; the log says why");
}

// A copy is written beside, so that a file is whole or not there.
Status write_beside(const std::string& path, const std::function<Status(std::ofstream&)>& write) {
  LINNET_TRY(const auto own, make_uuid_v4());
  const auto part = fmt::format("{}.{}.part", path, own);
  std::ofstream file(part, std::ios::binary | std::ios::trunc);
  auto done = write(file);
  file.close();
  if (done && !file) done = media_trouble(path, std::strerror(errno));
  if (done && ::rename(part.c_str(), path.c_str()) != 0) done = media_trouble(path, std::strerror(errno));
  if (!done) ::unlink(part.c_str());
  return done;
}

Status copy_bytes(const std::string& from, std::ofstream& to) {
  std::ifstream file(from, std::ios::binary);
  if (!file) return media_trouble(from, std::strerror(errno));
  if (file.peek() != std::ifstream::traits_type::eof()) to << file.rdbuf();
  return {};
}

// That the name is there, and what is in it, survives a power cut.
Status make_sure(const std::string& path) {
  for (const auto& place : {path, fs::path(path).parent_path().string()}) {
    const int opened = ::open(place.c_str(), O_RDONLY | O_CLOEXEC);
    const bool is_sure = opened >= 0 && ::fsync(opened) == 0;
    const auto why = errno;
    if (opened >= 0) ::close(opened);
    if (!is_sure) return media_trouble(place, std::strerror(why));
  }
  return {};
}

Status put_into(const connect::MediaFile& file, const std::string& path) {
  const bool is_linked = file.is_ours && ::link(file.path.c_str(), path.c_str()) == 0;
  if (!is_linked)
    LINNET_CHECK(write_beside(path, [&](std::ofstream& to) { return copy_bytes(file.path, to); }));
  return make_sure(path);
}

Status add_pieces(store::Connection& connection, std::string_view attempt, std::int64_t position,
                  const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return media_trouble(path, std::strerror(errno));
  std::string bytes(kPieceBytes, '\0');
  for (std::int64_t piece = 0; file; ++piece) {
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    const auto count = static_cast<std::size_t>(file.gcount());
    if (count == 0) break;
    LINNET_CHECK(
        store::run(connection,
                   R"(INSERT INTO action_media_pieces (attempt_id, position, piece, bytes)
                               VALUES ($1, $2, $3, $4))",
                   {attempt, position, piece, store::Blob{std::string_view(bytes).substr(0, count)}}));
  }
  return {};
}

// One after the other: all of a film at once is too large for memory. False: there are none.
Result<bool> each_piece_of(store::Connection& connection, std::string_view attempt, std::int64_t position,
                           const std::function<void(std::string_view)>& on_piece) {
  for (std::int64_t piece = 0;; ++piece) {
    bool is_there = false;
    LINNET_CHECK(store::for_each_row(connection,
                                     R"(SELECT bytes FROM action_media_pieces
                                        WHERE attempt_id = $1 AND position = $2 AND piece = $3)",
                                     {attempt, position, piece}, [&](const store::Statement& row) {
                                       is_there = true;
                                       on_piece(row.bytes(0));
                                     }));
    if (!is_there) return piece > 0;
  }
}

// Kept by an earlier version, which did not need it.
Status fill_in_hash(store::Connection& connection, std::string_view attempt, std::int64_t position,
                    connect::MediaFile& file) {
  if (!file.sha256.empty()) return {};
  Sha256 hash;
  LINNET_TRY(const bool is_there, each_piece_of(connection, attempt, position,
                                                [&](std::string_view bytes) { hash.update(bytes); }));
  if (is_there) file.sha256 = hash.finish_hex();
  return {};
}

bool is_young(const std::string& path, Instant now) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) return true;
  // Of the name, not of the bytes: those may have been sent long before.
  const auto age = now - Instant(std::chrono::seconds(found.st_ctim.tv_sec));
  return age > -kYoung && age < kYoung;
}

}  // namespace

Result<std::vector<connect::MediaFile>> load_media(store::Connection& connection, std::string_view attempt_id,
                                                   Instant now) {
  std::vector<connect::MediaFile> files;
  LINNET_CHECK(store::for_each_row(
      connection,
      R"(SELECT name, media_type, alt_text, size, sha256, uploaded_id, uploaded_at FROM action_media
         WHERE attempt_id = $1 ORDER BY position)",
      {attempt_id}, [&](const store::Statement& row) {
        connect::MediaFile file;
        file.name = row.text(0);
        file.media_type = row.text(1);
        file.alt_text = row.text(2);
        file.size = row.integer(3);
        file.sha256 = row.text(4);
        const auto age = now - row.maybe_instant(6).value_or(Instant());
        if (age >= Duration(0) && age < kUploadsHold) file.uploaded_id = row.text(5);
        files.push_back(std::move(file));
      }));
  for (std::size_t i = 0; i < files.size(); ++i)
    LINNET_CHECK(fill_in_hash(connection, attempt_id, static_cast<std::int64_t>(i), files[i]));
  return files;
}

Result<connect::MediaFile> find_media(store::Connection& connection, std::string_view attempt_id,
                                      std::int64_t position) {
  LINNET_TRY(auto files, load_media(connection, attempt_id));
  if (position < 0 || position >= static_cast<std::int64_t>(files.size()))
    return not_found("media: the action has no such file, or no longer");
  return std::move(files[static_cast<std::size_t>(position)]);
}

Status note_uploaded(store::Connection& connection, const AttemptId& attempt, std::size_t position,
                     std::string_view uploaded_id, Instant now) {
  return store::run(
      connection,
      R"(UPDATE action_media SET uploaded_id = $3, uploaded_at = $4
                       WHERE attempt_id = $1 AND position = $2)",
      {std::string_view(attempt.value()), static_cast<std::int64_t>(position), uploaded_id, to_micros(now)});
}

Status forget_uploads(store::Connection& connection, const AttemptId& attempt) {
  return store::run(connection,
                    "UPDATE action_media SET uploaded_id = NULL, uploaded_at = NULL WHERE attempt_id = $1",
                    {std::string_view(attempt.value())});
}

std::string MediaStore::path_of(std::string_view attempt, std::int64_t position) const {
  return fmt::format("{}/{}.{}", folder_, attempt, position);
}

Status MediaStore::keep(store::Connection& connection, const AttemptId& attempt,
                        const std::vector<connect::MediaFile>& files) const {
  const std::string_view id = attempt.value();
  if (!files.empty() && !folder_.empty()) ::mkdir(folder_.c_str(), 0700);  // or the first file says why not
  std::int64_t position = 0;
  for (const auto& file : files) {
    LINNET_CHECK(store::run(
        connection,
        R"(INSERT INTO action_media (attempt_id, position, name, media_type, alt_text, size, sha256)
           VALUES ($1, $2, $3, $4, $5, $6, $7))",
        {id, position, std::string_view(file.name), std::string_view(file.media_type),
         std::string_view(file.alt_text), file.size, std::string_view(file.sha256)}));
    if (!folder_.empty() && !file.path.empty()) {
      const auto path = path_of(id, position);
      LINNET_CHECK(put_into(file, path));
      if (connection.engine() == store::Engine::postgres)
        LINNET_CHECK(add_pieces(connection, id, position, path));
    }
    ++position;
  }
  return {};
}

Status MediaStore::find_place(store::Connection& connection, std::string_view attempt, std::int64_t position,
                              connect::MediaFile& file) const {
  const auto path = path_of(attempt, position);
  std::error_code ignored;
  if (!folder_.empty() && !fs::exists(path, ignored)) {
    ::mkdir(folder_.c_str(), 0700);
    bool is_there = false;
    const auto written = write_beside(path, [&](std::ofstream& to) -> Status {
      LINNET_TRY(is_there, each_piece_of(connection, attempt, position, [&](std::string_view bytes) {
                   to.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
                 }));
      return is_there ? Status() : Status(not_found("no pieces"));
    });
    if (!written && written.error().kind != ErrorKind::not_found) return written;
  }
  if (folder_.empty() || !fs::exists(path, ignored))
    return not_found(fmt::format(
        "media: the file {} is no longer in the data folder; act again, and give it anew", file.name));
  file.path = path;
  file.is_ours = true;
  return {};
}

Status MediaStore::find_places(store::Connection& connection, std::string_view attempt,
                               std::vector<connect::MediaFile>& files) const {
  for (std::size_t i = 0; i < files.size(); ++i)
    LINNET_CHECK(find_place(connection, attempt, static_cast<std::int64_t>(i), files[i]));
  return {};
}

Status MediaStore::sweep(store::Connection& connection, Instant now) const {
  std::set<std::string> kept;
  LINNET_CHECK(store::for_each_row(
      connection, "SELECT attempt_id, position FROM action_media", {},
      [&](const store::Statement& row) { kept.insert(fmt::format("{}.{}", row.text(0), row.integer(1))); }));
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
    if (kept.contains(entry.path().filename().string()) || is_young(entry.path().string(), now)) continue;
    fs::remove(entry.path(), ignored);
  }
  return {};
}

Status MediaStore::complete_copy(const std::string& location) const {
  std::error_code ignored;
  if (folder_.empty() || !fs::exists(folder_, ignored)) return {};  // there has never been one
  store::OpenOptions options;
  options.create = false;
  LINNET_TRY(auto copy, store::open_database(location, options));
  LINNET_TRY(auto connection, copy->connect(store::Part::tables));
  LINNET_TRY(auto transaction, store::Transaction::begin(*connection));
  std::vector<std::pair<std::string, std::int64_t>> missing;
  LINNET_CHECK(store::for_each_row(
      *connection,
      R"(SELECT attempt_id, position FROM action_media m
                                      WHERE NOT EXISTS (SELECT 1 FROM action_media_pieces p
                                                        WHERE p.attempt_id = m.attempt_id
                                                          AND p.position = m.position))",
      {}, [&](const store::Statement& row) { missing.emplace_back(row.text(0), row.integer(1)); }));
  for (const auto& [attempt, position] : missing) {
    const auto path = path_of(attempt, position);
    // One that was removed since, or before, is in no copy.
    if (fs::exists(path, ignored)) LINNET_CHECK(add_pieces(*connection, attempt, position, path));
  }
  return transaction.commit();
}

std::string media_folder(const std::string& data) {
  return data + "/media";
}

Status back_up(store::Database& database, const MediaStore& media, const std::string& path) {
  LINNET_CHECK(database.backup(path));
  // PostgreSQL has them in itself.
  return database.engine() == store::Engine::sqlite ? media.complete_copy("sqlite:" + path) : Status();
}

}  // namespace linnet::act
