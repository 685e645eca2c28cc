#include "observe/post_writer.hpp"

#include <algorithm>
#include <deque>
#include <unordered_map>

#include "base/arena.hpp"
#include "store/bulk.hpp"

namespace linnet::observe {
namespace {

using model::MaybeText;
using model::PostSighting;
using store::Column;
using store::ColumnType;
using store::Value;

Value value_of(const MaybeText& text) {
  return text ? Value(*text) : Value();
}
Value flag(bool value) {
  return std::int64_t{value};
}
Value hash_value(std::uint64_t hash) {
  return static_cast<std::int64_t>(hash);
}

constexpr auto kInteger = ColumnType::integer;
constexpr auto kText = ColumnType::text;
const std::vector<Column> kPostKey{{"instance_id", kInteger}, {"id", kText}};
const std::vector<Column> kOfPost{{"instance_id", kInteger}, {"post_id", kText}};

const store::BulkInsert kInsertPosts{"posts",
                                     {{"instance_id", kInteger},
                                      {"id", kText},
                                      {"account_id", kText},
                                      {"created_at", kInteger},
                                      {"edited_at", kInteger},
                                      {"deleted_at", kInteger},
                                      {"discovered_at", kInteger},
                                      {"last_extracted_at", kInteger},
                                      {"uri", kText},
                                      {"url", kText},
                                      {"language", kText},
                                      {"visibility", kText},
                                      {"sensitive", kInteger},
                                      {"in_reply_to_id", kText},
                                      {"in_reply_to_account_id", kText},
                                      {"reblog_of_id", kText},
                                      {"content_type", kText},
                                      {"view_count", kInteger},
                                      {"counts_at", kInteger},
                                      {"replies_count", kInteger},
                                      {"reblogs_count", kInteger},
                                      {"favourites_count", kInteger},
                                      {"engagement_score", kInteger},
                                      {"version_seq", kInteger},
                                      {"valid_from", kInteger},
                                      {"content_hash", kInteger},
                                      {"content_html", kText},
                                      {"content_text", kText},
                                      {"spoiler_text", kText},
                                      {"media_ids", kText},
                                      {"hashtags", kText},
                                      {"mentions", kText},
                                      {"followers_only", kInteger},
                                      {"stated_created_at", kInteger},
                                      {"taken_down", kInteger},
                                      {"restored_at", kInteger},
                                      {"attached", kText},
                                      {"poll", kText}}};
const store::BulkUpdate kUpdateObserved{"posts",
                                        kPostKey,
                                        {{"edited_at", kInteger},
                                         {"discovered_at", kInteger},
                                         {"last_extracted_at", kInteger},
                                         {"counts_at", kInteger},
                                         {"replies_count", kInteger},
                                         {"reblogs_count", kInteger},
                                         {"favourites_count", kInteger},
                                         {"engagement_score", kInteger}}};
const store::BulkUpdate kUpdateTimes{
    "posts", kPostKey, {{"created_at", kInteger}, {"stated_created_at", kInteger}, {"valid_from", kInteger}}};
const store::BulkUpdate kUpdateDescribed{"posts",
                                         kPostKey,
                                         {{"uri", kText},
                                          {"url", kText},
                                          {"language", kText},
                                          {"visibility", kText},
                                          {"sensitive", kInteger},
                                          {"in_reply_to_id", kText},
                                          {"in_reply_to_account_id", kText},
                                          {"view_count", kInteger},
                                          {"followers_only", kInteger},
                                          {"poll", kText}}};
const store::BulkUpdate kUpdateContent{"posts",
                                       kPostKey,
                                       {{"version_seq", kInteger},
                                        {"valid_from", kInteger},
                                        {"edited_at", kInteger},
                                        {"content_hash", kInteger},
                                        {"content_type", kText},
                                        {"content_html", kText},
                                        {"content_text", kText},
                                        {"spoiler_text", kText},
                                        {"media_ids", kText},
                                        {"hashtags", kText},
                                        {"mentions", kText},
                                        {"attached", kText}}};
const store::BulkUpdate kUpdateDeleted{
    "posts", kPostKey, {{"deleted_at", kInteger}, {"taken_down", kInteger}, {"restored_at", kInteger}}};
const store::BulkUpdate kRedactPosts{
    "posts",
    kPostKey,
    {{"content_html", kText}, {"content_text", kText}, {"spoiler_text", kText}, {"attached", kText}}};
const store::BulkUpdate kRedactPolls{"posts", kPostKey, {{"poll", kText}}};
const store::BulkUpdate kRedactMedia{"media_attachments", kOfPost, {{"description", kText}}};
const store::BulkUpdate kRedactVersions{
    "post_past_versions",
    kOfPost,
    {{"content_html", kText}, {"content_text", kText}, {"spoiler_text", kText}, {"attached", kText}}};
const store::BulkUpdate kMoveFirstVersions{
    "post_past_versions",
    {{"instance_id", kInteger}, {"post_id", kText}, {"version_seq", kInteger}},
    {{"valid_from", kInteger}}};

const store::BulkLookup kFindContent{
    "posts", kPostKey,
    "content_html, content_text, spoiler_text, media_ids, hashtags, mentions, sensitive, "
    "attached"};
const store::BulkInsert kInsertVersions{"post_past_versions",
                                        {{"instance_id", kInteger},
                                         {"post_id", kText},
                                         {"version_seq", kInteger},
                                         {"valid_from", kInteger},
                                         {"valid_to", kInteger},
                                         {"edited_at", kInteger},
                                         {"content_hash", kInteger},
                                         {"content_html", kText},
                                         {"content_text", kText},
                                         {"spoiler_text", kText},
                                         {"media_ids", kText},
                                         {"hashtags", kText},
                                         {"mentions", kText},
                                         {"sensitive", kInteger},
                                         {"attached", kText}}};

const store::BulkInsert kWriteSnapshots{
    "post_metric_snapshots",
    {{"instance_id", kInteger},
     {"post_id", kText},
     {"captured_at", kInteger},
     {"replies_count", kInteger},
     {"reblogs_count", kInteger},
     {"favourites_count", kInteger},
     {"engagement_score", kInteger},
     {"replies_gained", kInteger},
     {"reblogs_gained", kInteger},
     {"favourites_gained", kInteger},
     {"is_first", kInteger}},
    "ON CONFLICT (instance_id, post_id, captured_at) DO UPDATE SET replies_count = excluded.replies_count, "
    "reblogs_count = excluded.reblogs_count, favourites_count = excluded.favourites_count, "
    "engagement_score = excluded.engagement_score, replies_gained = excluded.replies_gained, "
    "reblogs_gained = excluded.reblogs_gained, favourites_gained = excluded.favourites_gained, "
    "is_first = excluded.is_first"};
const store::BulkDelete kDeleteSnapshots{
    "post_metric_snapshots", {{"instance_id", kInteger}, {"post_id", kText}, {"captured_at", kInteger}}};
const store::BulkInsert kInsertUnchanged{
    "post_unchanged_counts", {{"instance_id", kInteger}, {"post_id", kText}, {"observed_at", kInteger}}};
const store::BulkDelete kDeleteUnchanged{
    "post_unchanged_counts", {{"instance_id", kInteger}, {"post_id", kText}, {"observed_at", kInteger}}};

const store::BulkInsert kInsertMentions{
    "post_mentions", {{"instance_id", kInteger}, {"post_id", kText}, {"account_id", kText}, {"acct", kText}}};
const store::BulkDelete kDeleteMentions{"post_mentions", kOfPost};
const store::BulkInsert kInsertMedia{"media_attachments",
                                     {{"instance_id", kInteger},
                                      {"post_id", kText},
                                      {"id", kText},
                                      {"position", kInteger},
                                      {"type", kText},
                                      {"url", kText},
                                      {"preview_url", kText},
                                      {"description", kText},
                                      {"meta_json", kText}}};
const store::BulkDelete kDeleteMedia{"media_attachments", kOfPost};

const store::BulkInsert kWriteTombstones{
    "post_tombstones",
    {{"instance_id", kInteger}, {"post_id", kText}, {"deleted_at", kInteger}},
    "ON CONFLICT (instance_id, post_id) DO UPDATE SET deleted_at = excluded.deleted_at"};
const store::BulkDelete kDeleteTombstones{"post_tombstones", kOfPost};
const store::BulkInsert kInsertChanges{"content_changes", {{"instance_id", kInteger}, {"post_id", kText}}};

// Collects rows over all states, then writes each kind at once.
class PostWriter {
 public:
  PostWriter(store::Connection& connection, bool redact) : connection_(connection), redact_(redact) {}

