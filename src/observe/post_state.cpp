#include "observe/post_state.hpp"

#include <algorithm>

namespace linnet::observe {
namespace {

using model::PostSighting;

void first_sight(PostState& state, const PostSighting& sighting, Instant received_at) {
  state.is_known = true;
  state.account_id = sighting.author.id;
  state.created_at = sighting.created_at;
  state.edited_at = sighting.edited_at;
  state.discovered_at = received_at;
  state.last_extracted_at = received_at;
  state.valid_from = sighting.created_at;
  state.described_by = &sighting;
  state.content_from = &sighting;
  if (!sighting.is_boost) {
    state.version_seq = 1;
    state.content_hash = sighting.content_hash;
  }
  if (sighting.has_counts) {
    state.counts.observe(received_at, sighting.counts);
  } else {
    // Not when it was seen: an edit that comes first and the post itself say the same of its beginning.
    state.counts.observe(sighting.created_at, {});
  }
  state.observed = true;
}

// Null counts as earlier than every time.
bool is_later(const std::optional<Instant>& a, const std::optional<Instant>& b) {
  return a && (!b || *a > *b);
}

Outcome apply_content(PostState& state, const PostSighting& sighting) {
  if (sighting.is_boost || state.version_seq == 0) return Outcome::unchanged;
  const bool later = is_later(sighting.edited_at, state.edited_at);
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
  state.valid_from = *sighting.edited_at;
  state.edited_at = sighting.edited_at;
  state.content_hash = sighting.content_hash;
  state.content_from = &sighting;
  return Outcome::applied;
}

}  // namespace

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
  if (received_at < state.discovered_at) {
    state.discovered_at = received_at;
    state.observed = true;
  }
  return outcome;
}

Outcome apply_deletion(PostState& state, Instant received_at) {
  if (state.deleted_at && *state.deleted_at <= received_at) return Outcome::unchanged;
  state.deleted_at = received_at;
  state.deletion_changed = true;
  return Outcome::applied;
}

}  // namespace linnet::observe
