// Reads events, one line of a stream dump or what a live stream sends, into the entities of model/.
// What an event holds is read by the network that its line names (log_lines.hpp, event_line.hpp).
#pragma once

#include <memory>
#include <string_view>

#include "base/arena.hpp"
#include "model/sighting.hpp"

namespace linnet::connect {

// Lines longer than this are kept in the log but not read.
constexpr std::size_t kLongestLine = 8U << 20U;

// What to do with a dump that is one JSON document.
constexpr std::string_view kOneALine =
    "expected one event or one status a line; a file that is one JSON array becomes that by: jq -c '.[]' "
    "FILE";

// The line is the beginning of a document that was written over many lines.
bool begins_document(std::string_view line);

// Keeps its buffers between events; one per thread.
class EventReader {
 public:
  EventReader();
  ~EventReader();
  EventReader(EventReader&&) noexcept;
  EventReader& operator=(EventReader&&) noexcept;

  // Reads {"received_at"?, "event", "payload"} or a bare status (taken as an `update`). `received_at` of the
  // result is the line's own, or `now` where it has none. Never fails: an event that cannot be understood
  // carries its error, which names the field and what was expected. Text of the result lives in `arena`;
  // `line` is not kept.
  model::Event read(std::string_view line, Instant now, Arena& arena);

 private:
  struct Buffers;
  std::unique_ptr<Buffers> buffers_;
};

}  // namespace linnet::connect
