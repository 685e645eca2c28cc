// Bursts and hashtags that stand together, against a plain count over the same random posts.
#include <map>
#include <set>

#include "analyze/figures_fixture.hpp"
#include "analyze/hashtag_figures.hpp"

namespace linnet::analyze {
namespace {

class HashtagCompanyTest : public FiguresFixture {};

INSTANTIATE_TEST_SUITE_P(Engines, HashtagCompanyTest, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);

bool has(const PostSketch& post, const std::string& tag) {
  return std::find(post.tags.begin(), post.tags.end(), tag) != post.tags.end();
}

TEST_P(HashtagCompanyTest, RelatedTagsAreThoseOfAPlainCount) {
  std::minstd_rand random(5);
  for (int i = 0; i < 120; ++i) insert(any_post(random));
  auto reader = (*database_)->reader();
  for (const auto window : {hours(1), hours(4), hours(100)}) {
    for (const std::size_t limit : {std::size_t{2}, std::size_t{20}}) {
      std::map<std::string, double> with;
      std::map<std::string, std::int64_t> both;
      double posts = 0;
      for (const auto& post : posts_) {
        if (post.is_deleted || post.created_at() <= kNow - window) continue;
        ++posts;
        for (const auto& tag : post.tags) {
          ++with[tag];
          if (tag != "books" && has(post, "books")) ++both[tag];
        }
      }
      std::vector<std::tuple<std::int64_t, double, std::string>> expected;
      for (const auto& [tag, count] : both)
        expected.emplace_back(-count, -posts * static_cast<double>(count) / (with["books"] * with[tag]), tag);
      std::sort(expected.begin(), expected.end());
      if (expected.size() > limit) expected.resize(limit);
      const auto related = related_hashtags(**reader, "Books", kNow, window, limit);
      ASSERT_TRUE(related) << related.error().message;
      ASSERT_EQ(related->size(), expected.size());
      for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ((*related)[i].count, -std::get<0>(expected[i]));
        EXPECT_NEAR((*related)[i].lift, -std::get<1>(expected[i]), 1e-9);
        EXPECT_EQ((*related)[i].name, std::get<2>(expected[i]));
      }
    }
  }
}

TEST_P(HashtagCompanyTest, BurstsAreThoseOfAPlainCount) {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    if (seed > 1) begin_anew();
    std::minstd_rand random(seed);
    for (int i = 0; i < 150; ++i) insert(any_post(random));
    for (const std::optional<InstanceId> instance :
         {std::optional<InstanceId>(), std::optional(InstanceId(2))}) {
      TrendQuestion ask;
      ask.method = TrendMethod::burst;
      ask.at = kNow;
      ask.instance = instance;
      using Seen = std::set<std::tuple<std::int64_t, int, int>>;  // window, instance, account
      std::map<std::string, Seen> seen;
      std::map<std::string, std::int64_t> recent_posts;
      Seen all;
      Instant oldest = kNow;
      for (const auto& post : posts_) {
        if (post.is_deleted || post.tags.empty() || (instance && instance->value() != post.instance))
          continue;
        if (post.created_at() <= kNow - ask.window * 43) continue;
        oldest = std::min(oldest, post.created_at());
        const std::tuple use{(kNow - post.created_at()) / ask.window, post.instance, post.account};
        all.insert(use);
        for (const auto& tag : post.tags) {
          seen[tag].insert(use);
          recent_posts[tag] += std::get<0>(use) == 0 ? 1 : 0;
        }
      }
      const auto recent_of = [](const Seen& uses) {
        return std::count_if(uses.begin(), uses.end(), [](const auto& use) { return std::get<0>(use) == 0; });
      };
      const auto past_of = [&](const Seen& uses) {
        return static_cast<std::int64_t>(uses.size()) - recent_of(uses);
      };
      const double past_windows = std::max(
          0.0, std::chrono::duration<double>(kNow - oldest) / std::chrono::duration<double>(ask.window) - 1);
      const double season = burst_season(recent_of(all), past_of(all), past_windows);
      std::vector<BurstCandidate> candidates;
      for (const auto& [tag, uses] : seen) {
        if (recent_of(uses) > 0)
          candidates.push_back(
              {tag, recent_posts[tag], {recent_of(uses), past_of(uses), past_windows, season}});
      }
      const auto expected = bursting_tags(candidates);
      auto reader = (*database_)->reader();
      const auto got = trending_hashtags(**reader, ask);
      ASSERT_TRUE(got) << got.error().message;
      ASSERT_EQ(got->size(), expected.size());
      for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ((*got)[i].name, expected[i].name);
        EXPECT_EQ((*got)[i].recent, expected[i].recent);
        EXPECT_EQ((*got)[i].accounts, expected[i].accounts);
        EXPECT_NEAR((*got)[i].score, expected[i].score, 1e-9);
      }
    }
  }
}

}  // namespace
}  // namespace linnet::analyze
