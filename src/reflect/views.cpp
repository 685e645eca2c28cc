#include "reflect/views.hpp"

#include <fmt/format.h>

#include "jobs/cron_expression.hpp"
#include "reflect/insights.hpp"
#include "reflect/runs.hpp"

namespace linnet::reflect {
namespace {

LayerView view_of_file(const LayerFile& file) {
  LayerView view;
  view.name = file.name;
  view.source = file.source;
  view.mistakes = views_of(file.reading.mistakes);
  if (!file.reading.layer) return view;
  const auto& layer = *file.reading.layer;
  view.category = layer.category;
  view.goal = layer.goal;
  view.description = layer.description;
  view.schedule = layer.schedule;
  view.zone = layer.zone;
  view.target_category = layer.target_category;
  view.target_filter = layer.filter.text();
  view.version = layer.version;
  view.scope = layer.scope;
  view.max_targets = layer.max_targets;
  for (const auto& node : layer.nodes) view.steps.emplace_back(enum_name(node.type));
  return view;
}

Status add_what_was(store::Connection& connection, LayerView& view, Instant now) {
  if (!view.schedule.empty()) {
    const auto cron = jobs::CronExpression::parse("schedule", view.schedule);
    const auto next = cron ? cron->next_after(now, view.zone) : Result<Instant>(cron.error());
    if (next) view.next_at = *next;
  }
  LINNET_TRY(const auto runs, list_runs(connection, {.layer_name = view.name, .limit = 1}));
  if (runs.empty()) return {};
  view.last_run = runs.front().id;
  view.last_status = enum_name(runs.front().status);
  return {};
}

std::string_view type_name(Param::Type type) {
  switch (type) {
    case Param::Type::whole:
      return "whole number";
    case Param::Type::number:
      return "number";
    case Param::Type::flag:
      return "yes or no";
    case Param::Type::word:
      return "name";
    case Param::Type::words:
      break;
  }
  return "list of names";
}

}  // namespace

std::vector<MistakeView> views_of(const std::vector<Mistake>& mistakes) {
  std::vector<MistakeView> views;
  for (const auto& one : mistakes) views.push_back({one.at.line, one.at.column, one.what});
  return views;
}

Result<std::vector<LayerView>> layer_views(store::Connection& connection, const std::filesystem::path& folder,
                                           Instant now) {
  LINNET_TRY(const auto files, list_layers(folder));
  std::vector<LayerView> views;
  for (const auto& file : files) {
    auto view = view_of_file(file);
    LINNET_CHECK(add_what_was(connection, view, now));
    views.push_back(std::move(view));
  }
  return views;
}

Result<LayerDetail> layer_detail(store::Connection& connection, const std::filesystem::path& folder,
                                 const std::string& name, Instant now) {
  LINNET_TRY(const auto files, list_layers(folder));
  std::string known;
  for (const auto& file : files) {
    known += fmt::format("{}{}", known.empty() ? "" : ", ", file.name);
    if (file.name != name) continue;
    LayerDetail detail{view_of_file(file), file.text};
    LINNET_CHECK(add_what_was(connection, detail.layer, now));
    return detail;
  }
  return not_found(fmt::format("name: there is no layer {}; there are {}", name.substr(0, 60), known));
}

Result<RunDetail> run_detail(store::Connection& connection, const std::string& id) {
  LINNET_TRY(auto run, find_run(connection, id));
  if (!run) return not_found("id: there is no run " + id.substr(0, 40));
  LINNET_TRY(auto outcome, targets_of(connection, id));
  return RunDetail{std::move(*run), std::move(outcome)};
}

Result<InsightDetail> insight_detail(store::Connection& connection, Scope most, const std::string& id,
                                     Instant now) {
  LINNET_TRY(auto insight, find_insight(connection, most, id, now));
  if (!insight) return not_found("id: there is no insight " + id.substr(0, 40));
  InsightDetail detail{.insight = std::move(*insight)};
  LINNET_TRY(detail.sources, sources_of(connection, id));
  LINNET_TRY(detail.run, find_run(connection, detail.insight.layer_run_id));
  LINNET_TRY(detail.chain, chain_of(connection, most, detail.insight, now));
  return detail;
}

std::vector<NodeView> node_views() {
  std::vector<NodeView> views;
  for (const auto& schema : node_schemas()) {
    NodeView view{std::string(enum_name(schema.type)), std::string(schema.means), {}};
    for (const auto& param : schema.params) {
      view.params.push_back({std::string(param.name), std::string(type_name(param.type)),
                             std::string(param.choices), std::string(param.otherwise),
                             std::string(param.means), param.is_required});
    }
    views.push_back(std::move(view));
  }
  return views;
}

}  // namespace linnet::reflect

namespace linnet::record {

using namespace linnet::reflect;

template <>
const Entity& entity_of<MistakeView>() {
  static const Entity described = entity<MistakeView>(
      {.name = "LayerMistake"}, {field<&MistakeView::line>("line"), field<&MistakeView::column>("column"),
                                 field<&MistakeView::message>("message")});
  return described;
}
template <>
const Entity& entity_of<LayerView>() {
  static const Entity described = entity<LayerView>(
      {.name = "Layer"},
      {field<&LayerView::name>("name").like("nightly-user"), field<&LayerView::category>("category"),
       field<&LayerView::goal>("goal"), field<&LayerView::description>("description"),
       field<&LayerView::schedule>("schedule").or_null_in_json().like("0 3 * * *"),
       field<&LayerView::zone>("time_zone").like("UTC"), field<&LayerView::scope>("scope"),
       field<&LayerView::target_category>("target_category"),
       field<&LayerView::target_filter>("target_filter"), field<&LayerView::max_targets>("max_targets"),
       field<&LayerView::steps>("steps"), field<&LayerView::version>("version"),
       field<&LayerView::source>("source").like("shipped"), field<&LayerView::mistakes>("mistakes"),
       field<&LayerView::next_at>("next_at"), field<&LayerView::last_run>("last_run").or_null_in_json(),
       field<&LayerView::last_status>("last_status").or_null_in_json()});
  return described;
}
template <>
const Entity& entity_of<LayerDetail>() {
  static const Entity described = entity<LayerDetail>(
      {.name = "LayerDetail", .bases = {within<&LayerDetail::layer>()}}, {field<&LayerDetail::text>("text")});
  return described;
}
template <>
const Entity& entity_of<RunDetail>() {
  static const Entity described =
      entity<RunDetail>({.name = "LayerRunDetail", .bases = {within<&RunDetail::run>()}},
                        {field<&RunDetail::outcome>("outcome")});
  return described;
}
template <>
const Entity& entity_of<InsightDetail>() {
  static const Entity described =
      entity<InsightDetail>({.name = "InsightDetail", .bases = {within<&InsightDetail::insight>()}},
                            {field<&InsightDetail::sources>("sources"), field<&InsightDetail::run>("run"),
                             field<&InsightDetail::chain>("chain")});
  return described;
}
template <>
const Entity& entity_of<ParamView>() {
  static const Entity described =
      entity<ParamView>({.name = "LayerParam"},
                        {field<&ParamView::name>("name"), field<&ParamView::type>("type"),
                         field<&ParamView::is_required>("is_required"), field<&ParamView::choices>("choices"),
                         field<&ParamView::otherwise>("default"), field<&ParamView::means>("means")});
  return described;
}
template <>
const Entity& entity_of<NodeView>() {
  static const Entity described = entity<NodeView>(
      {.name = "LayerNode"},
      {field<&NodeView::type>("type"), field<&NodeView::means>("means"), field<&NodeView::params>("params")});
  return described;
}

}  // namespace linnet::record
