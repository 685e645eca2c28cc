// Files that are sent ahead of the action that they go with, each in a request of its own: a film is too
// large for JSON, and for memory. Each is its sender's alone: «ID.OWNER», and «ID.OWNER.part» while it comes.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "connect/media_file.hpp"
#include "govern/access.hpp"
#include "net/http_message.hpp"

namespace linnet::api {

// A little more than the 99 MiB that Mastodon takes of films.
inline constexpr std::size_t kLargestUpload = std::size_t{100} << 20U;
// Of all the files that one request names.
inline constexpr std::size_t kLargestUploads = 2 * kLargestUpload;
// How long a file waits for its action, and then for a request that is sent again as its answer was lost.
inline constexpr auto kUploadsLast = std::chrono::hours(24);
inline constexpr auto kUsedUploadsLast = std::chrono::hours(1);

struct Upload {
  std::string id;
  std::string media_type;  // by its bytes
  std::int64_t size = 0;
};

// Takes a file to disk as it comes. One that is not finished leaves nothing behind.
class UploadSink final : public net::BodySink {
 public:
  // Into the folder, which is made where it is missing, for its owner alone. `conflict` when too many wait,
  // `unavailable` when the disk has no room for more.
  static Result<std::shared_ptr<net::BodySink>> open(const std::string& folder, const govern::Who& who);
  ~UploadSink() override;
  UploadSink(const UploadSink&) = delete;
  UploadSink& operator=(const UploadSink&) = delete;

  Status take(std::string_view piece) override;
  // All of it is there.
  Result<Upload> finish();

 private:
  UploadSink(std::string folder, std::string name, std::string id, int file);

  std::string folder_;
  std::string path_;  // that it has in the end
  std::string part_;
  std::string id_;
  int file_;
  std::string head_;  // as much as tells what it is
  std::int64_t size_ = 0;
};

// The files that one request for an action names.
class NamedUploads {
 public:
  NamedUploads(std::string folder, const govern::Who& who);

  // `not_found` for a file that is not there, or no longer, or somebody else's.
  Result<connect::MediaFile> find(const std::string& id);
  // One that came within the request: here until it is with its action.
  Result<connect::MediaFile> given(std::string_view bytes);
  // They are with their action now.
  void note_used(Instant now) const;

 private:
  std::string folder_;
  std::string owner_;
  std::size_t size_ = 0;
  std::vector<std::string> paths_;
};

// What nobody used in its time. To be called now and then, while the clock may be believed.
void remove_old_uploads(const std::string& folder, Instant now);
// What a program that is gone was in the midst of; no other may be using the folder.
void remove_broken_off_uploads(const std::string& folder);

}  // namespace linnet::api
