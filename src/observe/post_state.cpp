#include "observe/post_state.hpp"

#include <algorithm>

#include "model/visibility.hpp"

namespace linnet::observe {
namespace {

using model::PostSighting;

void first_sight(PostState& state, const PostSighting& sighting, Instant received_at) {
  state.is_known = true;
  state.account_id = sighting.author.id;
  state.stated_created_at = sighting.created_at;
  state.created_at = believed_time(sighting.created_at, received_at);
  state.edited_at = sighting.edited_at;
  state.discovered_at = received_at;
  state.last_extracted_at = received_at;
  state.valid_from = state.created_at;
  state.described_by = &sighting;
  state.content_from = &sighting;
  if (!sighting.is_boost) {
    state.version_seq = 1;
    state.content_hash = sighting.content_hash;
  }
  if (sighting.has_counts) {
    state.counts.observe(received_at, sighting.counts);
  } else if (sighting.begins_at_zero) {
    // Not when it was seen: an edit that comes first and the post itself say the same of its beginning.
    state.counts.observe(sighting.created_at, {});
  }
  state.observed = true;
}

// A post is as old as it was when it was seen first, whenever that becomes known.
void note_earlier_sight(PostState& state, Instant received_at) {
  state.discovered_at = received_at;
  state.observed = true;
  const auto time = believed_time(state.stated_created_at, received_at);
  if (time == state.created_at) return;
  if (state.is_stored && !state.stored_created_at) state.stored_created_at = state.created_at;
  state.created_at = time;
  if (state.version_seq <= 1) state.valid_from = time;
  if (!state.past_versions.empty() && state.past_versions.front().seq == 1)
    state.past_versions.front().valid_from = time;
}

// Null counts as earlier than every time.
bool is_later(const std::optional<Instant>& a, const std::optional<Instant>& b) {
  return a && (!b || *a > *b);
}

Outcome apply_content(PostState& state, const PostSighting& sighting) {
  if (sighting.is_boost || state.version_seq == 0) return Outcome::unchanged;
  const bool later = is_later(sighting.edited_at, state.edited_at);
  if (!state.knows_attached && sighting.plain_hash == state.content_hash) {
    // What older versions of this program did not keep is no edit.
    state.knows_attached = true;
    state.content_hash = sighting.content_hash;
    state.content_from = &sighting;
    if (later) state.edited_at = sighting.edited_at;
    state.observed = true;
    return Outcome::applied;
  }
  if (sighting.content_hash == state.content_hash) {
    if (!later) return Outcome::unchanged;
    // Edited without a change of content (a poll's options, say). Remembered, so that whatever lay between is
    // stale whenever it arrives.
    state.edited_at = sighting.edited_at;
    state.observed = true;
    return Outcome::applied;
  }
  if (!later) return Outcome::stale;
  state.past_versions.push_back({state.version_seq, state.valid_from, *sighting.edited_at, state.edited_at,
                                 state.content_hash, state.content_from});
  ++state.version_seq;
  state.knows_attached = true;
  state.valid_from = *sighting.edited_at;
  state.edited_at = sighting.edited_at;
  state.content_hash = sighting.content_hash;
  state.content_from = &sighting;
  return Outcome::applied;
}

}  // namespace

bool PostState::is_followers_only() const {
  if (described_by == nullptr) return stored_followers_only;
  return model::reach_of(described_by->visibility.value_or("")) != model::Reach::everyone;
}

Outcome apply_sighting(PostState& state, const PostSighting& sighting, Instant received_at) {
  if (!state.is_known) {
    first_sight(state, sighting, received_at);
    return Outcome::applied;
  }
  Outcome outcome = apply_content(state, sighting);
  if (sighting.has_counts && state.counts.observe(received_at, sighting.counts)) {
    state.observed = true;
    if (outcome == Outcome::unchanged) outcome = Outcome::applied;
  }
  if (received_at >= state.last_extracted_at) {
    state.observed = state.observed || received_at > state.last_extracted_at;
    state.last_extracted_at = received_at;
    state.described_by = &sighting;
  }
  if (received_at < state.discovered_at) note_earlier_sight(state, received_at);
  return outcome;
}

Outcome apply_deletion(PostState& state, Instant received_at) {
  if (state.deleted_at && *state.deleted_at <= received_at && !state.taken_down) return Outcome::unchanged;
  state.deleted_at = received_at;
  state.taken_down = false;
  state.deletion_changed = true;
  return Outcome::applied;
}

Outcome apply_takedown(PostState& state, Instant received_at) {
  const bool is_past = state.restored_at && received_at <= *state.restored_at;
  if (!state.is_known || state.deleted_at || is_past) return Outcome::unchanged;
  state.deleted_at = received_at;
  state.taken_down = true;
  state.deletion_changed = true;
  return Outcome::applied;
}

Outcome apply_restoration(PostState& state, Instant received_at) {
  if (!state.taken_down || *state.deleted_at > received_at) return Outcome::unchanged;
  state.deleted_at.reset();
  state.restored_at = received_at;
  state.taken_down = false;
  state.deletion_changed = true;
  return Outcome::applied;
}

Instant believed_time(Instant stated, Instant seen_first) {
  constexpr Duration kClocksDiffer = std::chrono::minutes{10};
  return stated > seen_first + kClocksDiffer ? seen_first : stated;
}

}  // namespace linnet::observe
