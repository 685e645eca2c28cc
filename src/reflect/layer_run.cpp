#include "reflect/layer_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "base/log.hpp"
#include "reflect/choose_targets.hpp"
#include "reflect/insights.hpp"
#include "reflect/run_lease.hpp"
#include "reflect/runs.hpp"
#include "reflect/still_there.hpp"
#include "reflect/target_run.hpp"

namespace linnet::reflect {
namespace {

namespace json = boost::json;

// So late after it was cut off, topics are chosen anew.
constexpr auto kGoesOnWithin = std::chrono::hours(6);

bool is_stopped(const std::stop_token& a, const std::stop_token& b) {
  return a.stop_requested() || b.stop_requested();
}

// What a failure may be told of: a model's answer stands in some, and what it was made of is not for
// everybody.
std::string told_of(const Error& error, Scope scope) {
  if (scope == Scope::open) return error.safe.substr(0, 500);
  return fmt::format("{}; more is not kept, since the layer reads what is not for everybody",
                     to_string(error.kind));
}

// One run while it lasts.
class Running {
 public:
  Running(const LayerParts& parts, const Layer& layer, const RunOptions& options, const RunLease& lease)
      : parts_(parts), layer_(layer), options_(options), lease_(lease) {
    for (const auto& [server, role] : parts.salience.gate_roles) gated_.insert(server);
    const auto reduction = std::ranges::find(layer.nodes, NodeType::reduce, &LayerNode::type);
    split_ = static_cast<std::size_t>(reduction - layer.nodes.begin());
  }

  Result<LayerRun> run() {
    LINNET_CHECK(begin());
    for (std::size_t i = 0; i < run_.targets.size(); ++i) {
      options_.on_progress(static_cast<std::int64_t>(i), static_cast<std::int64_t>(run_.targets.size()));
      LINNET_CHECK(run_target(run_.targets[i]));
    }
    is_reduced_ = true;
    for (auto& [topic, gathered] : servers_) LINNET_CHECK(run_reduced(topic, gathered));
    LINNET_CHECK(parts_.writer.write([&](store::Connection& connection) -> Status {
      LINNET_CHECK(lease_.check_held(connection));
      return end_run(connection, run_.id, error_of_all(), parts_.clock.now());
    }));
    LINNET_TRY(auto reader, parts_.database.reader());
    LINNET_TRY(auto ended, find_run(*reader, run_.id));
    return ended ? Result<LayerRun>(std::move(*ended)) : internal_error("the run is gone");
  }

  [[nodiscard]] const std::string& id() const { return run_.id; }

 private:
  // What one topic comes to.
  struct Target {
    RunTarget row;
    Gathered gathered;
    std::vector<Asked> answers;
    std::vector<Spending> spendings;
    std::int64_t spent_tokens = 0;
    std::int64_t cost_micros = 0;
  };

  Status begin() {
    std::vector<std::string> targets = options_.targets;
    std::string continues;
    const auto now = parts_.clock.now();
    return parts_.writer.write([&](store::Connection& connection) -> Status {
      targets = options_.targets;
      LINNET_CHECK(lease_.check_held(connection));
      LINNET_TRY(const auto cut_off, fail_cut_off_runs(connection, layer_.name, "", now));
      if (cut_off && options_.goes_on && targets.empty() && now - cut_off->started_at < kGoesOnWithin) {
        LINNET_TRY(targets, left_of(connection, *cut_off));
        continues = cut_off->id;
      } else if (targets.empty()) {
        LINNET_TRY(const auto candidates, read_candidates(connection, parts_.salience.numbers, layer_, now));
        targets = choose_targets(candidates, layer_, parts_.salience.numbers);
      }
      LINNET_TRY(run_, begin_run(connection, layer_, targets, options_.asked_by, continues, now));
      return {};
    });
  }

  Status run_target(const std::string& topic) {
    LINNET_CHECK(check_stop());
    Target target;
    const auto nodes = std::span(layer_.nodes).first(split_);
    const auto done = run_nodes(topic, nodes, target);
    if (done && target.row.state == TargetState::done && split_ < layer_.nodes.size())
      keep_for_server(topic, target);
    return settle(topic, target, done);
  }

