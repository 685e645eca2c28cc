#include <filesystem>

#include "app/rooms/rooms.hpp"
#include "base/log.hpp"
#include "jobs/job_store.hpp"
#include "jobs/known_kinds.hpp"
#include "reflect/book_spending.hpp"
#include "reflect/catalog.hpp"
#include "reflect/layer_run.hpp"
#include "reflect/upkeep.hpp"

namespace linnet::app {
namespace {

using jobs::JobContext;

std::filesystem::path layers_folder(const JobParts& parts) {
  return std::filesystem::path(parts.data) / "layers";
}

reflect::LayerParts layer_parts(const JobParts& parts) {
  reflect::LayerParts made{.database = parts.database,
                           .writer = parts.writer,
                           .clock = parts.clock,
                           .models = parts.language_models,
                           .box = &parts.acting.box(),
                           .salience = parts.salience};
  made.spend = [&ingest = parts.ingest](const reflect::Spending& spending, Instant now) {
    return reflect::book_spending(ingest, spending, now);
  };
  return made;
}

// Every layer with a schedule has a job that waits for its next time; of one that is gone, or cannot be read,
// there is none any more.
Status keep_schedules(const JobParts& parts, JobContext& context) {
  context.nothing_to_do();
  const auto* const kind = jobs::find_kind(jobs::known_kinds(), "layer");
  if (kind == nullptr) return internal_error("there is no kind of jobs called layer");
  LINNET_TRY(const auto files, reflect::list_layers(layers_folder(parts)));
  const auto now = parts.clock.now();
  return parts.writer.write([&](store::Connection& connection) -> Status {
    std::set<std::string> kept;
    for (const auto& file : files) {
      if (!file.reading.layer || file.reading.layer->schedule.empty()) continue;
      auto of_layer = *kind;
      of_layer.schedule = file.reading.layer->schedule;
      of_layer.zone = file.reading.layer->zone;
      LINNET_CHECK(jobs::keep_schedule(connection, of_layer, file.name, now));
      kept.insert(file.name);
    }
    constexpr std::int64_t kMost = 10'000;
    LINNET_TRY(const auto there, jobs::list(connection, {.kind = "layer", .is_alive = true, .limit = kMost}));
    for (const auto& job : there) {
      if (!job.schedule.empty() && !kept.contains(job.key))
        LINNET_CHECK(jobs::drop_schedule(connection, "layer", job.key, now));
    }
    return {};
  });
}

Status run_one(const JobParts& parts, JobContext& context) {
  LINNET_TRY(const auto layer, reflect::find_layer(layers_folder(parts), context.job().key));
  if (!layer) return not_found("there is no layer " + context.job().key + " any more");
  const auto layers = layer_parts(parts);
  const auto run = reflect::run_layer(
      layers, *layer,
      {.asked_by = context.job().asked_by,
       .stop = context.stop(),
       .on_progress = [&](std::int64_t done, std::int64_t total) { context.progress(done, total); }});
  if (!run && run.error().kind == ErrorKind::conflict) {
    context.put_off(parts.clock.now() + std::chrono::minutes(1), run.error().safe);
    return {};
  }
  LINNET_CHECK(run ? Status() : Status(run.error()));
  context.set_result({{"run", run->id},
                      {"status", enum_name(run->status)},
                      {"topics", run->targets.size()},
                      {"tokens", run->tokens_used.value_or(0)}});
  return {};
}

Status look_after(const JobParts& parts, JobContext& context) {
  LINNET_TRY(const auto doubt, parts.doubt_of_clock());
  const auto folder = layers_folder(parts);
  LINNET_TRY(const auto done, reflect::look_after_insights(
                                  layer_parts(parts),
                                  [&](const std::string& name) { return reflect::find_layer(folder, name); },
                                  doubt.empty(), context.stop()));
  if (done.is_nothing()) context.nothing_to_do();
  if (!done.is_nothing())
    context.set_result({{"expired", done.expired},
                        {"failed_runs", done.failed_runs},
                        {"remade", done.remade},
                        {"not_remade", done.not_remade}});
  return {};
}

}  // namespace

Room layers_room() {
  return {.name = "layers",
          .commands =
              {
                  {"Understand", cli::add_layer_command},
              },
          .routes = {api::layer_routes, api::insight_routes},
          .jobs =
              {
                  {"layers", keep_schedules},
                  {"layer", run_one},
                  {"insights", look_after},
              },
          .heading = "Understand"};
}

}  // namespace linnet::app
