// The way in: raw events go to a bounded queue, from there to the log (committed: acknowledged), and from the
// log to the tables. Live connectors, imports and replays all come this way.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "model/sighting.hpp"
#include "observe/applied.hpp"
#include "observe/ingest_state.hpp"
#include "store/lease.hpp"
#include "store/writer.hpp"

namespace linnet::observe {

// One event as it came from outside.
struct RawEvent {
  InstanceId instance{};
  std::string line;  // the JSON of one event, see semantics; without a line feed
};

// Where a connector has read to; saved in the same commit as the events before it.
struct Cursor {
  std::string connector;
  std::string position;
};

struct IngestOptions {
  std::size_t batch_events = 1'000;                 // most events in one commit
  Duration linger = std::chrono::milliseconds(50);  // how long a commit waits for more events
  std::size_t queue_events = 4'000;                 // producers wait beyond this
  bool redact_on_delete = false;
  bool keeps_ledger = true;         // false: for measuring what salience costs (projection.hpp)
  bool keep_followers_only = true;  // posts that only followers of their author see
  // Figures say what became of the events that this ingest took in, and not of what it found in the log.
  bool counts_own_alone = false;
  // How long a lock, a full disk or a server that is away is waited out before ingest gives up.
  Duration patience = std::chrono::hours(24 * 365 * 100);
  // Called once, from a thread of the ingest, when nothing more can be taken.
  std::function<void()> on_stopped = {};
};

struct IngestFigures {
  std::uint64_t read = 0;       // events taken
  std::uint64_t applied = 0;    // changed something
  std::uint64_t unchanged = 0;  // said what was known
  std::uint64_t stale = 0;      // carried content older than the newest version
  std::uint64_t failed = 0;     // kept in the log with an error
  std::uint64_t ignored = 0;    // of a kind that says nothing about posts, or not to be kept
  std::uint64_t queued = 0;     // waiting now
  EventId logged{};             // the last event on disk
  EventId applied_up_to{};      // the last event the tables hold
};

// Thread-safe.
class Ingest {
 public:
  // Called after each commit, in the order of the log, from the projector's thread: must be quick.
  using Subscriber = std::function<void(const AppliedBatch&)>;

  // Begins with the tail of the log that the tables do not hold yet. `database` and `writer` outlive it.
  static Result<std::unique_ptr<Ingest>> start(store::Database& database, store::Writer& writer, Clock& clock,
                                               const IngestOptions& options, Subscriber subscriber = {});
  virtual ~Ingest() = default;  // what was submitted is logged first, and applied unless that takes long

  // Takes the events, waiting while the queue is full. What may pass by itself (a lock, a full disk, a server
  // that is away) is waited out. Denied once the ingest has stopped or is closing: the error says why;
  // nothing that was acknowledged is lost.
  // What was read under a lease is left out where that is lost by the time it is to be written: whoever has
  // it now reads it again.
  virtual Status submit(std::vector<RawEvent> events, std::optional<Cursor> cursor = {},
                        std::optional<store::Fence> under = {}) = 0;
  // The same, and waits until the events and the cursor are on disk in the log; `cancelled` where they were
  // left out.
  virtual Status submit_durably(std::vector<RawEvent> events, std::optional<Cursor> cursor = {},
                                std::optional<store::Fence> under = {}) = 0;
  // The same for whoever cannot wait: `unavailable`, saying what is in the way, when the events are not on
  // disk in that time. They may be written later.
  virtual Status submit_within(std::vector<RawEvent> events, Duration patience) = 0;
  // Waits until everything submitted before is in the tables.
  virtual Status drain() = 0;
  // Another process applied these: they are told as if this one had.
  virtual void heard(const AppliedBatch& batch) = 0;
  // To be called every second or so where others work on the database as well: applies what one of them
  // logged and left.
  virtual void look_after_others() = 0;
  // The program is about to end: whoever waits for an obstacle to pass is let go within seconds.
  virtual void hasten() = 0;

  // Runs `work` while nothing is applied to the tables; events go on being logged. For a replay beside live
  // ingest.
  virtual Status while_paused(const std::function<Status()>& work) = 0;

  [[nodiscard]] virtual IngestFigures figures() const = 0;
  [[nodiscard]] virtual IngestHealth health() const = 0;
  // Why nothing more is taken; nullopt while it goes on.
  [[nodiscard]] virtual std::optional<Error> failure() const = 0;
};

// The saved position of a connector; nullopt when there is none.
Result<std::optional<std::string>> load_cursor(store::Connection& connection, std::string_view connector);

// The id of the instance with this address, adding it when it is new. `base_url` is normalised by the caller:
// scheme and host in lower case, no path, no trailing slash.
Result<InstanceId> find_or_add_instance(store::Writer& writer, std::string_view base_url,
                                        std::string_view platform, Instant now);
// The same, which waits for the writer only where the address is new.
Result<InstanceId> find_or_add_instance(store::Database& database, store::Writer& writer,
                                        std::string_view base_url, std::string_view platform, Instant now);

}  // namespace linnet::observe
