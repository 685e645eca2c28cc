// What a person has begun to write and not sent, kept so that it outlives the browser and is there on the
// next machine. Only its owner may see it; nothing here looks into it, but to find whom it names.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "store/record/entity.hpp"

namespace linnet::govern {

// Of one person. Beyond that the one that was left alone for longest goes.
inline constexpr std::size_t kMostDrafts = 100;
// In bytes: a long thread with its descriptions, and no files.
inline constexpr std::size_t kLargestDraft = 250'000;

struct Draft {
  std::string id;
  std::string owner_id;  // empty: whoever sits at a machine without passwords
  std::string name;
  std::string content;  // JSON
  Instant saved_at{};   // tells one state from the next
};

struct SavedDraft {
  std::string name;
  Instant saved_at{};
  bool replaced_another = false;  // of another tab or machine, that the writer had not seen
};

// Newest first.
Result<std::vector<Draft>> drafts_of(store::Connection& connection, const std::string& owner_id);
Result<std::optional<Draft>> find_draft(store::Connection& connection, const std::string& owner_id,
                                        const std::string& name);
// Within the caller's transaction. The newest wins: `seen_at` is of the state that its writer knew, nullopt:
// none. `invalid` when it is too large.
Result<SavedDraft> save_draft(store::Connection& connection, Draft draft, std::optional<Instant> seen_at,
                              Instant now);
// Within the caller's transaction; `not_found` where there is none.
Status remove_draft(store::Connection& connection, const std::string& owner_id, const std::string& name);
Status remove_drafts_of(store::Connection& connection, const std::string& owner_id);

}  // namespace linnet::govern

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::govern::Draft>();
template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::govern::SavedDraft>();
