// Posts as people look at them: lists, pages, one with its whole history.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "store/connection.hpp"

namespace linnet::analyze {

struct AuthorView {
  std::string id, acct, username, display_name, profile_url, avatar_url, domain;
  bool is_bot = false;
  std::optional<std::int64_t> follower_count;
};

// The label of a text in a language that is not scored.
inline constexpr std::string_view kNotScored = "not_scored";

struct SentimentView {
  std::string label;  // "positive", "neutral", "negative" or kNotScored
  double score = 0;   // 0 where nothing is scored; it counts in no average
};

struct MediaView {
  std::string id, type;
  std::optional<std::string> url, preview_url, description;
};

struct PostView {
  InstanceId instance{};
  std::int64_t row_number = 0;
  std::string base_url, platform, id;
  std::optional<std::string> url, uri, language, visibility, in_reply_to_id, reblog_of_id;
  Instant created_at{}, first_seen_at{}, last_seen_at{};
  std::optional<Instant> edited_at, deleted_at;
  std::optional<Instant> stated_created_at;  // what the platform says, where that lies ahead of first_seen_at
  bool followers_only = false;               // no list has it but one that asks for such posts
  AuthorView author;
  std::string content_html, content_text, spoiler_text, content_type;
  bool sensitive = false;
  std::int64_t replies = 0, reblogs = 0, favourites = 0, engagement_score = 0, versions = 0;
  std::string hashtags_json, mentions_json;  // JSON arrays; empty: none
  std::string poll_json;                     // an object; empty: none
  std::optional<SentimentView> sentiment;
  std::vector<MediaView> media;  // filled in by whoever shows them
};

struct VersionView {
  std::int64_t seq = 0;
  Instant valid_from{};
  std::optional<Instant> valid_to, edited_at;
  std::string content_html, content_text, spoiler_text;
  std::optional<SentimentView> sentiment;
  std::string attached_json;  // {"media":[{"id","description"}],"poll":["…"]}; empty: none
};

struct SnapshotView {
  Instant captured_at{};
  std::int64_t replies = 0, reblogs = 0, favourites = 0, engagement_score = 0;
};

struct PostFilter {
  std::string query;     // see parse_search_query
  std::string author;    // "ada" or "ada@example.social"
  std::string tag;       // with or without «#»
  std::string language;  // "de" has "de-AT" in it
  std::optional<Instant> since, until;
  std::optional<InstanceId> instance;
  bool by_engagement = false;   // else the newest first
  bool followers_only = false;  // those that only their authors' followers see, instead of all others
  std::size_t limit = 20;
  std::string cursor;
};

struct PostPage {
  std::vector<PostView> items;
  std::optional<std::string> next;  // cursor of the following page
};

// Posts that fit the query and every filter beside it; deleted ones are left out. `invalid` names what in the
// query cannot be understood, a language that is none, a cursor that is none of ours.
Result<PostPage> list_posts(store::Connection& connection, const PostFilter& filter);

// Deleted ones too; `not_found`.
Result<PostView> find_post(store::Connection& connection, InstanceId instance, const std::string& id);
// The first server that has it, or the one with that address, unless it is empty. nullopt: none has.
Result<std::optional<InstanceId>> instance_of_post(store::Connection& connection, const std::string& id,
                                                   const std::string& base_url);
Result<std::vector<VersionView>> versions_of(store::Connection& connection,
                                             const PostView& post);  // oldest first
Result<std::vector<SnapshotView>> snapshots_of(store::Connection& connection,
                                               const PostView& post);  // oldest first
Result<std::vector<MediaView>> media_of(store::Connection& connection, const PostView& post);

struct ThreadPost {
  PostView post;
  std::int64_t depth = 0;
};
// The thread the post stands in, from its oldest known post, replies under what they answer; at most 500.
Result<std::vector<ThreadPost>> thread_of(store::Connection& connection, const PostView& post);

struct EditedPost {
  PostView post;
  std::vector<VersionView> versions;
};
// Posts with several versions, last edited first; `sentiment_changed`: only where the label did.
Result<std::vector<EditedPost>> edited_posts(store::Connection& connection, bool sentiment_changed,
                                             std::size_t limit);

}  // namespace linnet::analyze