  // Steps behind `reduce`, once a server, about a subject of it.
  Status run_reduced(const std::string& topic, Gathered& gathered) {
    LINNET_CHECK(check_stop());
    Target target;
    const auto& reduction = layer_.nodes[split_];
    auto& parts = reduced_[topic];
    target.gathered.add_sources_of(gathered);
    target.gathered.texts[reduction.word("store_as")] =
        reduction.word("operation") == "collect"
            ? json::serialize(json::value(json::array(parts.begin(), parts.end())))
            : fmt::format("{}", fmt::join(parts, "\n\n"));
    const auto done = run_nodes(topic, std::span(layer_.nodes).subspan(split_ + 1), target);
    return settle(topic, target, done);
  }

  Status check_stop() const {
    if (!is_stopped(options_.stop, lease_.until_lost())) return {};
    return Error::of(ErrorKind::cancelled, "the run was stopped");
  }

  // `cancelled` ends the run; what else went wrong is the topic's own.
  Status settle(const std::string& topic, Target& target, const Status& done) {
    if (!done && done.error().kind == ErrorKind::cancelled) return done;
    target.row.run_id = run_.id;
    target.row.topic_key = topic;
    target.row.position = position_++;
    target.row.tokens = target.spent_tokens;
    if (!done) {
      target.row.state = TargetState::failed;
      target.row.insight_id.clear();
      target.row.error = told_of(done.error(), layer_.scope);
      if (failed_++ == 0) first_error_ = target.row.error;
      log::error("layer {}: a topic failed: {}", layer_.name, to_string(done.error().kind));
    }
    target.row.ended_at = parts_.clock.now();
    book(target);
    return parts_.writer.write([&](store::Connection& connection) -> Status {
      LINNET_CHECK(lease_.check_held(connection));
      return note_target(connection, target.row, target.cost_micros);
    });
  }

  // A ledger that does not answer takes nothing back that is kept: the topic is thought about once more, no
  // worse.
  void book(const Target& target) const {
    // What is made again was paid for the first time.
    if (!options_.replaces.empty()) return;
    for (const auto& spending : target.spendings) {
      const auto booked = parts_.spend(spending, parts_.clock.now());
      if (!booked)
        log::error("layer {}: what was spent is not in the ledger: {}", layer_.name, booked.error().message);
    }
  }

  std::string error_of_all() const {
    if (failed_ == 0 || failed_ < position_) return {};
    return fmt::format("all {} topics failed; the first: {}", failed_, first_error_);
  }

  Status run_nodes(const std::string& topic, std::span<const LayerNode> nodes, Target& target) {
    const auto parsed = salience::parse_topic_key(topic);
    if (!parsed) return parsed.error();
    target.row.state = TargetState::nothing;
    for (const auto& node : nodes) {
      LINNET_CHECK(check_stop());
      if (is_fetch(node.type)) {
        LINNET_CHECK(gather_for(topic, *parsed, node, target.gathered));
        continue;
      }
      // With nothing to go by there is nothing to ask.
      if (target.gathered.has_nothing()) return {};
      LINNET_CHECK(run_node(topic, *parsed, node, nodes, target));
    }
    if (!target.answers.empty()) target.row.state = TargetState::done;
    return {};
  }

  // What was there then, or all there is.
  Instant until() const { return options_.as_of.value_or(parts_.clock.now() + std::chrono::microseconds(1)); }

  Status gather_for(const std::string& topic, const salience::TopicKey& parsed, const LayerNode& node,
                    Gathered& into) {
    LINNET_TRY(auto reader, parts_.database.reader());
    const FetchContext context{.connection = *reader,
                               .most = layer_.scope,
                               .topic = parsed,
                               .key = topic,
                               .until = until(),
                               .box = parts_.box,
                               .gated_servers = &gated_};
    return gather(context, node, into);
  }

