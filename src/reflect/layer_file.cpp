#include "reflect/layer_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/ascii.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "jobs/cron_expression.hpp"

namespace linnet::reflect {
namespace {

constexpr std::size_t kMostNodes = 50;
constexpr std::size_t kMostWords = 50;

std::string joined(const std::vector<std::string_view>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

// A name as files, commands and tables have it.
bool is_name(std::string_view text, std::size_t longest) {
  return !text.empty() && text.size() <= longest && std::ranges::all_of(text, [](char c) {
    return ascii::is_alphanumeric(c) || c == '-' || c == '_' || c == ':' || c == '/' || c == '.';
  });
}

std::optional<bool> flag_of(std::string_view text) {
  if (text == "yes" || text == "true") return true;
  if (text == "no" || text == "false") return false;
  return std::nullopt;
}

std::vector<std::string_view> split_words(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const auto space = text.find(' ');
    words.push_back(text.substr(0, space));
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
  }
  return words;
}

std::string shown(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::list:
      return "a list";
    case YamlNode::Kind::map:
      return "a map";
    case YamlNode::Kind::scalar:
      break;
  }
  return node.text.empty() ? "nothing" : fmt::format("\"{}\"", truncate_utf8(node.text, 60));
}

class LayerReader {
 public:
  LayerReading read(std::string_view text) {
    auto yaml = read_yaml(text);
    if (!yaml.mistakes.empty()) return {std::nullopt, std::move(yaml.mistakes)};
    if (yaml.root.kind != YamlNode::Kind::map) {
      add(yaml.root.at, fmt::format("expected a map with name, category, target_category and nodes, got {}",
                                    shown(yaml.root)));
      return {std::nullopt, std::move(mistakes_)};
    }
    read_head(yaml.root);
    if (const auto* const nodes = required(yaml.root, "nodes")) read_nodes(*nodes);
    check_scopes();
    layer_.version = sha256_hex(text).substr(0, 16);
    std::ranges::stable_sort(mistakes_, {},
                             [](const Mistake& one) { return std::pair(one.at.line, one.at.column); });
    if (mistakes_.empty()) return {std::move(layer_), {}};
    return {std::nullopt, std::move(mistakes_)};
  }

 private:
  void add(Place at, std::string what) { mistakes_.push_back({at, std::move(what)}); }

  const YamlNode* required(const YamlNode& map, std::string_view name) {
    const auto* const found = map.find(name);
    if (found == nullptr) add(map.at, fmt::format("{}: expected, and it is not there", name));
    return found;
  }

  void refuse_others(const YamlNode& map, const std::vector<std::string_view>& known, std::string_view of) {
    for (const auto& [key, value] : map.members) {
      if (std::ranges::find(known, key.text) == known.end())
        add(key.at, fmt::format("{}: {} has no such setting; it has {}", truncate_utf8(key.text, 60), of,
                                joined(known)));
    }
  }

  bool text(const YamlNode& map, std::string_view name, std::string& into, std::size_t longest,
            bool is_required = false) {
    const auto* const found = is_required ? required(map, name) : map.find(name);
    if (found == nullptr) return false;
    if (found->kind != YamlNode::Kind::scalar || found->text.empty() || found->text.size() > longest) {
      add(found->at, fmt::format("{}: expected a text of at most {} characters, got {}", name, longest,
                                 found->text.size() > longest ? "a longer one" : shown(*found)));
      return false;
    }
    into = found->text;
    return true;
  }

  void name(const YamlNode& map, std::string_view name, std::string& into, bool is_required) {
    if (!text(map, name, into, 100, is_required) || is_name(into, 100)) return;
    add(map.find(name)->at, fmt::format("{}: expected letters, digits, \"-\" and \"_\", got \"{}\"", name,
                                        truncate_utf8(into, 60)));
  }

  void one_of(const YamlNode& map, std::string_view name, std::string& into,
              const std::vector<std::string_view>& choices, bool is_required) {
    if (!text(map, name, into, 100, is_required)) return;
    if (std::ranges::find(choices, into) == choices.end())
      add(map.find(name)->at,
          fmt::format("{}: expected one of {}, got \"{}\"", name, joined(choices), truncate_utf8(into, 60)));
  }

