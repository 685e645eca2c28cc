// Applies events to the tables: loads what a batch touches, applies the rules in memory, writes what changed.
// The same code serves live ingest, imports, recovery and replay.
#pragma once

#include <memory>
#include <span>

#include "model/sighting.hpp"
#include "observe/applied.hpp"
#include "store/connection.hpp"

namespace linnet::observe {

struct ProjectorOptions {
  bool redact_on_delete = false;
};

struct BatchFigures {
  std::uint64_t applied = 0;
  std::uint64_t unchanged = 0;
  std::uint64_t stale = 0;
  std::uint64_t failed = 0;
  std::uint64_t ignored = 0;
};

struct ProjectedBatch {
  AppliedBatch changes;
  BatchFigures figures;
};

// Keeps caches of what it wrote, so it must see every write to the projections, or be told to forget. Not
// thread-safe.
class Projector {
 public:
  explicit Projector(const ProjectorOptions& options);
  ~Projector();
  Projector(Projector&&) noexcept;
  Projector& operator=(Projector&&) noexcept;

  // Applies the events, which follow each other in the log, inside the caller's transaction. If that
  // transaction is not committed afterwards, forget() must be called.
  Result<ProjectedBatch> apply(store::Connection& connection, std::span<const model::Event> events);

  // Drops everything remembered of the database.
  void forget();
  // Tells in which generation the tables are; forgets when it is another than before, and answers whether it
  // was.
  bool enter(std::int64_t generation);

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

// How far the tables have come, taking the lock on it that keeps other projectors waiting until the
// transaction ends.
Result<EventId> lock_mark(store::Connection& connection);
Status set_mark(store::Connection& connection, EventId applied);
// How often the tables were emptied to be made anew, by whichever process: what is remembered of those before
// is of no use. Under the lock.
Result<std::int64_t> read_generation(store::Connection& connection);
Status begin_generation(store::Connection& connection);
// Without locking.
Result<EventId> read_mark(store::Connection& connection);

}  // namespace linnet::observe