  Status run_node(const std::string& topic, const salience::TopicKey& parsed, const LayerNode& node,
                  std::span<const LayerNode> nodes, Target& target) {
    switch (node.type) {
      case NodeType::llm_call: {
        const auto name = node.word("store_as");
        return ask_model(topic, node, becomes_insight(nodes, name), target.gathered, target, name);
      }
      case NodeType::store_insight: {
        const auto found = target.gathered.texts.find(node.word("from"));
        if (found == target.gathered.texts.end())
          return invalid(fmt::format("store_insight: nothing is called \"{}\"", node.word("from")));
        return store(topic, parsed, node, found->second, target.gathered, target, node.flag("supersede"));
      }
      case NodeType::synthesize_to_global:
        return synthesize(parsed, node, target);
      case NodeType::output:
        target.row.output = target.row.insight_id.empty() ? "" : node.word("format");
        if (node.word("destination") == "log" && !target.row.insight_id.empty())
          log::info("layer {}: insight {}", layer_.name, target.row.insight_id);
        return {};
      default:
        return {};
    }
  }

  Status ask_model(const std::string& topic, const LayerNode& node, bool as_insight, Gathered& gathered,
                   Target& target, const std::string& name) {
    LINNET_TRY(auto asked, ask(*parts_.models, layer_, node, gathered, topic, run_.id, as_insight,
                               parts_.clock.now(), lease_.until_lost()));
    target.spent_tokens += asked.tokens;
    target.cost_micros += asked.cost_micros;
    gathered.texts[name] = asked.text;
    target.answers.push_back(std::move(asked));
    return {};
  }

  Status store(const std::string& topic, const salience::TopicKey& parsed, const LayerNode& node,
               const std::string& text, const Gathered& gathered, Target& target, bool supersede) {
    LINNET_TRY(auto understood, read_answer(text));
    Insight insight;
    insight.topic_key = topic;
    insight.category = node.word("category").empty() ? layer_.category : node.word("category");
    if (!options_.only_category.empty() && options_.only_category != insight.category) return {};
    insight.content = std::move(understood.content);
    insight.layer_run_id = run_.id;
    insight.metadata = metadata_of(understood, target);
    const auto now = parts_.clock.now();
    if (const auto days = node.whole("expires_after_days"); days > 0)
      insight.expires_at = now + std::chrono::days(days);
    LINNET_CHECK(parts_.writer.write([&](store::Connection& connection) -> Status {
      LINNET_CHECK(lease_.check_held(connection));
      LINNET_CHECK(check_still_there(connection, gathered.sources, parsed));
      auto kept = insight;
      LINNET_TRY(kept.supersedes, superseded_by(connection, kept, gathered.scope, supersede, now));
      LINNET_TRY(kept, store_insight(connection, std::move(kept), gathered.sources, now));
      target.row.insight_id = kept.id;
      return {};
    }));
    // Topics that a server's account is made of are thought about for themselves elsewhere, and the account
    // is none that anybody talks about.
    if (node.find("spend") != nullptr && !node.flag("spend")) return {};
    if (is_reduced_) return {};
    target.spendings.push_back({topic, target.spent_tokens, run_.id, parsed.server, {}});
    // What a subject is called everybody may see.
    if (gathered.scope == Scope::open) target.spendings.back().subjects = understood.subjects;
    return {};
  }

  // The newest of the topic and category that all who may see it will find the new one in place of.
  Result<std::string> superseded_by(store::Connection& connection, const Insight& insight, Scope scope,
                                    bool supersede, Instant now) const {
    if (!options_.replaces.empty()) return options_.replaces;
    if (!supersede) return std::string();
    LINNET_TRY(const auto standing,
               list_insights(connection, layer_.scope,
                             {.topic_key = insight.topic_key, .categories = {insight.category}}, now));
    for (const auto& one : standing)
      if (!one.is_pinned && may_be_seen(scope, one.sources_scope_max)) return one.id;
    return std::string();
  }

  std::string metadata_of(const Understood& understood, const Target& target) const {
    auto metadata = understood.metadata;
    if (!target.answers.empty()) {
      const auto& source = target.answers.back().source;
      metadata["provider"] = source.provider;
      metadata["model"] = source.model;
      metadata["prompt_version"] = source.prompt_version;
      metadata["call"] = source.call;
      metadata["is_built_in"] = source.is_built_in;
    }
    metadata["layer"] = layer_.name;
    return json::serialize(metadata);
  }

