#include "reflect/node_schema.hpp"

#include <algorithm>
#include <array>

namespace linnet::reflect {
namespace {

using Type = Param::Type;

constexpr Param kHours{.name = "lookback_hours",
                       .least = 1,
                       .most = 24 * 90,
                       .otherwise = "24",
                       .means = "how far back, in hours"};
constexpr Param kDays{
    .name = "lookback_days", .least = 1, .most = 365, .otherwise = "7", .means = "how far back, in days"};
constexpr Param kStoreAs{.name = "store_as",
                         .type = Type::word,
                         .means = "the name by which later steps know it; the prompt's variable"};
constexpr Param kCategory{
    .name = "category", .type = Type::word, .means = "of the insight; the layer's own where it is left out"};
constexpr Param kExpires{.name = "expires_after_days",
                         .least = 1,
                         .most = 3'650,
                         .means = "when it is deleted; never where it is left out"};
constexpr Param kPrompt{.name = "prompt_template",
                        .type = Type::word,
                        .is_required = true,
                        .means = "the name of a prompt, as linnet prompt list shows them"};
constexpr Param kTokens{.name = "max_tokens",
                        .least = 16,
                        .most = 16'384,
                        .otherwise = "500",
                        .means = "the longest answer, in tokens"};
constexpr Param kModel{
    .name = "model", .type = Type::word, .means = "a provider by its id; by priority where it is left out"};
constexpr Param kTemperature{.name = "temperature",
                             .type = Type::number,
                             .least = 0,
                             .most = 2,
                             .otherwise = "0.7",
                             .means = "how freely it writes"};

constexpr std::array kMessages{
    kHours,
    Param{.name = "limit_per_channel",
          .least = 1,
          .most = 1'000,
          .otherwise = "50",
          .means = "most messages of one channel, the newest"},
    Param{.name = "max_channels",
          .least = 1,
          .most = 100,
          .otherwise = "15",
          .means = "most channels, the busiest"},
    Param{.name = "include_dms",
          .type = Type::flag,
          .otherwise = "no",
          .means = "direct messages of the person, where they agreed (dm_read) and the layer's scope is dm"},
    kStoreAs};
constexpr std::array kPosts{
    kHours,
    Param{.name = "limit", .least = 1, .most = 1'000, .otherwise = "100", .means = "most posts, the newest"},
    kStoreAs};
constexpr std::array kInsights{
    Param{.name = "retrieval_profile",
          .type = Type::word,
          .choices = "recent balanced deep comprehensive",
          .otherwise = "balanced",
          .means = "how many of the newest and how many of the weightiest"},
    Param{.name = "max_per_topic",
          .least = 1,
          .most = 100,
          .otherwise = "5",
          .means = "most insights of one topic"},
    Param{.name = "since_days", .least = 1, .most = 3'650, .means = "none that are older"},
    Param{.name = "categories", .type = Type::words, .means = "of these alone"},
    Param{.name = "members_of_topic",
          .type = Type::flag,
          .otherwise = "no",
          .means = "also of the two people of a dyad"},
    Param{.name = "of_category",
          .type = Type::word,
          .means = "in place of the topic's own: of all topics of this category (user, channel, hashtag …)"},
    kStoreAs};
constexpr std::array kReactions{kDays,
                                Param{.name = "min_reactions",
                                      .least = 1,
                                      .most = 1'000,
                                      .otherwise = "5",
                                      .means = "with fewer there are none"},
                                kStoreAs};
constexpr std::array kRuns{
    kDays,
    Param{.name = "limit", .least = 1, .most = 100, .otherwise = "10", .means = "most runs, the newest"},
    Param{.name = "layer_name", .type = Type::word, .means = "of this layer alone"},
    Param{
        .name = "include_errors", .type = Type::flag, .otherwise = "yes", .means = "also those that failed"},
    kStoreAs};
constexpr std::array kCall{kPrompt, kModel, kTokens, kTemperature,
                           Param{.name = "store_as",
                                 .type = Type::word,
                                 .otherwise = "llm_response",
                                 .means = "the name by which later steps know the answer"}};
constexpr std::array kReduce{
    Param{.name = "operation",
          .type = Type::word,
          .choices = "collect concat",
          .otherwise = "concat",
          .means = "concat: the texts below one another; collect: a JSON list of them"},
    Param{.name = "from",
          .type = Type::word,
          .otherwise = "llm_response",
          .means = "what is gathered of each topic"},
    Param{.name = "subject",
          .type = Type::word,
          .otherwise = "digest",
          .means = "what the steps behind it are about: this subject of the server"},
    Param{.name = "store_as",
          .type = Type::word,
          .otherwise = "reduced",
          .means = "the name of what comes of it"}};
constexpr std::array kStore{
    kCategory, kExpires,
    Param{.name = "from", .type = Type::word, .otherwise = "llm_response", .means = "what is stored"},
    Param{.name = "supersede",
          .type = Type::flag,
          .otherwise = "yes",
          .means = "it takes the place of the newest one of its topic and category"},
    Param{.name = "spend",
          .type = Type::flag,
          .otherwise = "yes",
          .means = "what it cost is booked in the ledger, so that the topic sinks"}};
constexpr std::array kSynthesize{kPrompt, kModel, kTokens, kTemperature, kCategory, kExpires};
constexpr std::array kOutput{
    Param{.name = "destination",
          .type = Type::word,
          .choices = "run log",
          .otherwise = "run",
          .means = "run: shown with the run; log: its line names the insight, never its words"},
    Param{.name = "format", .type = Type::word, .choices = "text json", .otherwise = "text", .means = "how"}};

constexpr std::array<NodeSchema, 10> kSchemas{{
    {NodeType::fetch_messages, "what was said in channels and threads", kMessages},
    {NodeType::fetch_posts, "posts of Mastodon and Bluesky", kPosts},
    {NodeType::fetch_insights, "what was understood before", kInsights},
    {NodeType::fetch_reactions, "who reacted to whom, and how", kReactions},
    {NodeType::fetch_layer_runs, "what layers did lately", kRuns},
    {NodeType::llm_call, "asks a model", kCall},
    {NodeType::reduce,
     "gathers what came of all topics of a server; what stands behind it runs once a server", kReduce},
    {NodeType::store_insight, "keeps what a model said", kStore},
    {NodeType::synthesize_to_global, "makes one insight of those that stand for a person on each server",
     kSynthesize},
    {NodeType::output, "shows what came of it", kOutput},
}};

}  // namespace

std::span<const NodeSchema> node_schemas() {
  return kSchemas;
}

const NodeSchema& schema_of(NodeType type) {
  return *std::ranges::find(kSchemas, type, &NodeSchema::type);
}

}  // namespace linnet::reflect
