// What is known of one post while a batch of events is applied to it, and the rules by which an event changes
// it («A post»). Pure: the projector loads the state before and writes it after.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/instant.hpp"
#include "model/sighting.hpp"
#include "observe/count_history.hpp"

namespace linnet::observe {

// In place of a time: the platform never told the post's counts, so that it has no snapshot.
inline constexpr Instant kNeverCounted{};

// A version that was the newest until this batch. Without a source it is the one that stands in the database.
struct PastVersion {
  std::int64_t seq = 0;
  Instant valid_from;
  Instant valid_to;
  std::optional<Instant> edited_at;
  std::uint64_t content_hash = 0;
  const model::PostSighting* source = nullptr;
};

struct PostState {
  InstanceId instance{};
  std::string_view id;
  bool is_stored = false;  // has a row in `posts`
  bool is_known = false;   // has one, or will have after this batch

  // The row.
  std::string_view account_id;
  Instant created_at{};  // see believed_time
  Instant stated_created_at{};
  std::optional<Instant> edited_at;
  std::optional<Instant> deleted_at;  // of a post that is not known: its tombstone
  bool taken_down = false;            // it is the platform's takedown that `deleted_at` tells of
  std::optional<Instant> restored_at;
  Instant discovered_at{};
  Instant last_extracted_at{};
  std::int64_t version_seq = 0;  // 0: a boost
  Instant valid_from{};
  std::uint64_t content_hash = 0;
  std::string_view hashtags_json;  // the newest version's
  bool knows_attached = true;      // false: its hash is one without descriptions and polls
  bool has_media = false;
  bool has_mentions = false;
  bool stored_followers_only = false;
  std::int64_t stored_score = 0;
  CountHistory counts;

  // What this batch brought. Sightings are borrowed from the batch.
  const model::PostSighting* described_by = nullptr;  // newest: language, visibility, address …
  const model::PostSighting* content_from = nullptr;  // the newest version
  std::vector<PastVersion> past_versions;
  bool observed = false;  // a count, or when it was seen, changed
  bool deletion_changed = false;
  std::optional<Instant> stored_created_at;  // where the post's time has changed since

  // The newest counts and their time.
  [[nodiscard]] Observation newest_counts() const {
    return counts.empty() ? Observation{.at = kNeverCounted, .counts = {}} : counts.newest();
  }
  [[nodiscard]] bool is_new() const { return is_known && !is_stored; }
  // As the newest sighting says: it stands in no list and no figure that everybody may read.
  [[nodiscard]] bool is_followers_only() const;
};

enum class Outcome { applied, unchanged, stale };

// A status was seen at `received_at`.
Outcome apply_sighting(PostState& state, const model::PostSighting& sighting, Instant received_at);
// The platform said at `received_at` that the post was deleted.
Outcome apply_deletion(PostState& state, Instant received_at);
// The platform took its author's account down, or gave it back: what was not deleted otherwise comes back.
Outcome apply_takedown(PostState& state, Instant received_at);
Outcome apply_restoration(PostState& state, Instant received_at);

// A time more than ten minutes after a post was seen first is not believed.
Instant believed_time(Instant stated, Instant seen_first);

}  // namespace linnet::observe