  void add(const PostState& state) {
    if (!state.is_known) {
      if (state.deletion_changed) add_tombstone(state);
      return;
    }
    // What the platform took down may come back.
    const bool hide = redact_ && state.deleted_at.has_value() && !state.taken_down;
    if (state.is_new()) {
      add_new(state, hide);
    } else {
      add_changes(state, hide);
    }
    for (const auto& version : state.past_versions) add_version(state, version, hide);
    if (state.content_from != nullptr) add_parts(state, hide);
    if (state.observed) add_counts(state);
  }

  Status write() {
    LINNET_CHECK(archive_stored_versions());
    LINNET_CHECK(insert(kInsertPosts, posts_));
    LINNET_CHECK(update(kUpdateObserved, observed_));
    LINNET_CHECK(update(kUpdateTimes, times_));
    LINNET_CHECK(update(kMoveFirstVersions, moved_versions_));
    LINNET_CHECK(update(kUpdateDescribed, described_));
    LINNET_CHECK(update(kUpdateContent, content_));
    LINNET_CHECK(update(kUpdateDeleted, deleted_));
    LINNET_CHECK(insert(kInsertVersions, versions_));
    LINNET_CHECK(update(kRedactPosts, redacted_));
    LINNET_CHECK(update(kRedactVersions, redacted_));
    LINNET_CHECK(update(kRedactPolls, polls_gone_));
    LINNET_CHECK(update(kRedactMedia, polls_gone_));
    LINNET_CHECK(remove(kDeleteUnchanged, unchanged_gone_));
    LINNET_CHECK(remove(kDeleteSnapshots, snapshots_gone_));
    LINNET_CHECK(insert(kWriteSnapshots, snapshots_));
    LINNET_CHECK(insert(kInsertUnchanged, unchanged_));
    LINNET_CHECK(remove(kDeleteMentions, mentions_gone_));
    LINNET_CHECK(insert(kInsertMentions, mentions_));
    LINNET_CHECK(remove(kDeleteMedia, media_gone_));
    LINNET_CHECK(insert(kInsertMedia, media_));
    LINNET_CHECK(insert(kWriteTombstones, tombstones_));
    LINNET_CHECK(remove(kDeleteTombstones, tombstones_gone_));
    return insert(kInsertChanges, changes_);
  }

