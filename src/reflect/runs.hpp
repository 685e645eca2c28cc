// The audit of layers: which ran when, on what, with what outcome. All that writes is to be called within a
// transaction.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reflect/insight.hpp"
#include "reflect/layer.hpp"
#include "store/connection.hpp"
#include "store/lease.hpp"

namespace linnet::reflect {

// One process at a time works at a layer. Whoever has this lease is it; a run that is said to be running
// without it was cut off.
std::string lease_of_layer(std::string_view layer);

// The run, from now on `running`.
Result<LayerRun> begin_run(store::Connection& connection, const Layer& layer,
                           std::vector<std::string> targets, const std::string& asked_by,
                           const std::string& continues, Instant now);
// What came of one target; the run's sums with it.
Status note_target(store::Connection& connection, const RunTarget& target, std::int64_t cost_micros);
Status end_run(store::Connection& connection, const std::string& run_id, const std::string& error,
               Instant now);

// By whoever has the layer's lease: its runs that were cut off have failed, and say so. The newest of them,
// for going on in a new run.
Result<std::optional<LayerRun>> fail_cut_off_runs(store::Connection& connection, const std::string& layer,
                                                  const std::string& but_for, Instant now);

struct RunFilter {
  std::string layer_name = {};
  std::optional<RunStatus> status = {};
  std::optional<Instant> since = {};
  std::string before_id = {};  // for the next page
  std::int64_t limit = 50;
};
// Newest first.
Result<std::vector<LayerRun>> list_runs(store::Connection& connection, const RunFilter& filter);
Result<std::optional<LayerRun>> find_run(store::Connection& connection, const std::string& id);
Result<std::vector<RunTarget>> targets_of(store::Connection& connection, const std::string& run_id);
// Those of its targets that nothing came of yet.
Result<std::vector<std::string>> left_of(store::Connection& connection, const LayerRun& run);

// Of a time: for the page and for Zos' clients.
struct RunSummary {
  std::int64_t total = 0, completed = 0, failed = 0, running = 0;
  std::int64_t insights = 0, tokens = 0, cost_micros = 0;
};
Result<RunSummary> summarise_runs(store::Connection& connection, Instant since);

}  // namespace linnet::reflect

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::reflect::RunSummary>();
