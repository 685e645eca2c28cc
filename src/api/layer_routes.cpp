// Layers: looked at, tried, run and kept.
#include "api/parameters.hpp"
#include "api/shapes.hpp"
#include "api/typed_routes.hpp"
#include "reflect/layer_run.hpp"
#include "reflect/runs.hpp"
#include "reflect/views.hpp"

namespace linnet::api {
namespace {

using govern::Permission;
using reflect::LayerRun;

Result<Page<reflect::LayerView>> layers(const Call& call) {
  const auto& given = call.api.dependencies;
  LINNET_TRY(auto reader, given.database.reader());
  LINNET_TRY(auto views, reflect::layer_views(*reader, given.layers, given.clock.now()));
  return Page<reflect::LayerView>{std::move(views)};
}

Result<reflect::LayerDetail> layer(const Call& call) {
  const auto& given = call.api.dependencies;
  LINNET_TRY(auto reader, given.database.reader());
  return reflect::layer_detail(*reader, given.layers, call.path[0], given.clock.now());
}

Result<Page<reflect::NodeView>> nodes(const Call& /*call*/) {
  return Page<reflect::NodeView>{reflect::node_views()};
}

struct LayerText {
  std::string text;
};
struct LayerCheck {
  bool is_valid = false;
  std::vector<reflect::MistakeView> mistakes;
};

Result<LayerCheck> check(const Call& /*call*/, const LayerText& given) {
  const auto reading = reflect::read_layer(given.text);
  return LayerCheck{reading.layer.has_value(), reflect::views_of(reading.mistakes)};
}

Result<reflect::LayerDetail> keep(const Call& call, const LayerText& text) {
  const auto& given = call.api.dependencies;
  LINNET_TRY(const auto kept, reflect::keep_layer(given.layers, text.text));
  LINNET_TRY(auto reader, given.database.reader());
  return reflect::layer_detail(*reader, given.layers, kept.name, given.clock.now());
}

Result<reflect::Layer> one_layer(const Call& call) {
  LINNET_TRY(auto found, reflect::find_layer(call.api.dependencies.layers, call.path[0]));
  if (!found) return not_found("name: there is no layer " + call.path[0].substr(0, 60));
  return std::move(*found);
}

// Its prompts hold what the layer may read.
Result<reflect::LayerPlan> plan(const Call& call, const NoBody& /*none*/) {
  LINNET_TRY(const auto layer, one_layer(call));
  if (!reflect::may_be_seen(layer.scope,
                            call.who.may(Permission::dm_read) ? reflect::Scope::dm : reflect::Scope::open))
    return Error::of(ErrorKind::denied,
                     "the layer reads what is not for everybody: this takes the right \"dm_read\"");
  const auto& given = call.api.dependencies;
  LINNET_TRY(auto reader, given.database.reader());
  const reflect::LayerParts parts{.database = given.database,
                                  .writer = given.writer,
                                  .clock = given.clock,
                                  .box = given.box,
                                  .salience = given.salience};
  return reflect::plan_layer(*reader, parts, reflect::cost_by_providers(*reader), layer);
}

Answer run(const Call& call, const NoBody& /*none*/) {
  LINNET_TRY(const auto layer, one_layer(call));
  jobs::NewJob job;
  job.key = layer.name;
  return ask_for_job(call, "layer", job);
}

Result<std::vector<LayerRun>> runs_of(const Call& call, reflect::RunFilter filter, std::int64_t most) {
  const Parameters given(call.request);
  if (const auto status = given.text("status"); !status.empty()) {
    filter.status = parse_enum<reflect::RunStatus>(status);
    if (!filter.status) return invalid("status: expected running, completed or failed");
  }
  LINNET_TRY(filter.since, given.time("since"));
  filter.limit = most;
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  return reflect::list_runs(*reader, filter);
}

Result<Page<LayerRun>> runs(const Call& call) {
  const Parameters given(call.request);
  LINNET_TRY(const auto limit, given.integer("limit", 50, 1, 500));
  LINNET_TRY(auto found, runs_of(call, {.layer_name = given.text("layer"), .before_id = given.text("cursor")},
                                 limit + 1));
  Page<LayerRun> page;
  if (static_cast<std::int64_t>(found.size()) > limit) {
    found.pop_back();
    page.next = found.back().id;
  }
  page.items = std::move(found);
  return page;
}

Result<reflect::RunDetail> one_run(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  return reflect::run_detail(*reader, call.path[0]);
}

// --- as Zos has it

Result<std::vector<LayerRun>> zos_runs(const Call& call) {
  const Parameters given(call.request);
  LINNET_TRY(const auto offset, given.integer("offset", 0, 0, 100'000));
  LINNET_TRY(const auto limit, given.integer("limit", 20, 1, 100));
  LINNET_TRY(auto found, runs_of(call, {.layer_name = given.text("layer_name")}, offset + limit));
  found.erase(found.begin(), found.begin() + std::min(static_cast<std::ptrdiff_t>(offset),
                                                      static_cast<std::ptrdiff_t>(found.size())));
  return found;
}

Result<reflect::RunSummary> zos_summary(const Call& call) {
  LINNET_TRY(const auto days, Parameters(call.request).integer("days", 7, 1, 30));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  return reflect::summarise_runs(*reader, call.api.dependencies.clock.now() - std::chrono::days(days));
}

}  // namespace
}  // namespace linnet::api

namespace linnet::record {

using namespace linnet::api;

template <>
const Entity& entity_of<LayerText>() {
  static const Entity described = entity<LayerText>(
      {.name = "LayerText"},
      {field<&LayerText::text>("text").required().at_most(reflect::kLargestYaml).means("The file, in YAML")});
  return described;
}
template <>
const Entity& entity_of<LayerCheck>() {
  static const Entity described = entity<LayerCheck>(
      {.name = "LayerCheck"},
      {field<&LayerCheck::is_valid>("is_valid"), field<&LayerCheck::mistakes>("mistakes")});
  return described;
}

}  // namespace linnet::record

namespace linnet::api {

std::vector<Route> layer_routes() {
  using net::Method;
  constexpr auto kLive = Freshness::live;
  return {
      as_command("layer list", typed({Permission::read,
                                      Method::get,
                                      "/api/v1/layers",
                                      "Layers, and when each runs next",
                                      {},
                                      {},
                                      200,
                                      kLive},
                                     layers)),
      as_command("layer show", typed({Permission::read,
                                      Method::get,
                                      "/api/v1/layers/{name}",
                                      "A layer with its text",
                                      {},
                                      {},
                                      200,
                                      kLive},
                                     layer)),
      typed({Permission::read,
             Method::get,
             "/api/v1/layer-nodes",
             "What steps a layer may have, and what each takes",
             {},
             {}},
            nodes),
      typed({Permission::analyze,
             Method::post,
             "/api/v1/layers/check",
             "Whether a text is a layer; else every mistake with its line and column",
             {},
             {},
             200,
             kLive},
            check),
      typed({Permission::rules,
             Method::post,
             "/api/v1/layers",
             "Keep a layer, in place of the one of its name",
             {},
             {},
             201,
             kLive},
            keep),
      typed({Permission::analyze,
             Method::post,
             "/api/v1/layers/{name}/plan",
             "What a run would think about, ask and cost, without asking anybody",
             {},
             {},
             200,
             kLive},
            plan),
      with_body(kSmallBody, answers<StartedJob>(typed({Permission::analyze,
                                                       Method::post,
                                                       "/api/v1/layers/{name}/run",
                                                       "Run a layer now; answers with a job",
                                                       {},
                                                       {},
                                                       202,
                                                       kLive},
                                                      run))),
      as_command("layer runs", typed({Permission::read,
                                      Method::get,
                                      "/api/v1/layer-runs",
                                      "Which layers ran, newest first",
                                      {"layer", "status", "since", "limit", "cursor"},
                                      {},
                                      200,
                                      kLive},
                                     runs)),
      typed({Permission::read,
             Method::get,
             "/api/v1/layer-runs/{id}",
             "A run, and what came of each of its topics",
             {},
             {},
             200,
             kLive},
            one_run),
      typed({Permission::read,
             Method::get,
             "/api/v1/zos/runs",
             "Zos: runs of layers, newest first",
             {"layer_name", "status", "since", "offset", "limit"},
             {},
             200,
             kLive},
            zos_runs),
      typed({Permission::read,
             Method::get,
             "/api/v1/zos/runs/stats/summary",
             "Zos: what the runs of the last days came to",
             {"days"},
             {},
             200,
             kLive},
            zos_summary),
      typed({Permission::read, Method::get, "/api/v1/zos/runs/{id}", "Zos: one run", {}, {}, 200, kLive},
            one_run),
  };
}

}  // namespace linnet::api