  void read_head(const YamlNode& root) {
    refuse_others(root,
                  {"name", "category", "goal", "description", "schedule", "time_zone", "scope",
                   "target_category", "target_filter", "max_targets", "nodes"},
                  "a layer");
    name(root, "name", layer_.name, true);
    name(root, "category", layer_.category, true);
    text(root, "goal", layer_.goal, 1'000);
    text(root, "description", layer_.description, 4'000);
    one_of(root, "target_category", layer_.target_category, target_categories(), true);
    read_scope(root);
    read_schedule(root);
    read_filter(root);
    read_most_targets(root);
  }

  void read_scope(const YamlNode& root) {
    std::string word;
    one_of(root, "scope", word, scope_names(), false);
    layer_.scope = parse_scope(word).value_or(Scope::open);
  }

  void read_schedule(const YamlNode& root) {
    const bool has_zone = text(root, "time_zone", layer_.zone, 100);
    if (!text(root, "schedule", layer_.schedule, 200)) {
      if (has_zone) add(root.find("time_zone")->at, "time_zone: expected a schedule beside it");
      return;
    }
    const auto cron = jobs::CronExpression::parse("schedule", layer_.schedule);
    if (!cron) return add(root.find("schedule")->at, cron.error().safe);
    const auto next = cron->next_after(from_micros(0), layer_.zone);
    if (!next && has_zone)
      add(root.find("time_zone")->at,
          fmt::format("time_zone: expected a zone such as Europe/Berlin, got \"{}\"",
                      truncate_utf8(layer_.zone, 60)));
  }

  void read_filter(const YamlNode& root) {
    std::string words;
    if (!text(root, "target_filter", words, 2'000)) return;
    const auto& node = *root.find("target_filter");
    int column = 1;
    auto filter = TargetFilter::parse(words, &column);
    if (filter) {
      layer_.filter = std::move(*filter);
      return;
    }
    // Within quotes the text begins one later; over several lines the start is as near as can be told.
    Place at = node.at;
    if (words.find('\n') == std::string::npos) at.column += column - 1 + (node.is_plain ? 0 : 1);
    add(at, fmt::format("target_filter: {}", filter.error().safe));
  }

  void read_most_targets(const YamlNode& root) {
    const auto* const found = root.find("max_targets");
    if (found == nullptr) return;
    const Param most{.name = "max_targets", .least = 1, .most = 1'000};
    ParamValue value;
    if (read_param(*found, most, value)) layer_.max_targets = static_cast<std::int64_t>(value.number);
  }

  void read_nodes(const YamlNode& nodes) {
    if (nodes.kind != YamlNode::Kind::list || nodes.items.empty())
      return add(nodes.at, fmt::format("nodes: expected a list of steps, got {}",
                                       nodes.kind == YamlNode::Kind::list ? "an empty one" : shown(nodes)));
    if (nodes.items.size() > kMostNodes)
      return add(nodes.at,
                 fmt::format("nodes: expected at most {} steps, got {}", kMostNodes, nodes.items.size()));
    for (std::size_t i = 0; i < nodes.items.size(); ++i) read_node(nodes.items[i], i);
  }

  void read_node(const YamlNode& given, std::size_t number) {
    if (given.kind != YamlNode::Kind::map)
      return add(given.at,
                 fmt::format("nodes[{}]: expected a map with type and params, got {}", number, shown(given)));
    refuse_others(given, {"type", "name", "params"}, "a step");
    LayerNode node;
    node.at = given.at;
    node.name = fmt::format("nodes[{}]", number);
    text(given, "name", node.name, 100);
    std::string type;
    one_of(given, "type", type, enum_names<NodeType>(), true);
    const auto known = parse_enum<NodeType>(type);
    if (!known) return;
    node.type = *known;
    const auto& schema = schema_of(node.type);
    static const YamlNode kNone{.kind = YamlNode::Kind::map};
    const auto* params = given.find("params");
    if (params != nullptr && params->kind != YamlNode::Kind::map &&
        !(params->is_plain && params->text.empty()))
      return add(params->at, fmt::format("params: expected a map, got {}", shown(*params)));
    YamlNode none = kNone;
    none.at = given.at;
    if (params == nullptr || params->kind != YamlNode::Kind::map) params = &none;
    read_params(*params, schema, node);
    layer_.nodes.push_back(std::move(node));
  }

  void read_params(const YamlNode& given, const NodeSchema& schema, LayerNode& node) {
    std::vector<std::string_view> known;
    for (const auto& param : schema.params) known.push_back(param.name);
    refuse_others(given, known, enum_name(schema.type));
    for (const auto& param : schema.params) {
      ParamValue value{.name = param.name};
      const auto* found = param.is_required ? required(given, param.name) : given.find(param.name);
      YamlNode otherwise;
      if (found == nullptr) {
        if (param.is_required || param.otherwise.empty()) continue;
        otherwise.text = param.otherwise;
        otherwise.is_plain = true;
        found = &otherwise;
      }
      if (read_param(*found, param, value)) node.params.push_back(std::move(value));
    }
  }

  // False when it is not what the schema says; the mistake is noted then.
  bool read_param(const YamlNode& given, const Param& param, ParamValue& value) {
    const auto wrong = [&](std::string expected) {
      add(given.at, fmt::format("{}: expected {}, got {}", param.name, expected, shown(given)));
      return false;
    };
    switch (param.type) {
      case Param::Type::flag: {
        const auto flag = given.is_plain ? flag_of(given.text) : std::nullopt;
        if (!flag) return wrong("yes or no");
        value.number = *flag ? 1 : 0;
        return true;
      }
      case Param::Type::whole:
      case Param::Type::number:
        return read_number(given, param, value) || wrong(range_of(param));
      case Param::Type::word:
        return read_word(given, param, value);
      case Param::Type::words:
        return read_words(given, param, value);
    }
    return false;
  }

  static std::string range_of(const Param& param) {
    return fmt::format("a {} from {:g} to {:g}", param.type == Param::Type::whole ? "whole number" : "number",
                       param.least, param.most);
  }

  static bool read_number(const YamlNode& given, const Param& param, ParamValue& value) {
    if (given.kind != YamlNode::Kind::scalar || !given.is_plain || given.text.empty()) return false;
    const auto* const end = given.text.data() + given.text.size();
    const auto [stop, error] =
        std::from_chars(given.text.data(), end, value.number, std::chars_format::fixed);
    if (error != std::errc() || stop != end || !std::isfinite(value.number)) return false;
    // «012» is ten to some readers and twelve to others.
    if (given.text.size() > 1 && given.text[0] == '0' && ascii::is_digit(given.text[1])) return false;
    if (param.type == Param::Type::whole && value.number != std::floor(value.number)) return false;
    return value.number >= param.least && value.number <= param.most;
  }

  bool read_word(const YamlNode& given, const Param& param, ParamValue& value) {
    value.word = given.text;
    const auto choices = split_words(param.choices);
    if (given.kind == YamlNode::Kind::scalar && !choices.empty() &&
        std::ranges::find(choices, given.text) != choices.end())
      return true;
    if (choices.empty() && given.kind == YamlNode::Kind::scalar && is_name(given.text, 100)) return true;
    add(given.at, fmt::format("{}: expected {}, got {}", param.name,
                              choices.empty() ? "a name of letters, digits, \"-\" and \"_\""
                                              : "one of " + joined(choices),
                              shown(given)));
    return false;
  }

  bool read_words(const YamlNode& given, const Param& param, ParamValue& value) {
    if (given.kind == YamlNode::Kind::list && given.items.size() <= kMostWords) {
      for (const auto& item : given.items) {
        if (item.kind == YamlNode::Kind::scalar && is_name(item.text, 100)) value.words.push_back(item.text);
      }
      if (!value.words.empty() && value.words.size() == given.items.size()) return true;
    }
    add(given.at,
        fmt::format("{}: expected a list of 1 to {} names, got {}", param.name, kMostWords, shown(given)));
    return false;
  }

  // What a step wants and the layer may not read, what is used before it is made.
  void check_scopes() {
    bool has_answer = false;
    int reductions = 0;
    for (const auto& node : layer_.nodes) {
      if (node.flag("include_dms") && layer_.scope != Scope::dm)
        add(node.at, fmt::format("include_dms: expected \"scope: dm\" in the layer, which has {}",
                                 to_string(layer_.scope)));
      if (node.type == NodeType::reduce && ++reductions > 1)
        add(node.at, "reduce: expected once in a layer; what stands behind it runs once a server already");
      if (node.type == NodeType::store_insight && !has_answer)
        add(node.at, "store_insight: expected llm_call or reduce before it");
      has_answer = has_answer || node.type == NodeType::llm_call || node.type == NodeType::reduce;
    }
  }

  Layer layer_;
  std::vector<Mistake> mistakes_;
};

}  // namespace

const ParamValue* LayerNode::find(std::string_view param) const {
  const auto found = std::ranges::find(params, param, &ParamValue::name);
  return found == params.end() ? nullptr : &*found;
}
std::int64_t LayerNode::whole(std::string_view param) const {
  return static_cast<std::int64_t>(number(param));
}
double LayerNode::number(std::string_view param) const {
  const auto* const found = find(param);
  return found == nullptr ? 0 : found->number;
}
std::string LayerNode::word(std::string_view param) const {
  const auto* const found = find(param);
  return found == nullptr ? std::string() : found->word;
}

std::vector<std::string_view> target_categories() {
  return {"user", "channel", "thread", "dyad",    "user_in_channel", "subject",
          "role", "emoji",   "self",   "hashtag", "account"};
}

LayerReading read_layer(std::string_view text) {
  return LayerReader().read(text);
}

std::string in_words(std::string_view file, const std::vector<Mistake>& mistakes) {
  std::string words;
  for (const auto& one : mistakes)
    words +=
        fmt::format("{}{}:{}:{}: {}", words.empty() ? "" : "\n", file, one.at.line, one.at.column, one.what);
  return words;
}

}  // namespace linnet::reflect
