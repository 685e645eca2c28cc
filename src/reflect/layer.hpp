// A layer: which topics are thought about, when, and by which steps.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reflect/node_schema.hpp"
#include "reflect/scope.hpp"
#include "reflect/target_filter.hpp"
#include "reflect/yaml_tree.hpp"

namespace linnet::reflect {

// What a step is told, as its schema has it: what was left out is not there when it has no default.
struct ParamValue {
  std::string_view name;  // of the schema
  double number = 0;      // also of a flag: 1 is yes
  std::string word;
  std::vector<std::string> words;
};

struct LayerNode {
  NodeType type{};
  std::string name;  // for people: "nodes[2]" where the file gives none
  Place at;
  std::vector<ParamValue> params;

  [[nodiscard]] const ParamValue* find(std::string_view param) const;
  // Of one that has a default; 0, "" and no without.
  [[nodiscard]] std::int64_t whole(std::string_view param) const;
  [[nodiscard]] double number(std::string_view param) const;
  [[nodiscard]] bool flag(std::string_view param) const { return whole(param) != 0; }
  [[nodiscard]] std::string word(std::string_view param) const;
};

struct Layer {
  std::string name;
  std::string category;  // of its insights, where a step says nothing else
  std::string goal, description;
  std::string schedule;  // as cron writes it; empty: only when it is asked for
  std::string zone = "UTC";
  std::string target_category;
  TargetFilter filter;
  std::int64_t max_targets = 10;
  // The widest privacy of what it reads, and so of what it gives.
  Scope scope = Scope::open;
  std::vector<LayerNode> nodes;
  std::string version;  // of the file: the first 16 hexadecimal digits of its SHA-256
  std::string source;   // "shipped", or the file's name
};

// The categories of topics that a layer may be about.
std::vector<std::string_view> target_categories();

}  // namespace linnet::reflect
