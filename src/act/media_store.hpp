// The files of posts: rows that say what they are, and the bytes in the folder «media» of the data folder.
// Where several processes share a database each has a folder of its own: there the bytes stand in the
// database as well, in pieces, and whoever sends one makes a file of it first. Decision 35.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "act/attempt.hpp"
#include "connect/media_file.hpp"
#include "store/database.hpp"

namespace linnet::act {

// What they are, in order, with no place; an upload that still holds by `now` has its id.
Result<std::vector<connect::MediaFile>> load_media(store::Connection& connection, std::string_view attempt_id,
                                                   Instant now = {});
// The one at `position`, from 0. `not_found`.
Result<connect::MediaFile> find_media(store::Connection& connection, std::string_view attempt_id,
                                      std::int64_t position);

// What a platform keeps of an upload that no post has taken yet: Mastodon a day, a PDS an hour at least.
inline constexpr Duration kUploadsHold = std::chrono::minutes(50);
// Within a transaction.
Status note_uploaded(store::Connection& connection, const AttemptId& attempt, std::size_t position,
                     std::string_view uploaded_id, Instant now);
// The platform no longer takes them: they are uploaded again.
Status forget_uploads(store::Connection& connection, const AttemptId& attempt);

// Thread-safe; as good as its folder's name.
class MediaStore {
 public:
  MediaStore() = default;  // keeps no bytes, only what the files are
  explicit MediaStore(std::string folder) : folder_(std::move(folder)) {}

  // Within the transaction that makes the attempt.
  Status keep(store::Connection& connection, const AttemptId& attempt,
              const std::vector<connect::MediaFile>& files) const;
  // Where each of these of the attempt lies; one that is only in the database becomes a file. `not_found`
  // says which is nowhere.
  Status find_places(store::Connection& connection, std::string_view attempt,
                     std::vector<connect::MediaFile>& files) const;
  Status find_place(store::Connection& connection, std::string_view attempt, std::int64_t position,
                    connect::MediaFile& file) const;
  // Removes files whose rows are gone: by retention, by erasure, by a request that was refused.
  Status sweep(store::Connection& connection, Instant now) const;
  // Into a copy of an embedded database, which is to hold everything, the bytes of what has none in it.
  Status complete_copy(const std::string& location) const;

 private:
  [[nodiscard]] std::string path_of(std::string_view attempt, std::int64_t position) const;

  std::string folder_;
};

// The folder of the data folder.
std::string media_folder(const std::string& data);
// A copy of the database that holds the files of posts as well.
Status back_up(store::Database& database, const MediaStore& media, const std::string& path);

}  // namespace linnet::act
