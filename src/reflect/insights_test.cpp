// Which insights are shown to whom, which take whose place, which go, and what people may say of them.
#include "reflect/insights.hpp"

#include <gmock/gmock.h>

#include "reflect/choose_insights.hpp"
#include "reflect/judgement.hpp"
#include "reflect/reflect_fixture.hpp"

namespace linnet::reflect {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class InsightsTest : public ReflectTest {
 protected:
  Insight keep(const std::string& topic, const std::string& content, const std::vector<Source>& sources,
               Insight like = {}) {
    clock_.advance(std::chrono::seconds(1));
    like.topic_key = topic;
    like.category = "reflection";
    like.content = content;
    like.layer_run_id = "run";
    Insight kept;
    const auto done = writer_->write([&](store::Connection& connection) -> Status {
      LINNET_TRY(kept, store_insight(connection, like, sources, clock_.now()));
      return {};
    });
    EXPECT_TRUE(done) << done.error().message;
    return kept;
  }
  Source of(Scope scope, const std::string& id = "m1") {
    return {SourceKind::message, InstanceId(1), id, "1", scope, clock_.now()};
  }
  static Source of(const Insight& insight) {
    return {SourceKind::insight, {}, insight.id, "", insight.sources_scope_max, insight.created_at};
  }
  std::vector<std::string> words(Scope most, InsightFilter filter = {}) {
    std::vector<std::string> all;
    for (const auto& one : insights(most, std::move(filter))) all.push_back(one.content);
    return all;
  }
};

TEST_P(InsightsTest, AreAsPrivateAsTheMostPrivateOfTheirSources) {
  const auto open = keep("self", "open", {of(Scope::open)});
  const auto derived = keep("self", "derived", {of(Scope::open), of(Scope::derived, "m2")});
  const auto through = keep("self", "through", {of(derived)});
  const auto dm = keep("self", "dm", {of(through), {SourceKind::dm, InstanceId(1), "d", "1", Scope::dm, {}}});
  EXPECT_EQ(open.sources_scope_max, Scope::open);
  EXPECT_EQ(through.sources_scope_max, Scope::derived);
  EXPECT_EQ(dm.sources_scope_max, Scope::dm);
  EXPECT_THAT(words(Scope::open), ElementsAre("open"));
  EXPECT_THAT(words(Scope::derived), ElementsAre("through", "derived", "open"));
  EXPECT_THAT(words(Scope::dm), SizeIs(4));
  EXPECT_THAT(words(Scope::open, {.scope = Scope::dm}), IsEmpty());
  auto reader = (*database_)->reader();
  EXPECT_FALSE(find_insight(**reader, Scope::derived, dm.id, clock_.now()).value());
  EXPECT_TRUE(find_insight(**reader, Scope::dm, dm.id, clock_.now()).value());
}

TEST_P(InsightsTest, GoWhenTheirTimeHasPassedAndLineageOutlivesThem) {
  Insight short_lived;
  short_lived.expires_at = clock_.now() + std::chrono::days(1);
  const auto first = keep("self", "first", {of(Scope::open)}, short_lived);
  const auto second = keep("self", "second", {of(first)});
  clock_.advance(std::chrono::days(2));
  EXPECT_THAT(words(Scope::open), ElementsAre("second"))
      << "what has expired is shown no more, before it goes";
  const auto remove = [&] {
    std::int64_t removed = 0;
    const auto done = writer_->write([&](store::Connection& connection) -> Status {
      LINNET_TRY(removed, remove_expired(connection, clock_.now()));
      return {};
    });
    EXPECT_TRUE(done) << done.error().message;
    return removed;
  };
  EXPECT_EQ(remove(), 1);
  EXPECT_EQ(count("SELECT count(*) FROM insight_sources WHERE source_kind = 'message'"), 1)
      << "of what the first was made is known as long as the second is there";
  run("DELETE FROM insights WHERE id = $1", {std::string_view(second.id)});
  remove();
  EXPECT_EQ(count("SELECT count(*) FROM insight_sources"), 0);
}

TEST_P(InsightsTest, ThatArePinnedStay) {
  Insight short_lived;
  short_lived.expires_at = clock_.now() + std::chrono::days(1);
  const auto kept = keep("self", "pinned", {of(Scope::open)}, short_lived);
  ASSERT_TRUE(writer_->write([&](store::Connection& connection) -> Status {
    LINNET_TRY(const auto judged,
               judge(connection, Scope::open, kept.id, {.is_pinned = true}, "ada", clock_.now()));
    (void)judged;
    return {};
  }));
  clock_.advance(std::chrono::days(2));
  EXPECT_THAT(words(Scope::open), ElementsAre("pinned"));
}

TEST_P(InsightsTest, AreJudgedByThoseAloneWhoMaySeeThem) {
  const auto dm = keep("self", "dm", {of(Scope::dm)});
  const auto judged = [&](Scope most, const Judgement& judgement) {
    ErrorKind kind = ErrorKind::internal;
    const auto done = writer_->write([&](store::Connection& connection) -> Status {
      LINNET_TRY(const auto one, judge(connection, most, dm.id, judgement, "ada", clock_.now()));
      (void)one;
      return {};
    });
    if (!done) kind = done.error().kind;
    return std::pair(done.ok(), kind);
  };
  EXPECT_EQ(judged(Scope::open, {.rating = 1}), std::pair(false, ErrorKind::not_found));
  EXPECT_EQ(judged(Scope::dm, {.rating = 6}), std::pair(false, ErrorKind::invalid));
  EXPECT_TRUE(judged(Scope::dm, {.rating = 5}).first);
  EXPECT_EQ(count("SELECT rating FROM insights"), 5);
  EXPECT_EQ(count("SELECT count(*) FROM audit_entries WHERE details LIKE '%insight_judged%'"), 1);
}

TEST_P(InsightsTest, TheDocumentsViewShowsThoseThatAreInForce) {
  keep("self", "stands", {of(Scope::open)});
  Insight over;
  over.expires_at = *parse_iso8601("2020-01-01T00:00:00Z");
  keep("self", "over", {of(Scope::open)}, over);
  EXPECT_EQ(count("SELECT count(*) FROM active_insights"), 1);
}

TEST_P(InsightsTest, AreFoundByTheirWordsAsTheyStand) {
  keep("self", "100% of the maps", {of(Scope::open)});
  keep("self", "1000 maps", {of(Scope::open)});
  EXPECT_THAT(words(Scope::open, {.query = "100%"}), ElementsAre("100% of the maps"));
  EXPECT_THAT(words(Scope::open, {.query = "MAPS"}), SizeIs(2));
}

INSTANTIATE_TEST_SUITE_P(Engines, InsightsTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

Insight numbered(int number, double confidence) {
  Insight one;
  one.id = fmt::format("{:02}", number);
  one.created_at = from_micros(number);
  one.metadata = fmt::format(R"({{"confidence":{},"importance":0.5}})", confidence);
  return one;
}

TEST(ChooseInsightsTest, TakesTheNewestAndTheWeightiestByItsProfile) {
  std::vector<Insight> all;
  for (int i = 0; i < 20; ++i) all.push_back(numbered(i, i < 10 ? 0.9 - i * 0.01 : 0.1));
  const auto ids = [&](Profile profile, std::size_t limit) {
    std::string text;
    for (const auto& one : choose_insights(all, profile, limit)) text += one.id + " ";
    return text;
  };
  EXPECT_EQ(ids(Profile::recent, 5), "19 18 17 16 00 ");
  EXPECT_EQ(ids(Profile::balanced, 4), "19 18 00 01 ");
  EXPECT_EQ(ids(Profile::deep, 10), "19 18 17 00 01 02 03 04 05 06 ");
  EXPECT_EQ(ids(Profile::recent, 2), "19 00 ") << "at least one of each";
  all[3].is_pinned = true;
  EXPECT_EQ(ids(Profile::recent, 2), "03 19 ") << "what is pinned comes first";
  all[5].rating = 5;
  EXPECT_EQ(ids(Profile::deep, 4), "03 19 05 00 ") << "what people say weighs most";
}

}  // namespace
}  // namespace linnet::reflect
