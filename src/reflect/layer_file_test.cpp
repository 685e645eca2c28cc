// What a layer's file says is what is read, and every mistake is told where it stands.
#include "reflect/layer_file.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "source_dir.hpp"

namespace linnet::reflect {
namespace {

constexpr std::string_view kHead = R"(name: nightly-user
category: user_reflection
target_category: user
)";
constexpr std::string_view kNodes = R"(nodes:
  - type: fetch_messages
  - type: llm_call
    params:
      prompt_template: layer-user
  - type: store_insight
)";

std::string mistakes_of(const std::string& text) {
  return in_words("F", read_layer(text).mistakes);
}
std::string with(std::string_view more) {
  return std::string(kHead) + std::string(more) + std::string(kNodes);
}

TEST(LayerFileTest, ReadsParamsAndTheirDefaults) {
  const auto reading = read_layer(R"(name: nightly-user
category: user_reflection
schedule: "0 3 * * *"
time_zone: Europe/Berlin
scope: dm
target_category: user
target_filter: "salience > 20"
max_targets: 15
nodes:
  - name: what they said
    type: fetch_messages
    params: {lookback_hours: 72, include_dms: yes}
  - type: fetch_insights
    params:
      categories: [user_reflection, dyad_reflection]
      retrieval_profile: deep
  - type: llm_call
    params: {prompt_template: layer-user, temperature: 0.25, model: "mlx::qwen3"}
  - type: store_insight
    params: {expires_after_days: 90}
)");
  ASSERT_TRUE(reading.layer) << in_words("F", reading.mistakes);
  const auto& layer = *reading.layer;
  EXPECT_EQ(layer.name, "nightly-user");
  EXPECT_EQ(layer.scope, Scope::dm);
  EXPECT_EQ(layer.zone, "Europe/Berlin");
  EXPECT_EQ(layer.max_targets, 15);
  EXPECT_TRUE(layer.filter.matches({.salience = 21}));
  EXPECT_FALSE(layer.filter.matches({.salience = 20}));
  ASSERT_EQ(layer.nodes.size(), 4U);
  EXPECT_EQ(layer.nodes[0].name, "what they said");
  EXPECT_EQ(layer.nodes[0].whole("lookback_hours"), 72);
  EXPECT_EQ(layer.nodes[0].whole("limit_per_channel"), 50) << "the default";
  EXPECT_TRUE(layer.nodes[0].flag("include_dms"));
  EXPECT_EQ(layer.nodes[1].find("categories")->words,
            (std::vector<std::string>{"user_reflection", "dyad_reflection"}));
  EXPECT_EQ(layer.nodes[1].word("retrieval_profile"), "deep");
  EXPECT_EQ(layer.nodes[2].number("temperature"), 0.25);
  EXPECT_EQ(layer.nodes[2].word("model"), "mlx::qwen3");
  EXPECT_EQ(layer.nodes[2].whole("max_tokens"), 500);
  EXPECT_EQ(layer.nodes[2].word("store_as"), "llm_response");
  EXPECT_EQ(layer.nodes[3].whole("expires_after_days"), 90);
  EXPECT_EQ(layer.nodes[0].find("store_as"), nullptr) << "what has no default and was left out";
  EXPECT_EQ(layer.version.size(), 16U);
}

TEST(LayerFileTest, EveryTypeOfStepIsReadWithoutParamsButForWhatIsRequired) {
  for (const auto& schema : node_schemas()) {
    std::string params;
    for (const auto& param : schema.params)
      if (param.is_required) params += fmt::format("      {}: some-name\n", param.name);
    const auto before = schema.type == NodeType::store_insight ? "  - type: reduce\n" : "";
    const auto text = fmt::format("{}nodes:\n{}  - type: {}\n{}", kHead, before, enum_name(schema.type),
                                  params.empty() ? "" : "    params:\n" + params);
    const auto reading = read_layer(text);
    EXPECT_TRUE(reading.layer) << text << in_words("F", reading.mistakes);
  }
}

struct Wrong {
  std::string text;
  std::string_view told;
};

