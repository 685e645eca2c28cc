// Pairs of hashtags: their count and lift, against the definition.
#include "analyze/co_occurrence.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace linnet::analyze {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Posts 1 and 2 have tags 10 and 20, post 3 has 10 and 30, post 4 has 20.
const std::vector<TaggedPost> kRows = {{1, 10}, {1, 20}, {2, 20}, {2, 10},
                                       {2, 10}, {3, 10}, {3, 30}, {4, 20}};

TEST(CoOccurrence, counts_pairs_and_their_lift) {
  EXPECT_THAT(co_occurring_tags(kRows, 12),
              ElementsAre(TagPair{10, 20, 2, 12.0 * 2 / (3 * 3)}, TagPair{10, 30, 1, 12.0 / (3 * 1)}));
  EXPECT_THAT(co_occurring_tags(kRows, 12, 2), ElementsAre(TagPair{10, 20, 2, 12.0 * 2 / (3 * 3)}));
  EXPECT_THAT(co_occurring_tags({}, 12), IsEmpty());
}

TEST(CoOccurrence, finds_what_stands_beside_one_tag) {
  EXPECT_THAT(tags_beside(30, kRows, 12), ElementsAre(TagPair{10, 30, 1, 4.0}));
  EXPECT_EQ(tags_beside(10, kRows, 12), co_occurring_tags(kRows, 12));
  EXPECT_THAT(tags_beside(99, kRows, 12), IsEmpty());
}

TEST(CoOccurrence, a_wall_of_tags_makes_no_pairs) {
  std::vector<TaggedPost> rows;
  for (std::int64_t tag = 0; tag < 5'000; ++tag) rows.push_back({1, tag});
  rows.push_back({2, 1});
  rows.push_back({2, 2});
  EXPECT_THAT(co_occurring_tags(rows, 2), ElementsAre(TagPair{1, 2, 1, 2.0 / (2 * 2)}));
  EXPECT_THAT(tags_beside(1, rows, 2), ElementsAre(TagPair{1, 2, 1, 2.0 / (2 * 2)}));
}

RC_GTEST_PROP(CoOccurrence, agrees_with_the_definition, ()) {
  const auto tags = rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(1, 8));
  const auto tag_set = rc::gen::map(tags, [](const std::vector<std::int64_t>& all) {
    return std::set<std::int64_t>(all.begin(), all.end());
  });
  const auto posts = *rc::gen::container<std::vector<std::set<std::int64_t>>>(tag_set);
  std::vector<TaggedPost> rows;
  std::map<std::int64_t, std::int64_t> with;
  std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> together;
  for (std::size_t post = 0; post < posts.size(); ++post) {
    for (const auto tag : posts[post]) {
      rows.push_back({static_cast<std::int64_t>(post), tag});
      ++with[tag];
      for (const auto other : posts[post]) {
        if (tag < other) ++together[{tag, other}];
      }
    }
  }
  const auto n = static_cast<std::int64_t>(posts.size());
  const auto pairs = co_occurring_tags(rows, n);
  RC_ASSERT(pairs.size() == together.size());
  for (const auto& pair : pairs) {
    RC_ASSERT(pair.count == (together[{pair.a, pair.b}]));
    const double lift =
        static_cast<double>(n * pair.count) / static_cast<double>(with[pair.a] * with[pair.b]);
    RC_ASSERT(std::abs(pair.lift - lift) < 1e-9);
  }
  RC_ASSERT(std::is_sorted(pairs.begin(), pairs.end(),
                           [](const TagPair& x, const TagPair& y) { return x.count > y.count; }));
}

}  // namespace
}  // namespace linnet::analyze
