// The event log: what came in, in order, in compressed blocks of lines. The truth from which the tables are
// rebuilt.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "model/sighting.hpp"
#include "store/connection.hpp"
#include "store/lease.hpp"

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
  // saves the cursors. When it returns they are on disk. `cancelled`, and nothing is written, where one of
  // the leases under which they were read is held no more: another process reads it again.
  Status append(std::span<model::Event> events, std::span<const std::string_view> lines,
                std::span<const LoggedCursor> cursors, Instant now, std::span<const store::Fence> under = {});

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

using OnEvent = std::function<Status(const LoggedEvent&)>;

// Hands the events `first` … `last` in order to `on_event`, until it fails. Views live during the call.
// `corrupt` where the log is damaged.
Status read_events(store::Connection& connection, EventId first, EventId last, const OnEvent& on_event);

// Events that cannot be read, and why: a damaged block, or a hole.
struct LogDamage {
  EventId first{};
  EventId last{};
  std::string why;
  [[nodiscard]] std::int64_t count() const { return last.value() - first.value() + 1; }
};
using OnDamage = std::function<Status(const LogDamage&)>;

// The same, but what cannot be read is handed to `on_damage` in its place, and the rest is read all the same.
Status read_around_damage(store::Connection& connection, EventId first, EventId last, const OnEvent& on_event,
                          const OnDamage& on_damage);

Result<EventId> last_logged(store::Connection& connection);
Result<EventId> first_logged(store::Connection& connection);

// Reads the events again that could not be understood, and clears the error of those that can be now. Returns
// how many.
Result<std::int64_t> reread_failed(store::Connection& log_writer);

// The first event that stays when whole blocks of events go that were received before `before` and that the
// tables hold.
Result<EventId> first_kept(store::Connection& log, Instant before, EventId applied);

// Removes some of the events before `first_kept`, oldest first, in a transaction; returns how many, which may
// be none of a damaged block. nullopt when nothing is left.
Result<std::optional<std::int64_t>> prune_some(store::Connection& log_writer, EventId first_kept);

}  // namespace linnet::observe
