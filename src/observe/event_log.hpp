// The event log: what came in, in order, in compressed blocks of lines. The truth from which the tables are
// rebuilt.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "model/sighting.hpp"
#include "store/connection.hpp"

namespace linnet::observe {

struct LoggedCursor {
  std::string connector;
  std::string position;
};

// Appends to the log. One per connection; not thread-safe.
class EventLogWriter {
 public:
  explicit EventLogWriter(store::Connection& connection);
  ~EventLogWriter();
  EventLogWriter(EventLogWriter&&) noexcept;
  EventLogWriter& operator=(EventLogWriter&&) noexcept;

  // Appends the events with their lines (line i is event i's) in one transaction, gives the events their ids,
  // saves the cursors. When it returns they are on disk.
  Status append(std::span<model::Event> events, std::span<const std::string_view> lines,
                std::span<const LoggedCursor> cursors, Instant now);

  // After append() failed for a lost connection that is there again: whether what it wrote is in the log all
  // the same.
  Result<bool> has_appended();

  // Notes that the tables hold everything up to `applied` since `now`; for `processed_at`.
  Status mark_processed(EventId applied, Instant now);

 private:
  struct Compressor;
  Status append_blocks(std::span<const model::Event> events, std::span<const std::string_view> lines);
  store::Connection* connection_;
  std::unique_ptr<Compressor> compressor_;
  std::string transaction_id_;  // of the append that is under way, or failed
};

// One event as the log has it.
struct LoggedEvent {
  EventId id{};
  InstanceId instance{};
  Instant received_at{};
  std::string_view type;
  std::string_view error;  // empty: understood
  std::string_view line;   // as it came
};

// Hands the events `first` … `last` in order to `on_event`, until it fails. Views live during the call.
Status read_events(store::Connection& connection, EventId first, EventId last,
                   const std::function<Status(const LoggedEvent&)>& on_event);

Result<EventId> last_logged(store::Connection& connection);
Result<EventId> first_logged(store::Connection& connection);

// Reads the events again that could not be understood, and clears the error of those that can be now. Returns
// how many.
Result<std::int64_t> reread_failed(store::Connection& log_writer);

// Removes whole blocks of events received before `before` that the tables hold; returns how many events went.
Result<std::int64_t> prune_log(store::Connection& log_writer, Instant before, EventId applied, bool dry_run);

}  // namespace linnet::observe
