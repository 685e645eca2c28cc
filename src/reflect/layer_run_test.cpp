// What a run does with its topics: what it reads and asks, keeps and books, and what becomes of it when
// something goes wrong.
#include "reflect/layer_run.hpp"

#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "reflect/judgement.hpp"
#include "reflect/reflect_fixture.hpp"
#include "reflect/run_lease.hpp"

namespace linnet::reflect {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class LayerRunTest : public ReflectTest {};

TEST_P(LayerRunTest, KeepsWhatTheModelSaidWithItsSourcesAndBooksWhatItCost) {
  add_message("C", "1", "the new map of the harbour");
  add_message("C", "2", "looks fine");
  add_topic("server:S:user:1", "user", 40);
  const auto run = run_it(user_layer("public"));
  EXPECT_EQ(run.status, RunStatus::completed);
  EXPECT_THAT(run.targets, ElementsAre("server:S:user:1"));
  EXPECT_EQ(run.tokens_used, 1'000);
  EXPECT_EQ(run.cost_micros, 7);
  ASSERT_THAT(models_.asked, SizeIs(1));
  EXPECT_THAT(models_.asked[0].text, HasSubstr("the new map of the harbour"));
  EXPECT_THAT(models_.asked[0].text, HasSubstr("looks fine"))
      << "what they answer is understood by what was said";
  EXPECT_EQ(models_.asked[0].question.contents.privacy, llm::Privacy::everybody);
  const auto kept = insights(Scope::open);
  ASSERT_THAT(kept, SizeIs(1));
  EXPECT_EQ(kept[0].content, "They talk about maps.");
  EXPECT_EQ(kept[0].layer_run_id, run.id);
  EXPECT_EQ(kept[0].sources_scope_max, Scope::open);
  EXPECT_THAT(kept[0].metadata, HasSubstr("\"confidence\":8E-1"));
  EXPECT_EQ(count("SELECT count(*) FROM insight_sources WHERE source_kind = 'message'"), 2);
  ASSERT_THAT(spent_, SizeIs(1));
  EXPECT_EQ(spent_[0].topic_key, "server:S:user:1");
  EXPECT_EQ(spent_[0].tokens, 1'000);
  EXPECT_EQ(spent_[0].run_id, run.id);
}

TEST_P(LayerRunTest, TheNextRunIsToldWhatWasUnderstoodAndTakesItsPlace) {
  add_message("C", "1", "maps");
  add_topic("server:S:user:1", "user", 40);
  run_it(user_layer("public"));
  clock_.advance(std::chrono::hours(1));
  models_.answering = [](const llm::Question&) {
    return std::string(R"({"content":"They draw coasts now.","confidence":0.9})");
  };
  run_it(user_layer("public"));
  EXPECT_THAT(models_.asked.back().text, HasSubstr("They talk about maps."));
  const auto kept = insights(Scope::open);
  ASSERT_THAT(kept, SizeIs(1));
  EXPECT_EQ(kept[0].content, "They draw coasts now.");
  auto reader = (*database_)->reader();
  const auto chain = chain_of(**reader, Scope::open, kept[0], clock_.now());
  ASSERT_TRUE(chain);
  ASSERT_THAT(*chain, SizeIs(2));
  EXPECT_EQ((*chain)[1].content, "They talk about maps.");
  EXPECT_EQ((*chain)[1].superseded_by, kept[0].id);
}

TEST_P(LayerRunTest, OneTopicThatFailsStopsNoOther) {
  for (const std::string user : {"1", "2", "3"}) {
    add_message("C", user, "words of " + user);
    add_topic("server:S:user:" + user, "user", 40 - std::stod(user));
  }
  int asked = 0;
  models_.answering = [&](const llm::Question&) -> Result<std::string> {
    if (++asked == 2) return unavailable("the model is away");
    return std::string(R"({"content":"Fine.","confidence":0.5})");
  };
  const auto run = run_it(user_layer("public"));
  EXPECT_EQ(run.status, RunStatus::completed);
  const auto ended = outcome(run);
  ASSERT_THAT(ended, SizeIs(3));
  EXPECT_EQ(ended[0].state, TargetState::done);
  EXPECT_EQ(ended[1].state, TargetState::failed);
  EXPECT_THAT(ended[1].error, HasSubstr("the model is away"));
  EXPECT_EQ(ended[2].state, TargetState::done);
  EXPECT_THAT(insights(Scope::open), SizeIs(2));
  EXPECT_THAT(spent_, SizeIs(2));
}

TEST_P(LayerRunTest, ARunOfWhichEveryTopicFailedHasFailed) {
  add_message("C", "1", "words");
  add_topic("server:S:user:1", "user", 40);
  for (const std::string answer : {"", "no JSON", "{\"content\":", "[]", "{\"content\":\"\"}"}) {
    models_.answering = [&](const llm::Question&) { return answer; };
    const auto run = run_it(user_layer("public"));
    EXPECT_EQ(run.status, RunStatus::failed) << answer;
    EXPECT_THAT(run.error, HasSubstr("all 1 topics failed")) << answer;
  }
  models_.answering = [](const llm::Question&) {
    return boost::json::serialize(
        boost::json::object{{"content", std::string(10'000'000, 'x')}, {"confidence", 1}});
  };
  EXPECT_EQ(run_it(user_layer("public")).status, RunStatus::failed);
  EXPECT_THAT(insights(Scope::dm), IsEmpty());
}

TEST_P(LayerRunTest, WithNothingToGoByNobodyIsAsked) {
  add_topic("server:S:user:1", "user", 40);
  const auto run = run_it(user_layer("public"));
  EXPECT_EQ(run.status, RunStatus::completed);
  EXPECT_THAT(models_.asked, IsEmpty());
  EXPECT_EQ(outcome(run)[0].state, TargetState::nothing);
  EXPECT_THAT(spent_, IsEmpty());
}

TEST_P(LayerRunTest, ARunThatWasCutOffFailsAndTheNextGoesOnAndNamesIt) {
  for (const std::string user : {"1", "2"}) {
    add_message("C", user, "words of " + user);
    add_topic("server:S:user:" + user, "user", 40 - std::stod(user));
  }
  const auto layer = user_layer("public");
  LayerRun cut_off;
  ASSERT_TRUE(writer_->write([&](store::Connection& connection) -> Status {
    LINNET_TRY(cut_off,
               begin_run(connection, layer, {"server:S:user:1", "server:S:user:2"}, "", "", clock_.now()));
    return note_target(connection,
                       {.run_id = cut_off.id,
                        .topic_key = "server:S:user:1",
                        .state = TargetState::done,
                        .ended_at = clock_.now()},
                       0);
  }));
  clock_.advance(std::chrono::minutes(1));
  const auto next = run_it(layer);
  EXPECT_EQ(next.continues, cut_off.id);
  EXPECT_THAT(next.targets, ElementsAre("server:S:user:2"));
  auto reader = (*database_)->reader();
  const auto old = find_run(**reader, cut_off.id).value();
  EXPECT_EQ(old->status, RunStatus::failed);
  EXPECT_THAT(old->error, HasSubstr("cut off"));
}

TEST_P(LayerRunTest, WhileOneWorksAtALayerNoOtherDoesAndItsRunIsNotFailed) {
  add_message("C", "1", "words");
  add_topic("server:S:user:1", "user", 40);
  const auto layer = user_layer("public");
  const auto lease = RunLease::take(**database_, layer.name);
  ASSERT_TRUE(lease && *lease);
  const auto second = run_layer(parts(), layer, {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::conflict);
  EXPECT_EQ(count("SELECT count(*) FROM layer_runs"), 0);
}

TEST_P(LayerRunTest, WhoeverLostTheLayerMeanwhileWritesNothing) {
  add_message("C", "1", "words");
  add_topic("server:S:user:1", "user", 40);
  models_.answering = [&](const llm::Question&) {
    run("UPDATE leases SET token = token + 1, holder = 'another' WHERE name = 'layer test-layer'");
    return std::string(R"({"content":"Late.","confidence":0.5})");
  };
  const auto done = run_layer(parts(), user_layer("public"), {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::cancelled);
  EXPECT_THAT(insights(Scope::dm), IsEmpty());
  EXPECT_EQ(count("SELECT count(*) FROM layer_runs WHERE status = 'running'"), 1)
      << "it is for the other to say that it was cut off";
}

TEST_P(LayerRunTest, AChannelThatNotEveryMemberSeesStaysOutOfAPublicLayer) {
  add_message("C", "1", "in the open");
  add_message("P", "1", "behind closed doors");
  add_topic("server:S:user:1", "user", 40);
  run_it(user_layer("public"));
  EXPECT_THAT(models_.asked.back().text, Not(HasSubstr("closed doors")));
  run_it(user_layer("derived"));
  EXPECT_THAT(models_.asked.back().text, HasSubstr("closed doors"));
  EXPECT_EQ(models_.asked.back().question.contents.privacy, llm::Privacy::derived);
  EXPECT_THAT(insights(Scope::open), SizeIs(1))
      << "what is for some takes the place of nothing that is for all";
  EXPECT_THAT(insights(Scope::derived), SizeIs(2));
  run_it(user_layer("public"));
  EXPECT_THAT(models_.asked.back().question.contents.sources, Not(testing::Contains(HasSubstr("/m2"))));
  EXPECT_EQ(models_.asked.back().question.contents.privacy, llm::Privacy::everybody);
}

TEST_P(LayerRunTest, ReduceGathersTheTopicsOfAServerAndRunsOnceForIt) {
  add_channel("D", true);
  add_message("C", "1", "alpha");
  add_message("D", "2", "beta");
  add_topic("server:S:channel:C", "channel", 60);
  add_topic("server:S:channel:D", "channel", 50);
  models_.answering = [](const llm::Question& question) -> Result<std::string> {
    if (question.schema) return std::string(R"({"content":"The day.","confidence":0.7})");
    return std::string(question.prompt == "part" ? "A part." : "?");
  };
  const auto layer = layer_of(
      "channel", "public",
      "  - type: fetch_messages\n  - type: llm_call\n    params: {prompt_template: part, store_as: part}\n"
      "  - type: reduce\n    params: {from: part, subject: daily_digest, store_as: parts}\n"
      "  - type: llm_call\n    params: {prompt_template: whole}\n"
      "  - type: store_insight\n  - type: output\n");
  const auto run = run_it(layer);
  ASSERT_THAT(models_.asked, SizeIs(3));
  EXPECT_THAT(models_.asked[2].text, HasSubstr("A part.\n\nA part."));
  const auto kept = insights(Scope::open);
  ASSERT_THAT(kept, SizeIs(1));
  EXPECT_EQ(kept[0].topic_key, "server:S:subject:daily_digest");
  auto reader = (*database_)->reader();
  EXPECT_THAT(sources_of(**reader, kept[0].id).value(), SizeIs(2)) << "of both channels";
  EXPECT_EQ(outcome(run).back().output, "text");
}

TEST_P(LayerRunTest, WithNoModelTheExtractAnswersAndSaysSo) {
  add_message("C", "1", "The harbour map needs a new legend for the piers.");
  add_message("C", "2", "I will draw the legend of the harbour map tomorrow.");
  add_topic("server:S:user:1", "user", 40);
  models_.answering = [](const llm::Question& question) { return question.built_in->answer(); };
  run_it(user_layer("public"));
  const auto kept = insights(Scope::open);
  ASSERT_THAT(kept, SizeIs(1));
  EXPECT_THAT(kept[0].content, HasSubstr("made without a language model"));
  EXPECT_THAT(kept[0].content, HasSubstr("harbour"));
}

TEST_P(LayerRunTest, WhatAPersonSaidOfAnInsightTheNextRunSees) {
  add_message("C", "1", "words");
  add_topic("server:S:user:1", "user", 40);
  run_it(user_layer("public"));
  const auto first = insights(Scope::open).front();
  ASSERT_TRUE(writer_->write([&](store::Connection& connection) -> Status {
    LINNET_TRY(const auto judged,
               judge(connection, Scope::open, first.id,
                     {.rating = 2, .correction = "They draw charts, not maps."}, "ada", clock_.now()));
    EXPECT_EQ(words_of(judged), "They draw charts, not maps.");
    return {};
  }));
  run_it(user_layer("public"));
  EXPECT_THAT(models_.asked.back().text, HasSubstr("They draw charts, not maps."));
  EXPECT_THAT(models_.asked.back().text, HasSubstr("found it wrong (2 of 5)"));
  EXPECT_THAT(models_.asked.back().text, Not(HasSubstr("They talk about maps.")));
  const auto second = insights(Scope::open).front();
  ASSERT_TRUE(writer_->write([&](store::Connection& connection) -> Status {
    LINNET_TRY(const auto gone, withdraw(connection, Scope::open, second.id, "a guess", "ada", clock_.now()));
    (void)gone;
    return {};
  }));
  EXPECT_THAT(insights(Scope::open), IsEmpty());
  run_it(user_layer("public"));
  EXPECT_THAT(models_.asked.back().text, HasSubstr("withdrew it: a guess; do not repeat it"));
}

TEST_P(LayerRunTest, APlanAsksNobodyAndWritesNothing) {
  add_message("C", "1", "the new map");
  add_topic("server:S:user:1", "user", 40);
  const CostOf cost = [](const std::string&, std::int64_t in, std::int64_t out) {
    return std::optional(in + out);
  };
  auto reader = (*database_)->reader();
  const auto plan = plan_layer(**reader, parts(), cost, user_layer("public"));
  ASSERT_TRUE(plan) << plan.error().message;
  ASSERT_THAT(plan->targets, SizeIs(1));
  ASSERT_THAT(plan->targets[0].prompts, SizeIs(1));
  EXPECT_THAT(plan->targets[0].prompts[0].text, HasSubstr("the new map"));
  EXPECT_GT(plan->tokens, 500);
  EXPECT_EQ(plan->cost_micros, plan->tokens);
  EXPECT_THAT(models_.asked, IsEmpty());
  EXPECT_EQ(count("SELECT (SELECT count(*) FROM layer_runs) + (SELECT count(*) FROM insights)"), 0);
}

INSTANTIATE_TEST_SUITE_P(Engines, LayerRunTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

}  // namespace
}  // namespace linnet::reflect
