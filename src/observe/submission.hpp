// What ingest has in its hands on the way to the log.
#pragma once

#include <algorithm>
#include <future>
#include <optional>
#include <vector>

#include "observe/ingest.hpp"

namespace linnet::observe {

constexpr std::size_t kMostInTransaction = 30'000;  // events

// How many events may wait for the projector: two large batches, many small ones.
inline std::size_t most_logged(std::size_t batch_events) {
  return std::max<std::size_t>(4'000, 2 * batch_events);
}

// What producers hand in: events of one submission, and what is to be done once they are on disk.
struct Submission {
  std::vector<RawEvent> events;
  std::optional<Cursor> cursor;
  std::optional<store::Fence> under;
  std::optional<std::promise<Status>> on_disk;
  std::optional<std::promise<Status>> in_tables;
};

}  // namespace linnet::observe