  // Of a person of a server, or two: one insight of those that stand for them on every server.
  Status synthesize(const salience::TopicKey& parsed, const LayerNode& node, Target& target) {
    const bool has_global =
        parsed.category == salience::Category::user || parsed.category == salience::Category::dyad;
    // What is made again is the one insight.
    if (parsed.server.empty() || !has_global || !options_.replaces.empty()) return {};
    auto everywhere = parsed;
    everywhere.server.clear();
    const auto topic = salience::to_string(everywhere);
    Gathered gathered;
    LINNET_CHECK(gather_of_servers(everywhere, gathered));
    if (gathered.has_nothing()) return {};
    const auto before = target.row.insight_id;
    LINNET_CHECK(ask_model(topic, node, true, gathered, target, "llm_response"));
    LINNET_CHECK(store(topic, everywhere, node, gathered.texts["llm_response"], gathered, target, true));
    if (!before.empty()) target.row.insight_id = before;
    return {};
  }

  Status gather_of_servers(const salience::TopicKey& everywhere, Gathered& gathered) {
    constexpr std::int64_t kMost = 1'000;
    LINNET_TRY(auto reader, parts_.database.reader());
    LINNET_TRY(const auto all, list_insights_of_category(*reader, layer_.scope,
                                                         enum_name(everywhere.category), kMost, until()));
    std::vector<Passage> passages;
    for (const auto& insight : all) {
      auto topic = salience::parse_topic_key(insight.topic_key);
      if (!topic || topic->server.empty()) continue;
      topic->server.clear();
      if (!(*topic == everywhere)) continue;
      passages.push_back(
          {.who = insight.topic_key,
           .text = words_of(insight),
           .where = insight.category,
           .sources =
               {{SourceKind::insight, {}, insight.id, "", insight.sources_scope_max, insight.created_at}},
           .at = insight.created_at});
    }
    gathered.add("insights", std::move(passages));
    return {};
  }

  void keep_for_server(const std::string& topic, const Target& target) {
    const auto& reduction = layer_.nodes[split_];
    const auto found = target.gathered.texts.find(reduction.word("from"));
    const auto parsed = salience::parse_topic_key(topic);
    if (found == target.gathered.texts.end() || !parsed) return;
    const auto& server = parsed->category == salience::Category::account ? parsed->first : parsed->server;
    const auto key = server.empty()
                         ? std::string("self")
                         : salience::topic_of(salience::Category::subject, server, reduction.word("subject"));
    servers_[key].add_sources_of(target.gathered);
    reduced_[key].push_back(found->second);
  }

  const LayerParts& parts_;
  const Layer& layer_;
  const RunOptions& options_;
  const RunLease& lease_;
  std::set<std::string, std::less<>> gated_;
  std::size_t split_ = 0;  // where `reduce` stands, or the end
  LayerRun run_;
  std::map<std::string, Gathered> servers_;
  std::map<std::string, std::vector<std::string>> reduced_;
  bool is_reduced_ = false;  // it is behind `reduce`
  std::int64_t position_ = 0;
  std::int64_t failed_ = 0;
  std::string first_error_;
};

}  // namespace

Result<LayerRun> run_layer(const LayerParts& parts, const Layer& layer, const RunOptions& options) {
  if (parts.models == nullptr) return internal_error("a run of a layer has nobody to ask");
  LINNET_TRY(const auto lease, RunLease::take(parts.database, layer.name));
  if (!lease)
    return Error::of(
        ErrorKind::conflict,
        fmt::format("layer {}: it is being worked at just now; wait until that run has ended", layer.name));
  Running running(parts, layer, options, *lease);
  auto run = running.run();
  if (run || running.id().empty()) return run;
  // It ended in its midst: told at once, where this process still may.
  const auto told = parts.writer.write([&](store::Connection& connection) -> Status {
    LINNET_CHECK(lease->check_held(connection));
    return end_run(connection, running.id(), told_of(run.error(), layer.scope), parts.clock.now());
  });
  if (!told) log::error("layer {}: {}", layer.name, told.error().message);
  return run;
}

}  // namespace linnet::reflect
