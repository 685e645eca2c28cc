#include <fmt/format.h>

#include <algorithm>

#include "reflect/choose_insights.hpp"
#include "reflect/fetch.hpp"
#include "reflect/insights.hpp"
#include "reflect/runs.hpp"
#include "store/record/sql.hpp"

namespace linnet::reflect {
namespace {

// As many as are weighed against one another.
constexpr std::int64_t kWeighed = 200;

// The topic itself and, of a dyad, its two people.
std::vector<std::string> topics_to_ask(const FetchContext& context, bool with_members) {
  std::vector<std::string> topics{context.key};
  if (!with_members) return topics;
  for (const auto& owner : salience::owners_of(context.topic))
    if (!owner.empty()) topics.push_back(owner);
  return topics;
}

Passage passage_of(const Insight& insight) {
  Passage passage;
  passage.who = insight.topic_key;
  passage.text = words_of(insight);
  passage.where = insight.category;
  passage.at = insight.created_at;
  if (insight.is_pinned) passage.note = "a person of this house pinned it: it holds";
  if (!insight.correction.empty())
    passage.note = "a person of this house corrected it: these are their words";
  if (insight.rating && *insight.rating <= 2)
    passage.note =
        fmt::format("a person of this house found it wrong ({} of 5): do not repeat it", *insight.rating);
  if (insight.rating && *insight.rating >= 4 && passage.note.empty())
    passage.note = fmt::format("a person of this house found it right ({} of 5)", *insight.rating);
  passage.sources.push_back(
      {SourceKind::insight, {}, insight.id, "", insight.sources_scope_max, insight.created_at});
  return passage;
}

// What a person withdrew is not said again; why, the next run is told.
Passage withdrawn_passage_of(const Insight& insight) {
  auto passage = passage_of(insight);
  passage.note = "a person of this house withdrew it" +
                 (insight.withdrawn_why.empty() ? std::string() : ": " + insight.withdrawn_why) +
                 "; do not repeat it";
  return passage;
}

}  // namespace

Result<std::vector<Passage>> fetch_insights(const FetchContext& context, const LayerNode& node) {
  const auto most = static_cast<std::size_t>(node.whole("max_per_topic"));
  const auto profile = parse_enum<Profile>(node.word("retrieval_profile")).value_or(Profile::balanced);
  InsightFilter filter{.until = context.until, .limit = kWeighed};
  if (const auto days = node.whole("since_days"); days > 0)
    filter.since = context.until - std::chrono::days(days);
  if (const auto* const categories = node.find("categories")) filter.categories = categories->words;
  std::vector<Passage> passages;
  const auto add = [&](std::vector<Insight> found) {
    for (const auto& insight : choose_insights(std::move(found), profile, most))
      passages.push_back(passage_of(insight));
  };
  if (const auto category = node.word("of_category"); !category.empty()) {
    LINNET_TRY(auto found, list_insights_of_category(context.connection, context.most, category, kWeighed,
                                                     context.until));
    std::erase_if(found, [&](const Insight& one) {
      return (filter.since && one.created_at < *filter.since) || one.created_at >= context.until;
    });
    add(std::move(found));
    return passages;
  }
  for (const auto& topic : topics_to_ask(context, node.flag("members_of_topic"))) {
    filter.topic_key = topic;
    filter.with_withdrawn = true;
    LINNET_TRY(auto found, list_insights(context.connection, context.most, filter, context.until));
    std::vector<Insight> standing;
    for (auto& insight : found) {
      if (!insight.withdrawn_at)
        standing.push_back(std::move(insight));
      else if (!insight.content.empty() && passages.size() < most)
        passages.push_back(withdrawn_passage_of(insight));
    }
    add(std::move(standing));
  }
  return passages;
}

Result<std::vector<Passage>> fetch_layer_runs(const FetchContext& context, const LayerNode& node) {
  RunFilter filter{.layer_name = node.word("layer_name"),
                   .since = context.until - std::chrono::days(node.whole("lookback_days")),
                   .limit = node.whole("limit")};
  LINNET_TRY(const auto runs, list_runs(context.connection, filter));
  std::vector<Passage> passages;
  for (const auto& run : runs) {
    if (run.status == RunStatus::failed && !node.flag("include_errors")) continue;
    Passage passage;
    passage.who = run.layer_name;
    passage.text = fmt::format("{}, {} topics, {} tokens", enum_name(run.status), run.targets.size(),
                               run.tokens_used.value_or(0));
    passage.at = run.started_at;
    passages.push_back(std::move(passage));
  }
  return passages;
}

}  // namespace linnet::reflect
