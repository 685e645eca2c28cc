// Layers as people write them, in YAML.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reflect/layer.hpp"

namespace linnet::reflect {

struct LayerReading {
  std::optional<Layer> layer;     // when there is no mistake
  std::vector<Mistake> mistakes;  // in the order of the file
};
LayerReading read_layer(std::string_view text);

// "FILE:12:7: lookback_hours: expected …", a line for each.
std::string in_words(std::string_view file, const std::vector<Mistake>& mistakes);

}  // namespace linnet::reflect
