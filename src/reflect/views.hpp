// Layers, runs and insights as programs see them: the API answers with these, and commands print them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "reflect/catalog.hpp"
#include "reflect/insight.hpp"
#include "store/connection.hpp"

namespace linnet::reflect {

struct MistakeView {
  std::int64_t line = 0, column = 0;
  std::string message;
};

struct LayerView {
  std::string name, category, goal, description, schedule, zone, target_category, target_filter, version,
      source;
  Scope scope = Scope::open;
  std::int64_t max_targets = 0;
  std::vector<std::string> steps;
  std::vector<MistakeView> mistakes;  // of a file that cannot be read: then the rest is empty
  std::optional<Instant> next_at;     // absent: only when it is asked for
  std::string last_run, last_status;
};
struct LayerDetail {
  LayerView layer;
  std::string text;
};
Result<std::vector<LayerView>> layer_views(store::Connection& connection, const std::filesystem::path& folder,
                                           Instant now);
// `not_found` says what there is.
Result<LayerDetail> layer_detail(store::Connection& connection, const std::filesystem::path& folder,
                                 const std::string& name, Instant now);
std::vector<MistakeView> views_of(const std::vector<Mistake>& mistakes);

struct RunDetail {
  LayerRun run;
  std::vector<RunTarget> outcome;
};
Result<RunDetail> run_detail(store::Connection& connection, const std::string& id);

// An insight with what it was made of, the run that made it, and those whose place it took.
struct InsightDetail {
  Insight insight;
  std::vector<Source> sources;
  std::optional<LayerRun> run;
  std::vector<Insight> chain;  // it, and those before it
};
Result<InsightDetail> insight_detail(store::Connection& connection, Scope most, const std::string& id,
                                     Instant now);

// What steps there are and what each takes, for an editor.
struct ParamView {
  std::string name, type, choices, otherwise, means;
  bool is_required = false;
};
struct NodeView {
  std::string type, means;
  std::vector<ParamView> params;
};
std::vector<NodeView> node_views();

}  // namespace linnet::reflect

namespace linnet::record {

template <>
const Entity& entity_of<reflect::MistakeView>();
template <>
const Entity& entity_of<reflect::LayerView>();
template <>
const Entity& entity_of<reflect::LayerDetail>();
template <>
const Entity& entity_of<reflect::RunDetail>();
template <>
const Entity& entity_of<reflect::InsightDetail>();
template <>
const Entity& entity_of<reflect::ParamView>();
template <>
const Entity& entity_of<reflect::NodeView>();

}  // namespace linnet::record
