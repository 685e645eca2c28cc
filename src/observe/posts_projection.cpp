#include "observe/posts_projection.hpp"

#include <algorithm>
#include <random>
#include <tuple>
#include <utility>

#include "base/json_names.hpp"
#include "observe/batch_states.hpp"
#include "observe/erase_account.hpp"
#include "observe/hourly_stats.hpp"
#include "observe/known_accounts.hpp"
#include "observe/known_hashtags.hpp"
#include "observe/own_facts.hpp"
#include "observe/post_checks.hpp"
#include "observe/post_removal.hpp"
#include "observe/post_tables.hpp"
#include "observe/post_writer.hpp"
#include "store/bulk.hpp"

namespace linnet::observe {
namespace {

using model::Event;
using model::EventKind;
using store::ColumnType;

const std::vector<store::Column> kTagging{{"instance_id", ColumnType::integer},
                                          {"hashtag_id", ColumnType::integer},
                                          {"created_at", ColumnType::integer},
                                          {"post_id", ColumnType::text}};
const store::BulkInsert kInsertTaggings{"post_hashtags", kTagging};
const store::BulkDelete kDeleteTaggings{"post_hashtags", kTagging};

std::uint64_t random_seed() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32U) | device();
}

// The hashtags of one post before and after the batch.
struct Tagging {
  const PostState* state;
  std::vector<std::string> before;
  std::vector<std::string_view> after;
  std::int64_t score = 0;

  // Whether the post counts in the figures before the batch, and after it.
  [[nodiscard]] bool counted() const { return state->is_stored && !state->stored_followers_only; }
  [[nodiscard]] bool counts() const { return !state->is_followers_only(); }
  // The post's time is another now: all its rows and hours are.
  [[nodiscard]] bool has_moved() const { return state->stored_created_at.has_value(); }
  [[nodiscard]] Instant created_before() const {
    return state->stored_created_at.value_or(state->created_at);
  }
};

// A row of post_hashtags.
struct TaggingRow {
  std::int64_t instance;
  std::int64_t hashtag;
  std::int64_t created_at;
  std::string_view post;
  // clang-tidy takes the zero of a defaulted comparison for a pointer.
  friend auto operator<=>(const TaggingRow&, const TaggingRow&) = default;  // NOLINT(modernize-use-nullptr)
};

store::RowBatch sorted_rows(std::vector<TaggingRow>& rows) {
  std::sort(rows.begin(), rows.end());
  store::RowBatch batch(4);
  batch.reserve(rows.size());
  for (const auto& row : rows) batch.add_row(row.instance, row.hashtag, row.created_at, row.post);
  return batch;
}

bool has(const auto& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [&](const auto& other) { return other == name; });
}

void count_outcome(BatchFigures& figures, bool applied, bool stale) {
  if (stale) {
    ++figures.stale;
  } else if (applied) {
    ++figures.applied;
  } else {
    ++figures.unchanged;
  }
}

class PostsApplier final : public Applier {
 public:
  explicit PostsApplier(const ProjectorOptions& options) : options_(options) {}

  Status apply(store::Connection& connection, std::span<const Event> events, ProjectedBatch& result) override;

  void forget() override {
    greatest_.by_instance.clear();
    hashtags_.forget();
    accounts_.forget();
    hourly_.forget();
  }

 private:
  Status apply_sightings(store::Connection& connection, std::span<const Event> events,
                         ProjectedBatch& result);
  Status apply_removal(store::Connection& connection, const Event& event, ProjectedBatch& result);
  void apply_events(std::span<const Event> events, BatchStates& states, ProjectedBatch& result);
  Status write_hashtags(store::Connection& connection, std::vector<PostState>& states);
  Status load_names(store::Connection& connection, const std::vector<Tagging>& taggings);
  void remember_greatest(const std::vector<PostState>& states);

  ProjectorOptions options_;
  GreatestIds greatest_;
  KnownHashtags hashtags_;
  KnownAccounts accounts_;
  HourlyStats hourly_{random_seed()};
};

