// What the steps of a layer may be and what each takes. Data: the reader of files, the editor's completion
// and the documentation are made of it.
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include "base/enum_names.hpp"

namespace linnet::reflect {

enum class NodeType {
  fetch_messages,
  fetch_posts,
  fetch_insights,
  fetch_reactions,
  fetch_layer_runs,
  llm_call,
  reduce,
  store_insight,
  synthesize_to_global,
  output,
};
BOOST_DESCRIBE_ENUM(NodeType, fetch_messages, fetch_posts, fetch_insights, fetch_reactions, fetch_layer_runs,
                    llm_call, reduce, store_insight, synthesize_to_global, output)

struct Param {
  enum class Type { whole, number, flag, word, words };
  std::string_view name;
  Type type = Type::whole;
  bool is_required = false;
  double least = 0, most = std::numeric_limits<double>::max();  // of numbers
  std::string_view choices = {};  // of a word: those there are, with spaces between; empty: any name
  std::string_view otherwise =
      {};                       // what it is when it is left out, as the file would say it; empty: nothing
  std::string_view means = {};  // for people
};

struct NodeSchema {
  NodeType type;
  std::string_view means;  // for people
  std::span<const Param> params;
};

std::span<const NodeSchema> node_schemas();
const NodeSchema& schema_of(NodeType type);

}  // namespace linnet::reflect