 private:
  void add_tombstone(const PostState& state) {
    tombstones_.add_row(state.instance.value(), state.id, to_micros(*state.deleted_at));
  }

  void add_new(const PostState& state, bool hide) {
    const auto& seen = *state.described_by;
    const auto& content = *state.content_from;
    const auto counts = state.newest_counts();
    posts_.add_row(
        state.instance.value(), state.id, state.account_id, to_micros(state.created_at),
        store::value_of(state.edited_at), store::value_of(state.deleted_at), to_micros(state.discovered_at),
        to_micros(state.last_extracted_at), value_of(seen.uri), value_of(seen.url), value_of(seen.language),
        value_of(seen.visibility), flag(seen.sensitive), value_of(seen.in_reply_to_id),
        value_of(seen.in_reply_to_account_id), reblog_of(content), content.content_type,
        seen.view_count ? Value(*seen.view_count) : Value(), to_micros(counts.at), counts.counts.replies,
        counts.counts.reblogs, counts.counts.favourites, counts.counts.engagement_score(), state.version_seq,
        to_micros(state.valid_from), hash_value(state.content_hash),
        hide || content.is_boost ? Value() : Value(content.content_html),
        hide || content.is_boost ? Value() : Value(content.content_text),
        hide ? Value() : store::text_or_null(content.spoiler_text), value_of(content.media_ids_json),
        value_of(content.hashtags_json), value_of(content.mentions_json), flag(state.is_followers_only()),
        stated_time(state), flag(state.taken_down), store::value_of(state.restored_at),
        hide ? Value() : value_of(content.attached_json), hide ? Value() : value_of(seen.poll_json));
    if (state.deleted_at) tombstones_gone_.add_row(state.instance.value(), state.id);
  }

