// Posts as the API, its live messages and the commands show them.
#pragma once

#include <boost/json/object.hpp>

#include "analyze/post_list.hpp"
#include "analyze/velocity.hpp"
#include "analyze/word_diff.hpp"
#include "store/record/entity.hpp"

namespace linnet::analyze {

// The HTML of posts comes out sanitised.
boost::json::object to_json(const PostView& post);

// A version, and what it changed of the one before it.
struct ShownVersion {
  VersionView version;
  std::optional<std::vector<WordChange>> diff;  // of the first one: none
};
std::vector<ShownVersion> with_diffs(std::vector<VersionView> versions);

struct PlaceInThread {
  std::string root_id;
  std::int64_t depth = 0;
  std::int64_t reply_count = 0;
};

// A post with all that is known of it.
struct PostDetail {
  PostView post;
  std::vector<ShownVersion> versions;
  std::vector<SnapshotView> snapshots;
  std::optional<PlaceInThread> thread;
};
Result<PostDetail> post_detail(store::Connection& connection, PostView post);

// A post beside what was found of it.
struct FoundFast {
  FastPost fast;
  PostView post;
};
Result<std::vector<FoundFast>> found_fast(store::Connection& connection, const VelocityQuestion& question);
struct FoundEdited {
  PostView post;
  std::vector<ShownVersion> versions;
};
Result<std::vector<FoundEdited>> found_edited(store::Connection& connection, bool sentiment_changed,
                                              std::size_t limit);

// Fills in the media of posts that have any.
Status add_media(store::Connection& connection, std::vector<PostView>& posts);

// In the shape of how a poll stands, and of what a version had attached; both are kept as JSON.
struct PollOption {
  std::string title;
  std::optional<std::int64_t> votes;
};
struct PollView {
  std::vector<PollOption> options;
  std::optional<std::int64_t> voters_count, votes_count;
  std::optional<bool> multiple, expired;
  std::optional<Instant> expires_at;
};
struct AttachedMedia {
  std::string id;
  std::optional<std::string> description;
};
struct Attached {
  std::vector<AttachedMedia> media;
  std::vector<std::string> poll;
};
struct MentionView {
  std::string acct;
};

}  // namespace linnet::analyze

namespace linnet::record {

template <>
const Entity& entity_of<analyze::AuthorView>();
template <>
const Entity& entity_of<analyze::SentimentView>();
template <>
const Entity& entity_of<analyze::MediaView>();
template <>
const Entity& entity_of<analyze::MentionView>();
template <>
const Entity& entity_of<analyze::PollOption>();
template <>
const Entity& entity_of<analyze::PollView>();
template <>
const Entity& entity_of<analyze::AttachedMedia>();
template <>
const Entity& entity_of<analyze::Attached>();
template <>
const Entity& entity_of<analyze::PostView>();
template <>
const Entity& entity_of<analyze::WordChange>();
template <>
const Entity& entity_of<analyze::VersionView>();
template <>
const Entity& entity_of<analyze::ShownVersion>();
template <>
const Entity& entity_of<analyze::SnapshotView>();
template <>
const Entity& entity_of<analyze::PlaceInThread>();
template <>
const Entity& entity_of<analyze::PostDetail>();
template <>
const Entity& entity_of<analyze::ThreadPost>();
template <>
const Entity& entity_of<analyze::FastPost>();
template <>
const Entity& entity_of<analyze::FoundFast>();
template <>
const Entity& entity_of<analyze::FoundEdited>();

}  // namespace linnet::record
