// One thing that is made of the event log: the tables it fills, how events change them, what of them stands
// in the digest, what `db check` recomputes, and how a person is taken out again. every_projection.cpp lists
// them, and whoever applies, replays, digests, checks or erases walks that list.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "model/sighting.hpp"
#include "observe/applied.hpp"
#include "observe/kept_sum.hpp"
#include "observe/person_erasure.hpp"
#include "observe/salience/happening.hpp"
#include "store/connection.hpp"
#include "store/record/entity.hpp"

namespace linnet::observe {

struct ProjectorOptions {
  bool redact_on_delete = false;
  bool keeps_ledger = true;  // false: for measuring what it costs; the tables are then not what the log says
  // Whether what becomes of an event is counted; empty: of all.
  std::function<bool(EventId)> counts = {};
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
  BatchFigures of_others;  // what became of events that are not counted
  // What was new to the projections that come before, for those behind them, in the order of the log.
  std::vector<salience::Happening> happenings;
};

// Where what becomes of an event is counted.
inline BatchFigures& figures_for(const ProjectorOptions& options, EventId event, ProjectedBatch& result) {
  return !options.counts || options.counts(event) ? result.figures : result.of_others;
}

// Applies batches of events to the tables of one projection. May remember between them what it wrote. Not
// thread-safe.
class Applier {
 public:
  virtual ~Applier() = default;
  // The events follow each other in the log. Within the caller's transaction; adds to `result` what it did.
  // What the tables hold afterwards must not depend on where batches begin and end.
  virtual Status apply(store::Connection& connection, std::span<const model::Event> events,
                       ProjectedBatch& result) = 0;
  // Drops everything remembered of the database.
  virtual void forget() = 0;
};

// What of a table is in the digest. Rows stand there in the order of the columns that are their key, `keys`
// of them. Numbers that differ between databases (of instances, hashtags) are left out, or stand as what they
// mean.
struct DigestedRows {
  std::size_t keys = 1;
  record::Entity rows;
};

// What `db check` looks at, beside the sums.
struct Comparison {
  std::string_view name;
  std::string_view sql;  // counts the rows that are not as they should be
};

// What must be done elsewhere once posts are gone.
struct ErasedPosts {
  std::vector<std::int64_t> rows;  // their row numbers; of messages below 0, as in the search index
  std::set<Instant> hours;         // in which they stood
};

// A part of what there is of an account, at most about `most` posts, within the caller's transaction and
// under the lock of the tables. Returns how many rows were found to change.
using ForgetSome = Result<std::int64_t> (*)(store::Connection& connection, const PersonAccount& account,
                                            std::int64_t most, ErasedPosts& gone);

struct Projection {
  std::string_view name;
  std::unique_ptr<Applier> (*begin)(const ProjectorOptions& options) = nullptr;

  // What it owns; a replay empties these and makes them anew.
  const std::vector<record::Entity>& (*tables)() = nullptr;
  const std::vector<DigestedRows>& (*digested)() = nullptr;
  const std::vector<const KeptSum*>& (*sums)() = nullptr;
  std::span<const Comparison> comparisons;

  // What it has of an account is counted, and forgotten step by step: each again and again until it finds
  // nothing more, and then what stands with the account itself.
  Status (*count_account)(store::Connection& connection, const PersonAccount& account,
                          ObservedErasure& found) = nullptr;
  std::span<const ForgetSome> forget_steps;
  Status (*forget_account)(store::Connection& connection, const PersonAccount& account) = nullptr;
};

}  // namespace linnet::observe