  static Value reblog_of(const PostSighting& post) { return store::text_or_null(post.boosted_id); }

  static Value stated_time(const PostState& state) {
    return state.stated_created_at == state.created_at ? Value() : Value(to_micros(state.stated_created_at));
  }

  void move(const PostState& state) {
    const auto instance = state.instance.value();
    times_.add_row(instance, state.id, to_micros(state.created_at), stated_time(state),
                   to_micros(state.valid_from));
    if (state.version_seq > 1)
      moved_versions_.add_row(instance, state.id, std::int64_t{1}, to_micros(state.created_at));
  }

  void add_changes(const PostState& state, bool hide) {
    const auto instance = state.instance.value();
    if (state.stored_created_at) move(state);
    if (state.observed) {
      const auto counts = state.newest_counts();
      observed_.add_row(instance, state.id, store::value_of(state.edited_at), to_micros(state.discovered_at),
                        to_micros(state.last_extracted_at), to_micros(counts.at), counts.counts.replies,
                        counts.counts.reblogs, counts.counts.favourites, counts.counts.engagement_score());
    }
    if (state.described_by != nullptr) {
      const auto& seen = *state.described_by;
      described_.add_row(instance, state.id, value_of(seen.uri), value_of(seen.url), value_of(seen.language),
                         value_of(seen.visibility), flag(seen.sensitive), value_of(seen.in_reply_to_id),
                         value_of(seen.in_reply_to_account_id),
                         seen.view_count ? Value(*seen.view_count) : Value(), flag(state.is_followers_only()),
                         hide ? Value() : value_of(seen.poll_json));
    }
    if (state.content_from != nullptr) {
      const auto& content = *state.content_from;
      content_.add_row(instance, state.id, state.version_seq, to_micros(state.valid_from),
                       store::value_of(state.edited_at), hash_value(state.content_hash), content.content_type,
                       hide ? Value() : Value(content.content_html),
                       hide ? Value() : Value(content.content_text),
                       hide ? Value() : store::text_or_null(content.spoiler_text),
                       value_of(content.media_ids_json), value_of(content.hashtags_json),
                       value_of(content.mentions_json), hide ? Value() : value_of(content.attached_json));
    }
    if (state.deletion_changed) {
      deleted_.add_row(instance, state.id, store::value_of(state.deleted_at), flag(state.taken_down),
                       store::value_of(state.restored_at));
      if (hide) redact(state);
    }
    if (state.content_from != nullptr || state.deletion_changed) changes_.add_row(instance, state.id);
  }

  void redact(const PostState& state) {
    const auto instance = state.instance.value();
    redacted_.add_row(instance, state.id, Value(), Value(), Value(), Value());
    polls_gone_.add_row(instance, state.id, Value());
  }

  void add_version(const PostState& state, const PastVersion& version, bool hide) {
    if (version.source == nullptr) {
      stored_versions_.push_back({&state, &version, hide});
      return;
    }
    const auto& content = *version.source;
    version_row(state, version, hide ? Value() : Value(content.content_html),
                hide ? Value() : Value(content.content_text),
                hide ? Value() : store::text_or_null(content.spoiler_text), value_of(content.media_ids_json),
                value_of(content.hashtags_json), value_of(content.mentions_json), flag(content.sensitive),
                hide ? Value() : value_of(content.attached_json));
  }

  void version_row(const PostState& state, const PastVersion& version, Value html, Value text, Value spoiler,
                   Value media, Value hashtags, Value mentions, Value sensitive, Value attached) {
    versions_.add_row(state.instance.value(), state.id, version.seq, to_micros(version.valid_from),
                      to_micros(version.valid_to), store::value_of(version.edited_at),
                      hash_value(version.content_hash), html, text, spoiler, media, hashtags, mentions,
                      sensitive, attached);
  }