void PostsApplier::apply_events(std::span<const Event> events, BatchStates& states, ProjectedBatch& result) {
  for (const auto& event : events) {
    const bool says_nothing =
        event.kind == EventKind::other || event.kind == EventKind::chat || event.kind == EventKind::fact;
    if (!event.error.empty() || says_nothing) continue;
    auto& figures = figures_for(options_, event.id, result);
    if (event.kind == EventKind::account) {
      accounts_.saw(event.instance, *event.account, event.received_at);
      count_outcome(figures, true, false);
    } else if (event.kind != EventKind::post) {
      auto& state = states.at(event.instance, event.status_id);
      const auto outcome = event.kind == EventKind::deletion   ? apply_deletion(state, event.received_at)
                           : event.kind == EventKind::takedown ? apply_takedown(state, event.received_at)
                                                               : apply_restoration(state, event.received_at);
      count_outcome(figures, outcome == Outcome::applied, false);
    } else {
      bool applied = false;
      bool stale = false;
      for (const auto& post : event.posts) {
        const auto outcome = apply_sighting(states.at(event.instance, post.id), post, event.received_at);
        applied = applied || outcome == Outcome::applied;
        stale = stale || outcome == Outcome::stale;
        accounts_.saw(event.instance, post.author, event.received_at);
      }
      count_outcome(figures, applied, stale);
    }
  }
}

void list_changes(const std::vector<PostState>& states, std::vector<AppliedChange>& changes) {
  using Kind = AppliedChange::Kind;
  for (const auto& state : states) {
    const auto add = [&](Kind kind) {
      changes.push_back(
          {kind, state.instance, PostId(std::string(state.id)), state.created_at, state.is_followers_only()});
    };
    if (state.is_new()) add(Kind::post);
    const bool has_other_readers = state.is_followers_only() != state.stored_followers_only;
    if (state.is_stored && (state.content_from != nullptr || has_other_readers)) add(Kind::edit);
    if (state.is_stored && state.observed) add(Kind::counts);
    if (state.is_known && state.deletion_changed) add(state.deleted_at ? Kind::deletion : Kind::post);
  }
}

// Posts whose hashtags, or whose share in their hashtags' statistics, changed.
std::vector<Tagging> changed_taggings(const std::vector<PostState>& states) {
  std::vector<Tagging> taggings;
  for (const auto& state : states) {
    if (!state.is_known || state.version_seq == 0) continue;
    Tagging tagging{&state, {}, {}, state.newest_counts().counts.engagement_score()};
    const bool new_content = state.content_from != nullptr;
    const bool new_score = state.is_stored && tagging.score != state.stored_score;
    const bool new_readers = state.is_stored && tagging.counted() != tagging.counts();
    if (!new_content && !new_score && !new_readers && !tagging.has_moved()) continue;
    if (state.is_stored) tagging.before = json_names(state.hashtags_json);
    if (new_content) {
      tagging.after = state.content_from->hashtags;
    } else {
      tagging.after.assign(tagging.before.begin(), tagging.before.end());
    }
    if (!tagging.before.empty() || !tagging.after.empty()) taggings.push_back(std::move(tagging));
  }
  return taggings;
}

Status PostsApplier::load_names(store::Connection& connection, const std::vector<Tagging>& taggings) {
  std::vector<KnownHashtags::Name> names;
  for (const auto& tagging : taggings) {
    for (const auto& name : tagging.before) names.push_back({tagging.state->instance, name});
    for (const auto& name : tagging.after) names.push_back({tagging.state->instance, name});
  }
  return hashtags_.load(connection, names);
}

