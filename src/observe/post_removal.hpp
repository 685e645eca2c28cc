// Takes posts away with all that hangs on them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "observe/own_facts.hpp"
#include "observe/projection.hpp"

namespace linnet::observe {

// What there must be known of a post to take it away.
struct StoredPost {
  std::int64_t row = 0;  // its number
  InstanceId instance{};
  std::string id;
  Instant created_at{};
  std::string hashtags;                    // JSON array; empty: none
  std::optional<Instant> deleted_at = {};  // by its author
};

// `rest` is the condition, and what may follow it.
Result<std::vector<StoredPost>> find_posts(store::Connection& connection, std::string_view rest,
                                           std::initializer_list<store::Value> values);

// Within the caller's transaction and under the lock of the tables. The figures of hashtags are those of what
// is left; a hashtag that no post has any more goes. Adds to `gone` what must be done elsewhere.
Status remove_posts(store::Connection& connection, const std::vector<StoredPost>& posts, ErasedPosts& gone);

// What is left to be done, kept with the transaction: the words of those posts leave the search index, and
// what follows the numbers of rows reads those again that are given out anew.
Status leave_to_followers(store::Connection& connection, const ErasedPosts& gone);

// What a rule took away, as the log has it. Of a post that its author had deleted, that stays known.
Status apply_posts_removed(store::Connection& connection, const PostsRemoved& fact, ErasedPosts& gone);

}  // namespace linnet::observe
