// Which hashtags stand together on posts.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace linnet::analyze {

// One hashtag on one post. `post` is any number that tells the posts apart, `tag` the hashtag's id.
struct TaggedPost {
  std::int64_t post = 0;
  std::int64_t tag = 0;
};

struct TagPair {
  std::int64_t a = 0;  // the smaller id
  std::int64_t b = 0;
  std::int64_t count = 0;  // posts with both
  double lift = 0;  // n × count / (posts with a × posts with b): above 1, they seek each other's company

  friend bool operator==(const TagPair&, const TagPair&) = default;
};

// A post with more tags than this is spam: its tags count, its pairs do not (they grow with the square).
inline constexpr std::size_t kMostTagsOnPost = 200;

// Every pair with at least `min_count` posts, by count descending, then lift descending, then ids. `rows`
// holds the rows of one post next to each other; a tag given twice on a post counts once. `posts` is n, the
// number of posts in the window, with tags or without.
std::vector<TagPair> co_occurring_tags(std::span<const TaggedPost> rows, std::int64_t posts,
                                       std::int64_t min_count = 1);

// The same for the pairs of one tag, in time and memory that do not grow with the number of all pairs.
std::vector<TagPair> tags_beside(std::int64_t tag, std::span<const TaggedPost> rows, std::int64_t posts,
                                 std::int64_t min_count = 1);

}  // namespace linnet::analyze
