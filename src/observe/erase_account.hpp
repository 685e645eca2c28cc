// Takes one account out of the tables that are made from the event log.
#pragma once

#include <set>
#include <vector>

#include "observe/person_erasure.hpp"

namespace linnet::observe {

// Adds what the tables hold of the account.
Status count_account(store::Connection& connection, const PersonAccount& account, ObservedErasure& found);

// What must be done elsewhere once posts are gone.
struct ErasedPosts {
  std::vector<std::int64_t> rows;  // their row numbers
  std::set<Instant> hours;         // in which they stood
};

// What is erased one after the other: what posts of others say of the account, then its own posts.
enum class ErasureStep { boosts, replies, mentions, versions, posts, done };

// A part of one step, at most about `most` posts, within the caller's transaction and under the lock of the
// tables; answers which step is next. To be called again and again in transactions of their own, so that
// others get in between. What stands with the account itself is for erase_account().
Result<ErasureStep> erase_some(store::Connection& connection, const PersonAccount& account, ErasureStep step,
                               std::int64_t most, ErasedPosts& gone);

// Everything there is of the account, within the caller's transaction and under the lock of the tables.
Status erase_account(store::Connection& connection, const PersonAccount& account, ErasedPosts& gone);

}  // namespace linnet::observe
