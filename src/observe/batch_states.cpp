#include "observe/batch_states.hpp"

#include <unordered_set>

namespace linnet::observe {
namespace {

using store::ColumnType;

const store::BulkLookup kFindPosts{"posts",
                                   {{"instance_id", ColumnType::integer}, {"id", ColumnType::text}},
                                   "account_id, created_at, edited_at, deleted_at, discovered_at, "
                                   "last_extracted_at, counts_at, replies_count, "
                                   "reblogs_count, favourites_count, engagement_score, version_seq, "
                                   "valid_from, content_hash, hashtags, media_ids, "
                                   "mentions, stated_created_at, taken_down, attached, restored_at, "
                                   "followers_only"};
const store::BulkLookup kFindTombstones{
    "post_tombstones", {{"instance_id", ColumnType::integer}, {"post_id", ColumnType::text}}, "deleted_at"};
const store::BulkLookup kFindSnapshots{"post_metric_snapshots",
                                       {{"instance_id", ColumnType::integer}, {"post_id", ColumnType::text}},
                                       "captured_at, replies_count, reblogs_count, favourites_count"};
const store::BulkLookup kFindUnchanged{"post_unchanged_counts",
                                       {{"instance_id", ColumnType::integer}, {"post_id", ColumnType::text}},
                                       "observed_at"};

void read_post(const store::Statement& row, Arena& arena, PostState& state) {
  state.is_stored = state.is_known = true;
  state.account_id = arena.copy(row.text(0));
  state.created_at = row.instant(1);
  state.edited_at = row.maybe_instant(2);
  state.deleted_at = row.maybe_instant(3);
  state.discovered_at = row.instant(4);
  state.last_extracted_at = row.instant(5);
  if (row.instant(6) != kNeverCounted) {
    state.counts.load_snapshot(row.instant(6), {row.integer(7), row.integer(8), row.integer(9)});
    state.counts.loaded();
  }
  state.stored_score = row.integer(10);
  state.version_seq = row.integer(11);
  state.valid_from = row.instant(12);
  state.content_hash = static_cast<std::uint64_t>(row.integer(13));
  state.hashtags_json = arena.copy(row.text(14));
  state.has_media = !row.is_null(15);
  state.has_mentions = !row.is_null(16);
  state.stated_created_at = row.maybe_instant(17).value_or(state.created_at);
  state.taken_down = row.integer(18) != 0;
  state.restored_at = row.maybe_instant(20);
  state.knows_attached = row.is_null(19) || !row.text(19).empty();
  state.stored_followers_only = row.integer(21) != 0;
}

Result<std::string> greatest_text(store::Connection& connection, std::string_view sql, InstanceId instance) {
  LINNET_TRY(auto text, store::query_text(connection, sql, {instance.value()}));
  return std::move(text).value_or("");
}

// Whether the newest observation that is stored may not be the one before this event: then the whole history
// counts.
bool needs_history(const PostState& state, const model::PostSighting& sighting, Instant received_at) {
  if (!state.is_stored || !sighting.has_counts || received_at > state.last_extracted_at) return false;
  if (state.counts.empty()) return false;
  const auto& newest = state.counts.newest();
  return received_at != newest.at || sighting.counts != newest.counts;
}

}  // namespace

PostState& BatchStates::at(InstanceId instance, std::string_view id) {
  return states_[index_.find({instance, id})->second];
}

void BatchStates::add(InstanceId instance, std::string_view id) {
  const auto [place, is_new] = index_.try_emplace({instance, id}, states_.size());
  if (!is_new) return;
  auto& state = states_.emplace_back();
  state.instance = instance;
  state.id = id;
}

Status BatchStates::load(store::Connection& connection, std::span<const model::Event> events,
                         GreatestIds& greatest) {
  index_.reserve(events.size());
  states_.reserve(events.size());
  for (const auto& event : events) {
    for (const auto& post : event.posts) add(event.instance, post.id);
    const bool names_a_post = event.kind == model::EventKind::deletion ||
                              event.kind == model::EventKind::takedown ||
                              event.kind == model::EventKind::restoration;
    if (names_a_post) add(event.instance, event.status_id);
  }
  for (const auto& state : states_) {
    const auto [place, is_new] = greatest.by_instance.try_emplace(state.instance);
    if (!is_new) continue;
    LINNET_TRY(place->second.post,
               greatest_text(connection, "SELECT max(id) FROM posts WHERE instance_id = $1", state.instance));
    LINNET_TRY(place->second.tombstone,
               greatest_text(connection, "SELECT max(post_id) FROM post_tombstones WHERE instance_id = $1",
                             state.instance));
  }
  LINNET_CHECK(load_posts(connection, greatest));
  LINNET_CHECK(load_tombstones(connection, greatest));
  return load_late_histories(connection, events);
}

Status BatchStates::load_posts(store::Connection& connection, GreatestIds& greatest) {
  store::RowBatch keys(2);
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    auto& last = greatest.by_instance.find(states_[i].instance)->second.post;
    if (states_[i].id > last) continue;
    keys.add_row(states_[i].instance.value(), states_[i].id);
    places.push_back(i);
  }
  for (const auto& state : states_) {
    auto& last = greatest.by_instance.find(state.instance)->second.post;
    if (state.id > last) last = state.id;
  }
  if (keys.empty()) return {};
  return connection.lookup_many(kFindPosts, keys, [&](std::size_t index, const store::Statement& row) {
    read_post(row, arena_, states_[places[index]]);
  });
}

Status BatchStates::load_tombstones(store::Connection& connection, GreatestIds& greatest) {
  store::RowBatch keys(2);
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const auto& state = states_[i];
    const auto& last = greatest.by_instance.find(state.instance)->second.tombstone;
    if (state.is_stored || state.id > last) continue;
    keys.add_row(state.instance.value(), state.id);
    places.push_back(i);
  }
  if (keys.empty()) return {};
  return connection.lookup_many(kFindTombstones, keys, [&](std::size_t index, const store::Statement& row) {
    states_[places[index]].deleted_at = row.instant(0);
  });
}

Status BatchStates::load_late_histories(store::Connection& connection, std::span<const model::Event> events) {
  store::RowBatch keys(2);
  std::vector<PostState*> late;
  std::unordered_set<const PostState*> is_late;
  for (const auto& event : events) {
    for (const auto& post : event.posts) {
      auto& state = at(event.instance, post.id);
      if (!needs_history(state, post, event.received_at)) continue;
      if (!is_late.insert(&state).second) continue;
      late.push_back(&state);
      keys.add_row(state.instance.value(), state.id);
    }
  }
  if (keys.empty()) return {};
  for (auto* state : late) state->counts = {};
  LINNET_CHECK(
      connection.lookup_many(kFindSnapshots, keys, [&](std::size_t index, const store::Statement& row) {
        late[index]->counts.load_snapshot(row.instant(0), {row.integer(1), row.integer(2), row.integer(3)});
      }));
  LINNET_CHECK(
      connection.lookup_many(kFindUnchanged, keys, [&](std::size_t index, const store::Statement& row) {
        late[index]->counts.load_unchanged(row.instant(0));
      }));
  for (auto* state : late) state->counts.loaded();
  return {};
}

}  // namespace linnet::observe
