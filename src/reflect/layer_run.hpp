// Running a layer: its targets one after the other, each through the steps of its file. What fails for one
// topic fails for that topic alone.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/secret_box.hpp"
#include "llm/door.hpp"
#include "observe/salience/numbers.hpp"
#include "reflect/answer.hpp"
#include "reflect/insight.hpp"
#include "reflect/layer.hpp"
#include "store/writer.hpp"

namespace linnet::reflect {

// A topic was thought about: what the ledger is told, once what came of it is kept.
struct Spending {
  std::string topic_key;
  std::int64_t tokens = 0;
  std::string run_id;
  std::string server;                   // of the subjects
  std::vector<AnswerSubject> subjects;  // that the answer named; none where not everybody may know of them
};

// What a run stands on; all outlive it.
struct LayerParts {
  store::Database& database;
  store::Writer& writer;
  const Clock& clock;
  llm::LanguageModels* models = nullptr;  // not needed for a plan
  const SecretBox* box = nullptr;         // for direct messages; without it there are none
  salience::Settings salience = {};
  // Books what was spent in the ledger, whose entries follow from the log: not within a transaction.
  std::function<Status(const Spending&, Instant now)> spend = [](const Spending&, Instant) {
    return Status();
  };
};

struct RunOptions {
  std::string asked_by = {};              // empty: the schedule
  std::vector<std::string> targets = {};  // empty: by salience
  // Only what was there then is read: for what is made again of what remains.
  std::optional<Instant> as_of = {};
  std::string replaces = {};       // the insight that is made again
  std::string only_category = {};  // of insights; empty: all that the layer makes
  // A run that was cut off a short time ago is gone on with, in a new run that names it.
  bool goes_on = true;
  std::stop_token stop = {};
  std::function<void(std::int64_t done, std::int64_t total)> on_progress = [](std::int64_t, std::int64_t) {};
};

// `conflict` while another process works at the layer; `cancelled` when it was stopped, its run being failed
// then. A run of which every topic failed is failed, and no error of this function.
Result<LayerRun> run_layer(const LayerParts& parts, const Layer& layer, const RunOptions& options);

// What a run would do, without asking anybody or writing anything.
struct PlannedPrompt {
  std::string step;         // by its name
  std::string prompt;       // the template's
  std::string text;         // as it would be sent; a stand-in for answers that are not there yet
  std::int64_t tokens = 0;  // about: what is sent, and the longest answer
  std::optional<std::int64_t> cost_micros;  // at most; absent where nobody knows
};
struct PlannedTarget {
  std::string topic_key;
  std::int64_t passages = 0;
  Scope scope = Scope::open;  // of what it reads
  std::vector<PlannedPrompt> prompts;
};
struct LayerPlan {
  std::string layer_name;
  std::vector<PlannedTarget> targets;
  std::int64_t tokens = 0;
  std::optional<std::int64_t> cost_micros;
};
// The most that so many tokens can cost, asked of a provider by its id or of whichever is first; absent where
// nobody knows.
using CostOf = std::function<std::optional<std::int64_t>(const std::string& provider, std::int64_t in,
                                                         std::int64_t out)>;
Result<LayerPlan> plan_layer(store::Connection& connection, const LayerParts& parts, const CostOf& cost,
                             const Layer& layer, const std::vector<std::string>& targets = {});
// By the providers' own prices.
CostOf cost_by_providers(store::Connection& connection);

}  // namespace linnet::reflect

namespace linnet::record {

template <>
const Entity& entity_of<reflect::PlannedPrompt>();
template <>
const Entity& entity_of<reflect::PlannedTarget>();
template <>
const Entity& entity_of<reflect::LayerPlan>();

}  // namespace linnet::record
