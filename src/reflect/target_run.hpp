// One topic on its way through the steps of a layer.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "llm/door.hpp"
#include "reflect/layer_run.hpp"

namespace linnet::reflect {

// What was gathered for a topic so far: what its prompts hold, and so what comes of it is made of.
struct Gathered {
  // By the names that prompts know them by: messages, direct_messages, posts, reactions, insights,
  // layer_runs, and what store_as says.
  std::map<std::string, std::vector<Passage>, std::less<>> passages;
  std::map<std::string, std::string, std::less<>> texts;  // what models said, by store_as
  std::vector<Source> sources;                            // each once
  Scope scope = Scope::open;                              // the widest of them

  [[nodiscard]] bool has_nothing() const { return passages.empty() && texts.empty(); }
  void add(const std::string& name, std::vector<Passage> found);
  // What was gathered for another topic, of which this one is made up.
  void add_sources_of(const Gathered& other);
};

// What stands in a prompt. Strangers' words are always data; `note` and moments are Linnet's own.
llm::Variables variables_of(const Gathered& gathered, const Layer& layer, const std::string& topic_key,
                            Instant now);
llm::Contents contents_of(const Gathered& gathered);

// At most so many bytes of passages go into a prompt: the newest.
inline constexpr std::size_t kMostPromptBytes = 60'000;

// Reads what the step wants. Only what fetch steps are; others change nothing.
Status gather(const FetchContext& context, const LayerNode& node, Gathered& into);
bool is_fetch(NodeType type);

// Whether an answer of this name becomes an insight in one of the steps.
bool becomes_insight(std::span<const LayerNode> nodes, const std::string& name);

// One step that asks a model.
struct Asked {
  std::string text;
  llm::Source source;
  std::int64_t tokens = 0;  // of a built-in answer: about as many as a model would have taken
  std::int64_t cost_micros = 0;
  bool is_built_in = false;
};
Result<Asked> ask(llm::LanguageModels& models, const Layer& layer, const LayerNode& node,
                  const Gathered& gathered, const std::string& topic_key, const std::string& run_id,
                  bool as_insight, Instant now, std::stop_token stop);

}  // namespace linnet::reflect
