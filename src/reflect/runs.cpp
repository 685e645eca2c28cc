#include "reflect/runs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "govern/consent.hpp"
#include "store/record/sql.hpp"

namespace linnet::reflect {
namespace {

constexpr std::string_view kCutOff =
    "it was cut off: the process that worked at it ended, or gave no sign of life in time";

}  // namespace

std::string lease_of_layer(std::string_view layer) {
  return fmt::format("layer {}", layer);
}

Result<LayerRun> begin_run(store::Connection& connection, const Layer& layer,
                           std::vector<std::string> targets, const std::string& asked_by,
                           const std::string& continues, Instant now) {
  LayerRun run;
  LINNET_TRY(run.id, govern::make_ulid(now));
  run.layer_name = layer.name;
  run.layer_version = layer.version;
  run.started_at = now;
  run.targets = std::move(targets);
  run.scope = layer.scope;
  run.asked_by = asked_by;
  run.continues = continues;
  run.tokens_used = 0;
  LINNET_CHECK(record::insert(connection, run));
  return run;
}

Status note_target(store::Connection& connection, const RunTarget& target, std::int64_t cost_micros) {
  LINNET_CHECK(record::insert(connection, target));
  return store::run(connection,
                    R"(UPDATE layer_runs
                       SET tokens_used = COALESCE(tokens_used, 0) + $2, cost_micros = cost_micros + $3
                       WHERE id = $1)",
                    {std::string_view(target.run_id), target.tokens, cost_micros});
}

Status end_run(store::Connection& connection, const std::string& run_id, const std::string& error,
               Instant now) {
  return store::run(connection,
                    R"(UPDATE layer_runs SET status = $2, error = $3, completed_at = $4
                       WHERE id = $1 AND status = 'running')",
                    {std::string_view(run_id), error.empty() ? "completed" : "failed",
                     store::text_or_null(error), to_micros(now)});
}

Result<std::optional<LayerRun>> fail_cut_off_runs(store::Connection& connection, const std::string& layer,
                                                  const std::string& but_for, Instant now) {
  LINNET_TRY(
      auto cut_off,
      record::find_all<LayerRun>(
          connection, "layer_name = $1 AND status = 'running' AND id <> $2 ORDER BY started_at DESC, id DESC",
          {std::string_view(layer), std::string_view(but_for)}));
  for (auto& run : cut_off) {
    run.error = kCutOff;
    LINNET_CHECK(end_run(connection, run.id, run.error, now));
    run.status = RunStatus::failed;
  }
  return cut_off.empty() ? std::optional<LayerRun>() : std::optional(std::move(cut_off.front()));
}

Result<std::vector<LayerRun>> list_runs(store::Connection& connection, const RunFilter& filter) {
  return record::find_all<LayerRun>(
      connection,
      R"(($1 = '' OR layer_name = $1) AND ($2 = '' OR status = $2) AND started_at >= $3 AND ($4 = '' OR id < $4)
         ORDER BY started_at DESC, id DESC LIMIT $5)",
      {std::string_view(filter.layer_name), filter.status ? enum_name(*filter.status) : std::string_view(),
       filter.since ? to_micros(*filter.since) : 0, std::string_view(filter.before_id), filter.limit});
}

Result<std::optional<LayerRun>> find_run(store::Connection& connection, const std::string& id) {
  return record::find_first<LayerRun>(connection, "id = $1", {std::string_view(id)});
}

Result<std::vector<RunTarget>> targets_of(store::Connection& connection, const std::string& run_id) {
  return record::find_all<RunTarget>(connection, "run_id = $1 ORDER BY position", {std::string_view(run_id)});
}

Result<std::vector<std::string>> left_of(store::Connection& connection, const LayerRun& run) {
  LINNET_TRY(const auto ended, targets_of(connection, run.id));
  std::set<std::string> done;
  for (const auto& target : ended) done.insert(target.topic_key);
  std::vector<std::string> left = run.targets;
  std::erase_if(left, [&](const std::string& key) { return done.contains(key); });
  return left;
}

Result<RunSummary> summarise_runs(store::Connection& connection, Instant since) {
  RunSummary summary;
  LINNET_CHECK(store::for_each_row(connection,
                                   R"(SELECT count(*), count(CASE WHEN status = 'completed' THEN 1 END),
                                        count(CASE WHEN status = 'failed' THEN 1 END),
                                        count(CASE WHEN status = 'running' THEN 1 END),
                                        CAST(COALESCE(sum(tokens_used), 0) AS BIGINT),
                                        CAST(COALESCE(sum(cost_micros), 0) AS BIGINT)
                                      FROM layer_runs WHERE started_at >= $1)",
                                   {to_micros(since)}, [&](const store::Statement& row) {
                                     summary = {
                                         row.integer(0), row.integer(1), row.integer(2), row.integer(3), 0,
                                         row.integer(4), row.integer(5)};
                                   }));
  LINNET_TRY(const auto insights, store::query_integer(connection,
                                                       R"(SELECT count(t.insight_id) FROM layer_run_targets t
                                     JOIN layer_runs r ON r.id = t.run_id WHERE r.started_at >= $1)",
                                                       {to_micros(since)}));
  summary.insights = insights.value_or(0);
  return summary;
}

}  // namespace linnet::reflect

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::reflect::RunSummary>() {
  using linnet::reflect::RunSummary;
  static const Entity described =
      entity<RunSummary>({.name = "LayerRunSummary"},
                         {field<&RunSummary::total>("total"), field<&RunSummary::completed>("completed"),
                          field<&RunSummary::failed>("failed"), field<&RunSummary::running>("running"),
                          field<&RunSummary::insights>("insights"), field<&RunSummary::tokens>("tokens"),
                          field<&RunSummary::cost_micros>("cost_micros")});
  return described;
}
