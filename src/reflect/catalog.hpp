// The layers there are: those that come with the program, and those of the data folder, which win by their
// name.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reflect/layer_file.hpp"

namespace linnet::reflect {

// Files in layers/, made into constants when the program is built.
struct ShippedLayer {
  const char* file;  // "nightly-user.yaml"
  const char* text;
};
std::span<const ShippedLayer> shipped_layers();

struct LayerFile {
  std::string name;    // of the layer; of a file that cannot be read its own, without .yaml
  std::string source;  // "shipped", or the file's path
  std::string text;
  LayerReading reading;
};
// By name. `folder` is DATA/layers; it need not be there. Files that are no layer are told with their
// mistakes.
Result<std::vector<LayerFile>> list_layers(const std::filesystem::path& folder);
// nullopt where there is none of the name; `invalid` with its mistakes where it cannot be read.
Result<std::optional<Layer>> find_layer(const std::filesystem::path& folder, const std::string& name);

// Keeps a layer in the folder, in place of the shipped one where that has its name. `invalid` with every
// mistake.
Result<Layer> keep_layer(const std::filesystem::path& folder, const std::string& text);

}  // namespace linnet::reflect