TEST(LayerFileTest, TellsAMistakeWhereItStands) {
  const std::vector<Wrong> cases{
      {with("colour: red\n"),
       "F:4:1: colour: a layer has no such setting; it has name, category, goal, description, schedule, "
       "time_zone, scope, target_category, target_filter, max_targets, nodes"},
      {with("max_targets: 0\n"), "F:4:14: max_targets: expected a whole number from 1 to 1000, got \"0\""},
      {with("max_targets: 012\n"),
       "F:4:14: max_targets: expected a whole number from 1 to 1000, got \"012\""},
      {with("max_targets: \"12\"\n"),
       "F:4:14: max_targets: expected a whole number from 1 to 1000, got \"12\""},
      {with("max_targets: 1.5\n"),
       "F:4:14: max_targets: expected a whole number from 1 to 1000, got \"1.5\""},
      {with("max_targets: [1]\n"), "F:4:15: max_targets: expected a whole number from 1 to 1000, got a list"},
      {with("scope: everybody\n"), "F:4:8: scope: expected one of public, derived, dm, got \"everybody\""},
      {with("target_filter: salience > many\n"),
       "F:4:27: target_filter: column 12: expected a number such as 50 or 1.5, got \"many\""},
      {with("target_filter: \"salience > many\"\n"),
       "F:4:28: target_filter: column 12: expected a number such as 50 or 1.5, got \"many\""},
      {with("schedule: \"0 3 * *\"\n"), "F:4:11: schedule: "},
      {with("schedule: \"0 3 * * *\"\ntime_zone: Europe/Berli\n"),
       "F:5:12: time_zone: expected a zone such as Europe/Berlin, got \"Europe/Berli\""},
      {std::string(kHead) + "nodes: []\n", "F:4:1: nodes: expected a list of steps, got an empty one"},
      {std::string(kHead), "F:1:1: nodes: expected, and it is not there"},
      {std::string(kHead) + "nodes:\n  - type: think\n",
       "F:5:11: type: expected one of fetch_messages, fetch_posts, fetch_insights, fetch_reactions, "
       "fetch_layer_runs, llm_call, reduce, store_insight, synthesize_to_global, output, got \"think\""},
      {std::string(kHead) + "nodes:\n  - type: llm_call\n",
       "F:5:5: prompt_template: expected, and it is not there"},
      {std::string(kHead) + "nodes:\n  - type: fetch_messages\n    params:\n      lookback_hour: 5\n",
       "F:7:7: lookback_hour: fetch_messages has no such setting; it has lookback_hours, limit_per_channel, "
       "max_channels, include_dms, store_as"},
      {std::string(kHead) + "nodes:\n  - type: fetch_messages\n    params: {include_dms: yes}\n",
       "F:5:5: include_dms: expected \"scope: dm\" in the layer, which has public"},
      {std::string(kHead) + "nodes:\n  - type: store_insight\n",
       "F:5:5: store_insight: expected llm_call or reduce before it"},
      {"name: a\nname: b\n", "F:2:1: "},
      {"- a\n- b\n", "F:1:1: expected a map with name, category, target_category and nodes, got a list"},
      {"", "F:1:1: expected a map of settings, found nothing"},
  };
  for (const auto& one : cases) {
    const auto told = mistakes_of(one.text);
    EXPECT_TRUE(told.starts_with(one.told)) << one.text << "\ntold: " << told << "\nexpected: " << one.told;
  }
}

TEST(LayerFileTest, TellsAllMistakesInTheOrderOfTheFile) {
  const auto told =
      mistakes_of("name: a b\ncategory: c\ntarget_category: people\nmax_targets: -1\nnodes: no\n");
  EXPECT_EQ(std::ranges::count(told, '\n'), 3) << told;
  EXPECT_LT(told.find("F:1:7"), told.find("F:3:18")) << told;
  EXPECT_LT(told.find("F:3:18"), told.find("F:4:14")) << told;
  EXPECT_LT(told.find("F:4:14"), told.find("F:5:8")) << told;
}

TEST(LayerFileTest, WhatIsNoYamlIsToldWithItsPlace) {
  for (const std::string_view bad :
       {"a: 1\n b: 2\n", "a: [1,\nb: 2\n", "\ta: 1\n", "a: *nope\n", "a: \"x\n", "a: b: c\n", "a: 'x\n",
        "--- a\n--- b\n", "a: &x 1\n", "a: !!binary x\n", "<<: {a: 1}\n"}) {
    const auto reading = read_layer(bad);
    EXPECT_FALSE(reading.layer) << bad;
    ASSERT_FALSE(reading.mistakes.empty()) << bad;
    for (const auto& one : reading.mistakes) {
      EXPECT_GE(one.at.line, 1) << bad;
      EXPECT_GE(one.at.column, 1) << bad;
      EXPECT_FALSE(one.what.empty()) << bad;
    }
  }
}

TEST(LayerFileTest, BombsAndCyclesAreRefusedAtOnce) {
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c < 'z'; ++c)
    bomb += fmt::format("{0}: &{0} [*{1}, *{1}, *{1}, *{1}, *{1}, *{1}, *{1}, *{1}]\n", c,
                        static_cast<char>(c - 1));
  const auto refused = mistakes_of(bomb);
  EXPECT_NE(refused.find("anchors (&name) are not taken here"), std::string::npos) << refused.substr(0, 500);
  EXPECT_FALSE(read_layer("a: &a\n  b: *a\n").layer);
  EXPECT_FALSE(read_layer(std::string(20'000, '[')).layer);
  EXPECT_FALSE(read_layer(std::string(20'000, '[') + std::string(20'000, ']')).layer);
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  EXPECT_NE(mistakes_of(deep).find("within one another"), std::string::npos) << mistakes_of(deep);
  std::string wide;
  for (int i = 0; i < 6'000; ++i) wide += fmt::format("k{}: 1\n", i);
  EXPECT_NE(mistakes_of(wide).find("at most 5000 values"), std::string::npos);
  EXPECT_NE(mistakes_of(std::string(200'000, '#')).find("at most 131072 bytes"), std::string::npos);
  EXPECT_FALSE(read_layer(std::string("a: \x01\n")).layer);
  EXPECT_FALSE(read_layer("a: \xff\xfe\n").layer);
}

}  // namespace
}  // namespace linnet::reflect
