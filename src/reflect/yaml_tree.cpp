#include "reflect/yaml_tree.hpp"

#include <fmt/format.h>
#include <libfyaml.h>

#include <memory>

#include "base/text.hpp"

namespace linnet::reflect {
namespace {

template <auto Destroy>
struct Freed {
  template <typename T>
  void operator()(T* held) const {
    Destroy(held);
  }
};
using Diagnostics = std::unique_ptr<fy_diag, Freed<&fy_diag_destroy>>;
using Parser = std::unique_ptr<fy_parser, Freed<&fy_parser_destroy>>;
using Document = std::unique_ptr<fy_document, Freed<&fy_document_destroy>>;

// libfyaml counts lines and columns of its marks from 0, those of its errors from 1. The mark of what stands
// in quotes is behind the first of them.
Place place_of(fy_token* token, Place otherwise) {
  const auto* const mark = token == nullptr ? nullptr : fy_token_start_mark(token);
  if (mark == nullptr) return otherwise;
  const auto style = fy_token_scalar_style(token);
  const bool is_quoted = style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
  return {mark->line + 1, mark->column + (is_quoted ? 0 : 1)};
}

std::string text_of(fy_node* node) {
  std::size_t length = 0;
  const auto* const text = fy_node_get_scalar(node, &length);
  return text == nullptr ? std::string() : std::string(text, length);
}

// From the library's nodes to ours, with what is refused on the way.
class Copier {
 public:
  explicit Copier(std::vector<Mistake>& mistakes) : mistakes_(mistakes) {}

  YamlNode copy(fy_node* node, Place at, int depth) {
    YamlNode made;
    made.at = at;
    if (is_over_) return made;
    if (depth > kDeepestYaml)
      return stop(made, fmt::format("lists and maps within one another: expected at most {}", kDeepestYaml));
    if (++nodes_ > kMostYamlNodes)
      return stop(made, fmt::format("expected at most {} values in a file", kMostYamlNodes));
    if (node == nullptr) return made;
    if (fy_node_is_alias(node)) {
      made.at = place_of(fy_node_get_scalar_token(node), at);
      mistakes_.push_back({made.at, "aliases (*name) are not taken here; write the value out"});
      return made;
    }
    refuse_marks(node, at);
    switch (fy_node_get_type(node)) {
      case FYNT_SCALAR:
        copy_scalar(node, made);
        break;
      case FYNT_SEQUENCE:
        copy_list(node, made, depth);
        break;
      case FYNT_MAPPING:
        copy_map(node, made, depth);
        break;
    }
    return made;
  }

 private:
  YamlNode& stop(YamlNode& node, std::string what) {
    mistakes_.push_back({node.at, std::move(what)});
    is_over_ = true;
    return node;
  }

  void refuse_marks(fy_node* node, Place at) {
    if (fy_node_get_anchor(node) != nullptr)
      mistakes_.push_back({at, "anchors (&name) are not taken here; write the value out where it is needed"});
    std::size_t length = 0;
    if (fy_node_get_tag(node, &length) != nullptr)
      mistakes_.push_back({at, "tags (!name) are not taken here; leave it out"});
  }

  static void copy_scalar(fy_node* node, YamlNode& made) {
    auto* const token = fy_node_get_scalar_token(node);
    made.at = place_of(token, made.at);
    made.text = text_of(node);
    made.is_plain = token == nullptr || fy_token_scalar_style(token) == FYSS_PLAIN;
  }

  void copy_list(fy_node* node, YamlNode& made, int depth) {
    made.kind = YamlNode::Kind::list;
    void* position = nullptr;
    while (auto* const item = fy_node_sequence_iterate(node, &position)) {
      made.items.push_back(copy(item, start_of(item, made.at), depth + 1));
      if (is_over_) return;
    }
  }

  void copy_map(fy_node* node, YamlNode& made, int depth) {
    made.kind = YamlNode::Kind::map;
    void* position = nullptr;
    while (auto* const pair = fy_node_mapping_iterate(node, &position)) {
      auto* const key_node = fy_node_pair_key(pair);
      auto key = copy(key_node, start_of(key_node, made.at), depth + 1);
      if (key.kind != YamlNode::Kind::scalar) {
        mistakes_.push_back({key.at, "expected a name before the colon, not a list or a map"});
        key = {.at = key.at};
      }
      auto* const value_node = fy_node_pair_value(pair);
      auto value = copy(value_node, start_of(value_node, key.at), depth + 1);
      if (key.is_plain && key.text == "<<")
        mistakes_.push_back({key.at, "merge keys (<<) are not taken here; write the values out"});
      else if (made.find(key.text) != nullptr)
        mistakes_.push_back(
            {key.at, fmt::format("\"{}\" stands here a second time", truncate_utf8(key.text, 60))});
      else
        made.members.emplace_back(std::move(key), std::move(value));
      if (is_over_) return;
    }
  }

