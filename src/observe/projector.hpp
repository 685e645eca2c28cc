// Applies events to the tables of every projection. The same code serves live ingest, imports, recovery and
// replay.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "observe/projection.hpp"

namespace linnet::observe {

// Where the tables stand.
struct TablesState {
  EventId mark{};               // the last event they hold
  std::int64_t generation = 0;  // how often they were emptied or changed behind the log, by whichever process
  friend bool operator==(const TablesState&, const TablesState&) = default;
};

// Remembers what it wrote, and where it left the tables: what it remembers is worth something only while they
// stand there. Not thread-safe.
class Projector {
 public:
  explicit Projector(const ProjectorOptions& options);

  // Tells where the tables stand now, under the lock; forgets where that is elsewhere than it left them, and
  // answers whether it is: somebody else wrote to them.
  bool enter(const TablesState& tables);
  // Whether they were emptied or changed behind the log since; to be asked before enter().
  [[nodiscard]] bool are_made_anew(const TablesState& tables) const;
  // Applies the events, which follow each other in the log, inside the caller's transaction. If that
  // transaction is not committed afterwards, forget() must be called.
  Result<ProjectedBatch> apply(store::Connection& connection, std::span<const model::Event> events);
  // Tells where the tables stand after the commit.
  void leave(const TablesState& tables);

  // Drops everything remembered of the database.
  void forget();

 private:
  ProjectorOptions options_;
  std::vector<std::unique_ptr<Applier>> appliers_;
  std::optional<TablesState> left_;  // where this projector left the tables
};

// Where the tables stand, taking the lock that keeps other projectors waiting until the transaction ends.
Result<TablesState> lock_tables(store::Connection& connection);
Status set_mark(store::Connection& connection, EventId applied);
// Tells every projector, in whichever process, to forget: the tables are changed behind the log. Under the
// lock.
Status begin_generation(store::Connection& connection);
// Without locking.
Result<EventId> read_mark(store::Connection& connection);

}  // namespace linnet::observe
