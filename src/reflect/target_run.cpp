#include "reflect/target_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "base/instant_words.hpp"
#include "base/text.hpp"

namespace linnet::reflect {
namespace {

using llm::Variable;
using llm::Variables;

constexpr std::size_t kLongestPassage = 2'000;
constexpr std::int64_t kBytesPerToken = 4;  // about

// Those that every prompt may name, whether its layer has a step for them or not.
constexpr std::array<std::string_view, 6> kLists{"messages",  "direct_messages", "posts",
                                                 "reactions", "insights",        "layer_runs"};

Variables passage_variables(const Passage& passage) {
  Variables one;
  one.emplace("who", Variable::data(passage.who));
  one.emplace("text", Variable::data(passage.text));
  one.emplace("where", Variable::data(passage.where));
  one.emplace("when", Variable::ours(linnet::in_words(passage.at)));
  one.emplace("note", Variable::ours(passage.note));
  return one;
}

// All of a list as one piece of data: fewer marks than one around each.
std::string transcript_of(const std::vector<Passage>& passages) {
  std::string text;
  for (const auto& passage : passages) {
    const auto where = passage.where.empty() ? std::string() : fmt::format(" ({})", passage.where);
    text += fmt::format("[{}] {}{}: {}\n", linnet::in_words(passage.at), passage.who, where, passage.text);
  }
  return text;
}

std::string name_of(const LayerNode& node) {
  if (auto name = node.word("store_as"); !name.empty()) return name;
  switch (node.type) {
    case NodeType::fetch_messages:
      return "messages";
    case NodeType::fetch_posts:
      return "posts";
    case NodeType::fetch_reactions:
      return "reactions";
    case NodeType::fetch_insights:
      return "insights";
    case NodeType::fetch_layer_runs:
      return "layer_runs";
    default:
      return {};
  }
}

// The newest as far as there is room; what is left out is no source.
void keep_what_fits(std::vector<Passage>& passages, std::size_t& room) {
  std::size_t first = passages.size();
  for (; first > 0; --first) {
    auto& passage = passages[first - 1];
    if (passage.text.size() > kLongestPassage)
      passage.text = std::string(truncate_utf8(passage.text, kLongestPassage)) + "…";
    const auto size = passage.text.size() + passage.who.size() + passage.where.size() + 40;
    if (size > room) break;
    room -= size;
  }
  passages.erase(passages.begin(), passages.begin() + static_cast<std::ptrdiff_t>(first));
}

std::size_t bytes_in(const Gathered& gathered) {
  std::size_t bytes = 0;
  for (const auto& [name, passages] : gathered.passages)
    for (const auto& passage : passages)
      bytes += passage.text.size() + passage.who.size() + passage.where.size() + 40;
  return bytes;
}

llm::Privacy privacy_of(Scope scope) {
  switch (scope) {
    case Scope::open:
      return llm::Privacy::everybody;
    case Scope::derived:
      return llm::Privacy::derived;
    case Scope::dm:
      break;
  }
  return llm::Privacy::dm;
}

std::string built_in_answer(const Gathered& gathered, bool as_insight) {
  std::vector<Passage> all;
  for (const auto& [name, passages] : gathered.passages)
    if (name != "layer_runs") all.insert(all.end(), passages.begin(), passages.end());
  for (const auto& [name, text] : gathered.texts) all.push_back({.who = "before", .text = text});
  auto answer = extract(all);
  if (as_insight) return answer;
  return std::string(boost::json::parse(answer).at("content").as_string());
}

}  // namespace

void Gathered::add(const std::string& name, std::vector<Passage> found) {
  for (const auto& passage : found) {
    for (const auto& source : passage.sources) {
      const bool is_known = std::ranges::any_of(sources, [&](const Source& one) {
        return one.kind == source.kind && one.instance == source.instance && one.id == source.id;
      });
      if (is_known) continue;
      scope = wider(scope, source.scope);
      sources.push_back(source);
    }
  }
  if (found.empty()) return;
  auto& list = passages[name];
  list.insert(list.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
}

void Gathered::add_sources_of(const Gathered& other) {
  std::set<std::tuple<SourceKind, InstanceId, std::string>> known;
  for (const auto& source : sources) known.emplace(source.kind, source.instance, source.id);
  for (const auto& source : other.sources)
    if (known.emplace(source.kind, source.instance, source.id).second) sources.push_back(source);
  scope = wider(scope, other.scope);
}

bool is_fetch(NodeType type) {
  switch (type) {
    case NodeType::fetch_messages:
    case NodeType::fetch_posts:
    case NodeType::fetch_insights:
    case NodeType::fetch_reactions:
    case NodeType::fetch_layer_runs:
      return true;
    default:
      return false;
  }
}

Status gather(const FetchContext& context, const LayerNode& node, Gathered& into) {
  auto room = kMostPromptBytes - std::min(kMostPromptBytes, bytes_in(into));
  const auto add = [&](const std::string& name, std::vector<Passage> found) {
    keep_what_fits(found, room);
    into.add(name, std::move(found));
  };
  switch (node.type) {
    case NodeType::fetch_messages: {
      LINNET_TRY(auto said, fetch_messages(context, node));
      add(name_of(node), std::move(said));
      if (!node.flag("include_dms")) return {};
      LINNET_TRY(auto told, fetch_direct_messages(context, node));
      add("direct_messages", std::move(told));
      return {};
    }
    case NodeType::fetch_posts: {
      LINNET_TRY(auto posts, fetch_posts(context, node));
      add(name_of(node), std::move(posts));
      return {};
    }
    case NodeType::fetch_insights: {
      LINNET_TRY(auto insights, fetch_insights(context, node));
      // The foremost first, not the newest last.
      std::ranges::reverse(insights);
      keep_what_fits(insights, room);
      std::ranges::reverse(insights);
      into.add(name_of(node), std::move(insights));
      return {};
    }
    case NodeType::fetch_reactions: {
      LINNET_TRY(auto reactions, fetch_reactions(context, node));
      add(name_of(node), std::move(reactions));
      return {};
    }
    case NodeType::fetch_layer_runs: {
      LINNET_TRY(auto runs, fetch_layer_runs(context, node));
      add(name_of(node), std::move(runs));
      return {};
    }
    default:
      return {};
  }
}

Variables variables_of(const Gathered& gathered, const Layer& layer, const std::string& topic_key,
                       Instant now) {
  Variables all;
  const auto add_list = [&](const std::string& name, const std::vector<Passage>& passages) {
    std::vector<Variables> items;
    items.reserve(passages.size());
    for (const auto& passage : passages) items.push_back(passage_variables(passage));
    all.insert_or_assign(name, Variable::list(std::move(items)));
    all.insert_or_assign(name + "_text", Variable::data(transcript_of(passages)));
    all.insert_or_assign("has_" + name, Variable::yes_or_no(!passages.empty()));
  };
  for (const auto name : kLists) add_list(std::string(name), {});
  for (const auto& [name, passages] : gathered.passages) add_list(name, passages);
  for (const auto& [name, text] : gathered.texts) all.insert_or_assign(name, Variable::data(text));
  const auto topic = salience::parse_topic_key(topic_key);
  all.insert_or_assign("topic", Variable::data(topic_key));
  all.insert_or_assign("topic_category",
                       Variable::ours(std::string(topic ? enum_name(topic->category) : "")));
  all.insert_or_assign("layer", Variable::ours(layer.name));
  all.insert_or_assign("goal", Variable::ours(layer.goal));
  all.insert_or_assign("now", Variable::ours(linnet::in_words(now)));
  return all;
}

llm::Contents contents_of(const Gathered& gathered) {
  llm::Contents contents;
  contents.privacy = privacy_of(gathered.scope);
  std::set<std::pair<InstanceId, std::string>> people;
  for (const auto& source : gathered.sources) {
    contents.sources.push_back(
        source.instance == InstanceId()
            ? fmt::format("{} {}", enum_name(source.kind), source.id)
            : fmt::format("{} {}/{}", enum_name(source.kind), source.instance.value(), source.id));
    if (!source.person_id.empty()) people.emplace(source.instance, source.person_id);
  }
  for (const auto& [instance, id] : people) contents.people.push_back({instance, PlatformUserId(id)});
  return contents;
}

bool becomes_insight(std::span<const LayerNode> nodes, const std::string& name) {
  return std::ranges::any_of(nodes, [&](const LayerNode& node) {
    return node.type == NodeType::store_insight && node.word("from") == name;
  });
}

Result<Asked> ask(llm::LanguageModels& models, const Layer& layer, const LayerNode& node,
                  const Gathered& gathered, const std::string& topic_key, const std::string& run_id,
                  bool as_insight, Instant now, std::stop_token stop) {
  llm::Question question;
  question.asker = {.by = "layer " + layer.name, .purpose = "insight", .run = run_id};
  question.prompt = node.word("prompt_template");
  question.variables = variables_of(gathered, layer, topic_key, now);
  question.contents = contents_of(gathered);
  question.parameters.temperature = node.number("temperature");
  question.parameters.max_tokens = static_cast<int>(node.whole("max_tokens"));
  question.provider = node.word("model");
  if (as_insight) question.schema = insight_schema();
  question.built_in =
      llm::BuiltIn{"extract", [&]() -> Result<std::string> { return built_in_answer(gathered, as_insight); }};
  LINNET_TRY(auto answer, models.ask(question, std::move(stop)));
  Asked asked;
  asked.text =
      as_insight && !answer.json.is_null() ? boost::json::serialize(answer.json) : std::move(answer.text);
  asked.is_built_in = answer.source.is_built_in;
  asked.source = std::move(answer.source);
  asked.cost_micros = answer.usage.cost_micros;
  // A topic that was thought about sinks, by whatever it was thought about, and from whichever shelf it came.
  asked.tokens = answer.usage.tokens_in + answer.usage.tokens_out;
  if (asked.tokens == 0)
    asked.tokens = static_cast<std::int64_t>(bytes_in(gathered) + asked.text.size()) / kBytesPerToken + 1;
  return asked;
}

}  // namespace linnet::reflect