  // A version that stood in `posts` until now is read from there before it is overwritten.
  Status archive_stored_versions() {
    if (stored_versions_.empty()) return {};
    store::RowBatch keys(2);
    for (const auto& stored : stored_versions_)
      keys.add_row(stored.state->instance.value(), stored.state->id);
    return connection_.lookup_many(kFindContent, keys, [&](std::size_t index, const store::Statement& row) {
      const auto& [state, version, hide] = stored_versions_[index];
      const auto text = [&](int column, bool hidden) {
        return hidden || row.is_null(column) ? Value() : Value(arena_.copy(row.text(column)));
      };
      version_row(*state, *version, text(0, hide), text(1, hide), text(2, hide), text(3, false),
                  text(4, false), text(5, false), row.integer(6),
                  text(7, hide || (!row.is_null(7) && row.text(7).empty())));
    });
  }

  void add_parts(const PostState& state, bool hide) {
    const auto instance = state.instance.value();
    const auto& content = *state.content_from;
    if (state.is_stored && state.has_mentions) mentions_gone_.add_row(instance, state.id);
    if (state.is_stored && state.has_media) media_gone_.add_row(instance, state.id);
    for (const auto& mention : content.mentions) {
      mentions_.add_row(instance, state.id, mention.account_id, mention.acct);
    }
    std::int64_t position = 0;
    for (const auto& media : content.media) {
      media_.add_row(instance, state.id, media.id, position++, media.type, value_of(media.url),
                     value_of(media.preview_url), hide ? Value() : value_of(media.description),
                     value_of(media.meta_json));
    }
  }

  void add_counts(const PostState& state) {
    const auto instance = state.instance.value();
    const Observation* previous = nullptr;
    for (const auto& now : state.counts.observations()) {
      if (!now.is_snapshot) {
        if (now.stored != Stored::unchanged) unchanged_.add_row(instance, state.id, to_micros(now.at));
        if (now.stored == Stored::snapshot) snapshots_gone_.add_row(instance, state.id, to_micros(now.at));
        continue;
      }
      if (now.stored != Stored::snapshot || now.rewrite) {
        const model::Counts before = previous != nullptr ? previous->counts : model::Counts{};
        snapshots_.add_row(instance, state.id, to_micros(now.at), now.counts.replies, now.counts.reblogs,
                           now.counts.favourites, now.counts.engagement_score(),
                           now.counts.replies - before.replies, now.counts.reblogs - before.reblogs,
                           now.counts.favourites - before.favourites, flag(previous == nullptr));
        if (now.stored == Stored::unchanged) unchanged_gone_.add_row(instance, state.id, to_micros(now.at));
      }
      previous = &now;
    }
  }

  Status insert(const store::BulkInsert& what, const store::RowBatch& rows) {
    return rows.empty() ? Status() : connection_.insert_many(what, rows);
  }
  Status update(const store::BulkUpdate& what, const store::RowBatch& rows) {
    return rows.empty() ? Status() : connection_.update_many(what, rows);
  }
  Status remove(const store::BulkDelete& what, const store::RowBatch& keys) {
    return keys.empty() ? Status() : connection_.delete_many(what, keys);
  }

  struct StoredVersion {
    const PostState* state;
    const PastVersion* version;
    bool hide;
  };

  store::Connection& connection_;
  bool redact_;
  Arena arena_;
  std::vector<StoredVersion> stored_versions_;
  store::RowBatch posts_{38}, observed_{10}, times_{5}, moved_versions_{4}, described_{12}, content_{14},
      deleted_{5}, redacted_{6}, polls_gone_{3}, versions_{15}, snapshots_{11}, snapshots_gone_{3},
      unchanged_{3}, unchanged_gone_{3}, mentions_{4}, mentions_gone_{2}, media_{9}, media_gone_{2},
      tombstones_{3}, tombstones_gone_{2}, changes_{2};
};

}  // namespace

Status write_posts(store::Connection& connection, std::vector<PostState>& states, bool redact) {
  PostWriter writer(connection, redact);
  for (const auto& state : states) writer.add(state);
  return writer.write();
}

}  // namespace linnet::observe
