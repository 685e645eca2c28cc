#include <algorithm>
#include <span>

#include "llm/limits.hpp"
#include "llm/prompt_template.hpp"
#include "llm/prompts.hpp"
#include "reflect/choose_targets.hpp"
#include "reflect/layer_run.hpp"
#include "reflect/target_run.hpp"

namespace linnet::reflect {
namespace {

constexpr std::int64_t kBytesPerPlannedToken = 4;  // about

// What stands in a prompt for an answer that nobody gave yet.
constexpr std::string_view kStandIn = "(what the step before answers)";

// Both parts of the prompt, with what is said of the marks around data.
Result<std::string> as_sent(store::Connection& connection, const std::string& prompt,
                            const llm::Variables& variables) {
  LINNET_TRY(const auto version, llm::find_prompt(connection, prompt, ""));
  const auto mark = llm::data_mark(variables);
  LINNET_TRY(const auto system, llm::render(version.system_text, variables, mark));
  LINNET_TRY(const auto user, llm::render(version.user_text, variables, mark));
  return system + "\n\n" + llm::about_marks(variables, mark) + "\n\n" + user;
}

struct Planner {
  store::Connection& connection;
  const LayerParts& parts;
  const CostOf& cost;
  const Layer& layer;
  std::set<std::string, std::less<>> gated = {};

  Result<PlannedPrompt> plan_call(const LayerNode& node, Gathered& gathered, const std::string& topic) const {
    PlannedPrompt planned{.step = node.name, .prompt = node.word("prompt_template")};
    const auto variables = variables_of(gathered, layer, topic, parts.clock.now());
    LINNET_TRY(planned.text, as_sent(connection, planned.prompt, variables));
    const auto in = static_cast<std::int64_t>(planned.text.size()) / kBytesPerPlannedToken + 1;
    planned.tokens = in + node.whole("max_tokens");
    planned.cost_micros = cost(node.word("model"), in, node.whole("max_tokens"));
    gathered.texts[node.word("store_as")] = kStandIn;
    return planned;
  }

  Result<PlannedTarget> plan_target(const std::string& key, std::span<const LayerNode> nodes,
                                    Gathered& gathered) const {
    LINNET_TRY(const auto topic, salience::parse_topic_key(key));
    PlannedTarget target{.topic_key = key};
    const FetchContext context{.connection = connection,
                               .most = layer.scope,
                               .topic = topic,
                               .key = key,
                               .until = parts.clock.now(),
                               .box = parts.box,
                               .gated_servers = &gated};
    for (const auto& node : nodes) {
      if (is_fetch(node.type)) LINNET_CHECK(gather(context, node, gathered));
      const bool is_asked = node.type == NodeType::llm_call && !gathered.has_nothing();
      if (!is_asked) continue;
      LINNET_TRY(auto planned, plan_call(node, gathered, key));
      target.prompts.push_back(std::move(planned));
    }
    for (const auto& [name, passages] : gathered.passages)
      target.passages += static_cast<std::int64_t>(passages.size());
    target.scope = gathered.scope;
    return target;
  }
};

void add_up(LayerPlan& plan) {
  plan.cost_micros = 0;
  for (const auto& target : plan.targets) {
    for (const auto& prompt : target.prompts) {
      plan.tokens += prompt.tokens;
      if (plan.cost_micros && prompt.cost_micros)
        *plan.cost_micros += *prompt.cost_micros;
      else
        plan.cost_micros.reset();
    }
  }
}

}  // namespace

CostOf cost_by_providers(store::Connection& connection) {
  auto found = llm::list_providers(connection);
  const auto providers = found ? std::move(*found) : std::vector<llm::Provider>();
  return
      [providers](const std::string& id, std::int64_t in, std::int64_t out) -> std::optional<std::int64_t> {
        for (const auto& provider : providers) {
          if (!provider.enabled || (!id.empty() && provider.id != id)) continue;
          return llm::cost_micros(provider.capabilities, in, out);
        }
        return std::nullopt;
      };
}

Result<LayerPlan> plan_layer(store::Connection& connection, const LayerParts& parts, const CostOf& cost,
                             const Layer& layer, const std::vector<std::string>& targets) {
  Planner planner{.connection = connection, .parts = parts, .cost = cost, .layer = layer};
  for (const auto& [server, role] : parts.salience.gate_roles) planner.gated.insert(server);
  auto keys = targets;
  if (keys.empty()) {
    LINNET_TRY(const auto candidates,
               read_candidates(connection, parts.salience.numbers, layer, parts.clock.now()));
    keys = choose_targets(candidates, layer, parts.salience.numbers);
  }
  const auto reduction = std::ranges::find(layer.nodes, NodeType::reduce, &LayerNode::type);
  const auto split = static_cast<std::size_t>(reduction - layer.nodes.begin());
  LayerPlan plan{.layer_name = layer.name};
  for (const auto& key : keys) {
    Gathered gathered;
    LINNET_TRY(auto target, planner.plan_target(key, std::span(layer.nodes).first(split), gathered));
    plan.targets.push_back(std::move(target));
  }
  add_up(plan);
  return plan;
}

}  // namespace linnet::reflect

namespace linnet::record {

using reflect::LayerPlan;
using reflect::PlannedPrompt;
using reflect::PlannedTarget;

template <>
const Entity& entity_of<PlannedPrompt>() {
  static const Entity described = entity<PlannedPrompt>(
      {.name = "PlannedPrompt"},
      {field<&PlannedPrompt::step>("step"), field<&PlannedPrompt::prompt>("prompt"),
       field<&PlannedPrompt::text>("text").means("As it would be sent"),
       field<&PlannedPrompt::tokens>("tokens").means("About: what is sent, and the longest answer"),
       field<&PlannedPrompt::cost_micros>("cost_micros")
           .means("At most, in millionths; null: nobody knows")});
  return described;
}
template <>
const Entity& entity_of<PlannedTarget>() {
  static const Entity described = entity<PlannedTarget>(
      {.name = "PlannedTarget"},
      {field<&PlannedTarget::topic_key>("topic_key"), field<&PlannedTarget::passages>("passages"),
       field<&PlannedTarget::scope>("scope"), field<&PlannedTarget::prompts>("prompts")});
  return described;
}
template <>
const Entity& entity_of<LayerPlan>() {
  static const Entity described =
      entity<LayerPlan>({.name = "LayerPlan"},
                        {field<&LayerPlan::layer_name>("layer_name"), field<&LayerPlan::targets>("targets"),
                         field<&LayerPlan::tokens>("tokens"), field<&LayerPlan::cost_micros>("cost_micros")});
  return described;
}

}  // namespace linnet::record
