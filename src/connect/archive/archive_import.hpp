// Reads what a network gives its user as «your archive»: Mastodon's, packed as zip or tar. Nothing is written
// to disk, and the archive is never held in memory.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "connect/archive/outbox_item.hpp"
#include "connect/event_sink.hpp"

namespace linnet::connect {

// The network whose archives are read.
constexpr std::string_view kArchivePlatform = "mastodon";

struct ArchiveLimits {
  std::uint64_t max_unpacked_bytes = 16ULL << 30U;
  std::uint64_t max_ratio = 200;  // unpacked to packed, beyond the first 64 MiB; real outboxes have 5 to 30
  std::uint64_t max_entries = 2'000'000;
};

// Opens the archive, recognises it and says whose it is. `invalid` with words for the user when it is of
// another network (not supported yet), no archive, or larger than a real one could be; `not_found`,
// `corrupt`.
Result<ArchiveOwner> inspect_archive(const std::string& path, const ArchiveLimits& limits = {});

struct ArchiveProgress {
  std::uint64_t items = 0;  // read
  std::uint64_t events = 0;
  std::uint64_t boosts_of_others = 0;
  std::uint64_t direct_messages = 0;
  std::uint64_t others = 0;
  std::uint64_t failed = 0;  // could not be read: handed on as they stand, so that the log shows them
  std::uint64_t packed_bytes_read = 0;
  std::uint64_t packed_bytes = 0;
};

struct ArchiveOptions {
  ArchiveLimits limits = {};
  std::uint64_t skip_items = 0;  // taken by an earlier run: the number in the last cursor
  std::size_t batch = 500;
};

// Hands all posts of the archive to the sink, in batches; the cursor is the number of items taken. `owner` as
// inspect_archive gave it, with another `account_id` where the caller knows the platform's own.
Result<ArchiveProgress> import_archive(const std::string& path, const ArchiveOwner& owner, EventSink& sink,
                                       const ArchiveOptions& options,
                                       const std::function<void(const ArchiveProgress&)>& on_progress,
                                       const std::stop_token& stop);

}  // namespace linnet::connect