Status PostsApplier::write_hashtags(store::Connection& connection, std::vector<PostState>& states) {
  const auto taggings = changed_taggings(states);
  LINNET_CHECK(load_names(connection, taggings));
  std::vector<TaggingRow> added;
  std::vector<TaggingRow> removed;
  for (const auto& tagging : taggings) {
    const auto& [state, before, after, score] = tagging;
    const auto created_before = tagging.created_before();
    for (const auto& name : before) {
      const auto& tag = hashtags_.at({state->instance, name});
      const bool stays = has(after, name) && !tagging.has_moved();
      if (stays && tagging.counted() && tagging.counts()) {
        if (score != state->stored_score)
          hourly_.rescore(tag, state->created_at, score - state->stored_score);
        continue;
      }
      if (tagging.counted())
        LINNET_CHECK(hourly_.remove(connection, tag, created_before, state->account_id, state->stored_score));
      if (stays && tagging.counts())
        LINNET_CHECK(hourly_.add(connection, tag, state->created_at, state->account_id, score));
      if (stays) continue;
      removed.push_back({tag.instance, tag.id, to_micros(created_before), state->id});
      hashtags_.lost({state->instance, name});
    }
    for (const auto& name : after) {
      if (has(before, name) && !tagging.has_moved()) continue;
      const auto& tag = hashtags_.at({state->instance, name});
      if (tagging.counts())
        LINNET_CHECK(hourly_.add(connection, tag, state->created_at, state->account_id, score));
      added.push_back({tag.instance, tag.id, to_micros(state->created_at), state->id});
      hashtags_.saw({state->instance, name}, state->created_at);
    }
  }
  LINNET_CHECK(hourly_.write(connection));
  if (!removed.empty()) LINNET_CHECK(connection.delete_many(kDeleteTaggings, sorted_rows(removed)));
  if (!added.empty()) LINNET_CHECK(connection.insert_many(kInsertTaggings, sorted_rows(added)));
  return hashtags_.write(connection);
}

void PostsApplier::remember_greatest(const std::vector<PostState>& states) {
  for (const auto& state : states) {
    if (state.is_known || !state.deletion_changed) continue;
    auto& greatest_tombstone = greatest_.by_instance[state.instance].tombstone;
    if (state.id > greatest_tombstone) greatest_tombstone = state.id;
  }
}

bool removes_posts(const Event& event) {
  return event.kind == EventKind::fact && event.type == PostsRemoved::kType;
}

// What takes posts away finds those of the events before it in the tables, and none of those after it.
Status PostsApplier::apply(store::Connection& connection, std::span<const Event> events,
                           ProjectedBatch& result) {
  while (true) {
    const auto fact = std::find_if(events.begin(), events.end(), removes_posts);
    const auto before = static_cast<std::size_t>(fact - events.begin());
    if (before > 0) LINNET_CHECK(apply_sightings(connection, events.first(before), result));
    if (fact == events.end()) return {};
    LINNET_CHECK(apply_removal(connection, *fact, result));
    events = events.subspan(before + 1);
  }
}

Status PostsApplier::apply_removal(store::Connection& connection, const Event& event,
                                   ProjectedBatch& result) {
  LINNET_TRY(const auto fact, read_posts_removed(event.fact));
  ErasedPosts gone;
  LINNET_CHECK(apply_posts_removed(connection, fact, gone));
  count_outcome(figures_for(options_, event.id, result), !gone.rows.empty(), false);
  if (gone.rows.empty()) return {};
  result.changes.took_posts_away = true;
  forget();  // hashtags may have gone with them
  return {};
}

Status PostsApplier::apply_sightings(store::Connection& connection, std::span<const Event> events,
                                     ProjectedBatch& result) {
  BatchStates states;
  LINNET_CHECK(states.load(connection, events, greatest_));
  apply_events(events, states, result);
  // Hourly statistics compare with post_hashtags and posts as they stood before this batch.
  LINNET_CHECK(write_hashtags(connection, states.all()));
  LINNET_CHECK(write_posts(connection, states.all(), options_.redact_on_delete));
  LINNET_CHECK(accounts_.write(connection));
  remember_greatest(states.all());
  list_changes(states.all(), result.changes.changes);
  return {};
}

const std::vector<const KeptSum*>& sums_of_posts() {
  static const std::vector<const KeptSum*> sums{&hashtag_hours()};
  return sums;
}

}  // namespace

const Projection& posts_projection() {
  static const Projection posts{
      .name = "posts",
      .begin = [](const ProjectorOptions& options) -> std::unique_ptr<Applier> {
        return std::make_unique<PostsApplier>(options);
      },
      .tables = post_tables,
      .digested = digested_posts,
      .sums = sums_of_posts,
      .comparisons = post_checks(),
      .count_account = count_account,
      .forget_steps = forget_steps_of_posts(),
      .forget_account = forget_account,
  };
  return posts;
}

}  // namespace linnet::observe
