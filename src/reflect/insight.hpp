// What was understood, of what, in which run, and from what; as the seed's data model has it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/enum_names.hpp"
#include "base/ids.hpp"
#include "base/instant.hpp"
#include "reflect/scope.hpp"
#include "store/record/entity.hpp"

namespace linnet::reflect {

struct Insight {
  std::string id;  // ULID
  std::string topic_key;
  std::string category;
  std::string
      content;  // what a person corrected it to, where one did; empty once its sources were taken back
  Scope sources_scope_max = Scope::dm;
  Instant created_at{};
  std::optional<Instant> expires_at;
  std::string layer_run_id;
  std::string supersedes;       // empty: none
  std::string superseded_by;    // empty: it is the newest of its chain
  std::string metadata = "{}";  // JSON: confidence, importance, novelty, tags, open_questions, who made it
  // What people said of it.
  std::optional<std::int64_t> rating;  // 1 to 5
  std::string correction;
  bool is_pinned = false;
  std::string judged_by;
  std::optional<Instant> judged_at;
  std::optional<Instant> withdrawn_at;
  std::string withdrawn_by, withdrawn_why;
  bool is_to_be_remade = false;
};

// A person's correction stands in its place.
inline const std::string& words_of(const Insight& insight) {
  return insight.correction.empty() ? insight.content : insight.correction;
}

enum class SourceKind { message, post, dm, reaction, insight };
BOOST_DESCRIBE_ENUM(SourceKind, message, post, dm, reaction, insight)

// One thing of which an insight was made: an id, never words.
struct Source {
  SourceKind kind{};
  InstanceId instance{};  // 0: of none
  std::string id;
  std::string person_id;  // whose it is; empty: nobody's
  Scope scope = Scope::dm;
  Instant made_at{};
};

enum class RunStatus { running, completed, failed };
BOOST_DESCRIBE_ENUM(RunStatus, running, completed, failed)

struct LayerRun {
  std::string id;  // ULID
  std::string layer_name, layer_version;
  Instant started_at{};
  std::optional<Instant> completed_at;
  RunStatus status = RunStatus::running;
  std::vector<std::string> targets;  // keys of topics
  std::optional<std::int64_t> tokens_used;
  std::string error;
  Scope scope = Scope::open;
  std::string asked_by;   // empty: the schedule
  std::string continues;  // the run that was cut off; empty: none
  std::int64_t cost_micros = 0;
};

enum class TargetState { done, nothing, failed };
BOOST_DESCRIBE_ENUM(TargetState, done, nothing, failed)

// What came of one target.
struct RunTarget {
  std::string run_id;
  std::int64_t position = 0;
  std::string topic_key;
  TargetState state{};
  std::string insight_id;  // empty: none
  std::int64_t tokens = 0;
  std::string error;
  std::string output;  // "text" or "json": the layer shows the insight so; empty: it does not
  Instant ended_at{};
};

}  // namespace linnet::reflect

namespace linnet::record {

template <>
const Entity& entity_of<reflect::Insight>();
template <>
const Entity& entity_of<reflect::Source>();
template <>
const Entity& entity_of<reflect::LayerRun>();
template <>
const Entity& entity_of<reflect::RunTarget>();

}  // namespace linnet::record
