// Applies what is in the log to the tables, in short transactions. An event that the tables do not take is
// told, kept in the log with its error, and passed over.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "observe/projector.hpp"
#include "store/writer.hpp"

namespace linnet::observe {

// A connection of its own to the log, opened when it is first used: whoever works under a lock must not wait
// for the pool of readers, whose users may wait for that lock. Not thread-safe.
class OwnLog {
 public:
  explicit OwnLog(store::Database& database) : database_(database) {}
  Result<store::Connection*> get();

 private:
  store::Database& database_;
  std::unique_ptr<store::Connection> connection_;
};

// Not thread-safe. `unavailable` from any of these may pass: the same can be tried again.
class TableUpdater {
 public:
  struct Step {
    ProjectedBatch projected;
    EventId up_to{};  // the tables hold everything up to here
  };

  // `is_live`: other processes are told what was applied (applied_notice.hpp).
  TableUpdater(store::Database& database, store::Writer& writer, const ProjectorOptions& options,
               bool is_live = false)
      : is_live_(is_live), writer_(writer), log_(database), projector_(options) {}

  // Applies freshly logged events, as many of the batches as fit into a short transaction, and tells what
  // each changed. None, where something else must be read from the log first, or one of them is not taken:
  // advance() sees to it.
  Result<std::vector<ProjectedBatch>> apply(std::span<const std::span<const model::Event>> batches);

  // Applies the next stretch of the log, at most up to `last`, whoever logged it.
  Result<Step> advance(EventId last);

  // Somebody in this process wrote to the tables.
  void forget() { projector_.forget(); }

 private:
  struct Stretch;
  Status tell(store::Connection& connection, const AppliedBatch& batch) const;
  Result<std::optional<Step>> try_stretch(EventId last);
  Status apply_stretch(store::Connection& connection, const Stretch& stretch, Step& step);
  Status read_stretch(store::Connection& log, EventId first, EventId last, Stretch& stretch);
  Status narrow(const Error& error);

  static constexpr std::int64_t kLongestStretch = 5'000;

  const bool is_live_;
  store::Writer& writer_;
  OwnLog log_;
  Projector projector_;
  std::optional<TablesState> tables_;  // as they were last seen
  std::int64_t stretch_ = kLongestStretch;
  std::int64_t tried_ = 0;  // events of the stretch that failed
  EventId passed_over_{};
};

}  // namespace linnet::observe
