#include "reflect/catalog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "base/ascii.hpp"

namespace linnet::reflect {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostLayerFiles = 500;

Result<std::string> read_whole(const fs::path& path) {
  std::error_code code;
  const auto size = fs::file_size(path, code);
  if (code) return unavailable(fmt::format("{}: {}", path.string(), code.message()));
  if (size > kLargestYaml)
    return invalid(fmt::format("{}: expected a file of at most {} bytes", path.string(), kLargestYaml));
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return unavailable(fmt::format("{}: it cannot be read", path.string()));
  return std::move(text).str();
}

LayerFile layer_file(std::string stem, std::string source, std::string text) {
  LayerFile file{.name = std::move(stem), .source = std::move(source), .text = std::move(text)};
  file.reading = read_layer(file.text);
  if (!file.reading.layer) return file;
  file.name = file.reading.layer->name;
  file.reading.layer->source = file.source;
  return file;
}

bool is_file_name(std::string_view name) {
  return !name.empty() && name.size() <= 80 &&
         std::ranges::all_of(name, [](char c) { return ascii::is_alphanumeric(c) || c == '-' || c == '_'; });
}

}  // namespace

Result<std::vector<LayerFile>> list_layers(const fs::path& folder) {
  std::map<std::string, LayerFile> layers;
  for (const auto& shipped : shipped_layers()) {
    auto file = layer_file(fs::path(shipped.file).stem().string(), "shipped", shipped.text);
    layers.insert_or_assign(file.name, std::move(file));
  }
  std::error_code code;
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    const auto extension = entry.path().extension();
    if ((extension == ".yaml" || extension == ".yml") && entry.is_regular_file(code))
      paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  if (paths.size() > kMostLayerFiles) paths.resize(kMostLayerFiles);
  for (const auto& path : paths) {
    LINNET_TRY(auto text, read_whole(path));
    auto file = layer_file(path.stem().string(), path.string(), std::move(text));
    layers.insert_or_assign(file.name, std::move(file));
  }
  std::vector<LayerFile> all;
  all.reserve(layers.size());
  for (auto& [name, file] : layers) all.push_back(std::move(file));
  return all;
}

Result<std::optional<Layer>> find_layer(const fs::path& folder, const std::string& name) {
  LINNET_TRY(auto all, list_layers(folder));
  for (auto& file : all) {
    if (file.name != name) continue;
    if (!file.reading.layer) return invalid(in_words(file.source, file.reading.mistakes));
    return std::optional(std::move(*file.reading.layer));
  }
  return std::optional<Layer>();
}

Result<Layer> keep_layer(const fs::path& folder, const std::string& text) {
  auto reading = read_layer(text);
  if (!reading.layer) return invalid(in_words("layer", reading.mistakes));
  if (!is_file_name(reading.layer->name))
    return invalid("name: expected letters, digits, \"-\" and \"_\", so that a file can be called so");
  if (folder.empty()) return unavailable("there is no data folder here in which a layer could be kept");
  std::error_code code;
  fs::create_directories(folder, code);
  fs::permissions(folder, fs::perms::owner_all, code);
  const auto path = folder / (reading.layer->name + ".yaml");
  const auto partial = folder / ("." + reading.layer->name + ".partial");
  {
    std::ofstream file(partial, std::ios::binary | std::ios::trunc);
    file << text;
    file.flush();
    if (!file) return unavailable(fmt::format("{}: it cannot be written", partial.string()));
  }
  fs::rename(partial, path, code);
  if (code) return unavailable(fmt::format("{}: {}", path.string(), code.message()));
  reading.layer->source = path.string();
  return std::move(*reading.layer);
}

}  // namespace linnet::reflect