  // Where a value begins: a list or a map at its first own token.
  static Place start_of(fy_node* node, Place otherwise) {
    if (node == nullptr) return otherwise;
    switch (fy_node_get_type(node)) {
      case FYNT_SCALAR:
        return place_of(fy_node_get_scalar_token(node), otherwise);
      case FYNT_SEQUENCE: {
        auto* const first = fy_node_sequence_get_by_index(node, 0);
        return first == nullptr ? otherwise : start_of_first(first, otherwise);
      }
      case FYNT_MAPPING: {
        auto* const first = fy_node_mapping_get_by_index(node, 0);
        return first == nullptr ? otherwise : start_of_first(fy_node_pair_key(first), otherwise);
      }
    }
    return otherwise;
  }
  // The parser bounds how deep nodes go, so that this ends soon.
  static Place start_of_first(fy_node* node, Place otherwise) { return start_of(node, otherwise); }

  std::vector<Mistake>& mistakes_;
  int nodes_ = 0;
  bool is_over_ = false;
};

void take_errors(fy_diag* diagnostics, std::vector<Mistake>& mistakes) {
  void* position = nullptr;
  while (const auto* const error = fy_diag_errors_iterate(diagnostics, &position)) {
    if (error->type != FYET_ERROR || error->msg == nullptr) continue;
    mistakes.push_back({{std::max(error->line, 1), std::max(error->column, 1)}, std::string(error->msg)});
  }
}

// libfyaml takes any byte in a comment; what people write is UTF-8 without control characters.
std::vector<Mistake> odd_bytes(std::string_view text) {
  if (text.size() > kLargestYaml)
    return {{{1, 1}, fmt::format("expected a file of at most {} bytes, got {}", kLargestYaml, text.size())}};
  Place at;
  for (const char c : text) {
    if (c == '\n') {
      ++at.line;
      at.column = 1;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 && c != '\t' && c != '\r') return {{at, "expected text, found a control character"}};
    ++at.column;
  }
  if (!is_valid_utf8(text)) return {{{1, 1}, "expected text in UTF-8"}};
  return {};
}

YamlReading failed(std::vector<Mistake> mistakes, std::string otherwise) {
  if (mistakes.empty()) mistakes.push_back({{1, 1}, std::move(otherwise)});
  return {.root = {}, .mistakes = std::move(mistakes)};
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view name) const {
  for (const auto& [key, value] : members)
    if (key.text == name) return &value;
  return nullptr;
}

YamlReading read_yaml(std::string_view text) {
  if (auto odd = odd_bytes(text); !odd.empty()) return failed(std::move(odd), {});
  fy_diag_cfg how{};
  fy_diag_cfg_default(&how);
  how.fp = nullptr;
  how.output_fn = [](fy_diag*, void*, const char*, std::size_t) {};
  const Diagnostics diagnostics(fy_diag_create(&how));
  if (!diagnostics) return failed({}, "there is no memory left to read it");
  fy_diag_set_collect_errors(diagnostics.get(), true);
  fy_parse_cfg settings{};
  settings.flags = static_cast<fy_parse_cfg_flags>(FYPCF_QUIET | FYPCF_COLLECT_DIAG);
  settings.diag = diagnostics.get();
  const Parser parser(fy_parser_create(&settings));
  if (!parser || fy_parser_set_string(parser.get(), text.data(), text.size()) != 0)
    return failed({}, "there is no memory left to read it");
  std::vector<Mistake> mistakes;
  const Document document(fy_parse_load_document(parser.get()));
  take_errors(diagnostics.get(), mistakes);
  if (!document || !mistakes.empty())
    return failed(std::move(mistakes), "expected a map of settings, found nothing");
  YamlReading reading;
  Copier copier(mistakes);
  reading.root = copier.copy(fy_document_root(document.get()), {1, 1}, 0);
  const Document second(fy_parse_load_document(parser.get()));
  take_errors(diagnostics.get(), mistakes);
  if (second) mistakes.push_back({{1, 1}, "expected one document in the file; \"---\" begins another"});
  reading.mistakes = std::move(mistakes);
  return reading;
}

}  // namespace linnet::reflect
