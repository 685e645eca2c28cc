// A stranger's YAML as a tree that knows where each of its values stands. Only what a file of settings needs
// is taken: no anchors, aliases, merge keys or tags, so that nothing can grow or go in a circle.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace linnet::reflect {

// Both count from 1.
struct Place {
  int line = 1;
  int column = 1;
};

// What is wrong, where, and what was expected in its stead.
struct Mistake {
  Place at;
  std::string what;
};

struct YamlNode {
  enum class Kind { scalar, list, map };
  Kind kind = Kind::scalar;
  Place at;
  std::string text;             // of a scalar
  bool is_plain = false;        // a scalar without quotes, which may be a number or yes or no
  std::vector<YamlNode> items;  // of a list
  std::vector<std::pair<YamlNode, YamlNode>> members;  // of a map, in their order; each key is there once
  [[nodiscard]] const YamlNode* find(std::string_view name) const;
};

inline constexpr std::size_t kLargestYaml = std::size_t{128} << 10U;
inline constexpr int kDeepestYaml = 16;
inline constexpr int kMostYamlNodes = 5'000;

// The document, or what is wrong with it: `mistakes` is empty when it could be read.
struct YamlReading {
  YamlNode root;
  std::vector<Mistake> mistakes;
};
YamlReading read_yaml(std::string_view text);

}  // namespace linnet::reflect
