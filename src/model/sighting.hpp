// What one event of a network says, translated from the platform's own form: a connector makes these, the
// projector applies them. All text is borrowed from the arena of the batch, is valid UTF-8 and holds no NUL.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/instant.hpp"
#include "model/chat_sighting.hpp"
#include "model/sighting_parts.hpp"

namespace linnet::model {

struct Counts {
  std::int64_t replies = 0;
  std::int64_t reblogs = 0;
  std::int64_t favourites = 0;

  friend bool operator==(const Counts&, const Counts&) = default;
  // 3 × reblogs + 2 × favourites + 1 × replies. A server may claim any count: beyond 2^40, which nobody has,
  // scores grow no more, so that no sum of them overflows.
  [[nodiscard]] std::int64_t engagement_score() const {
    return 3 * bounded(reblogs) + 2 * bounded(favourites) + bounded(replies);
  }

 private:
  static constexpr std::int64_t bounded(std::int64_t count) {
    return std::clamp<std::int64_t>(count, 0, std::int64_t{1} << 40);
  }
};

struct PostSighting {
  std::string_view id;
  AccountSighting author;
  Instant created_at;
  std::optional<Instant> edited_at;
  MaybeText uri;
  MaybeText url;
  MaybeText language;
  MaybeText visibility;
  bool sensitive = false;
  MaybeText in_reply_to_id;
  MaybeText in_reply_to_account_id;
  std::string_view content_html;
  std::string_view content_text;
  std::string_view spoiler_text;
  Counts counts;
  bool has_counts = true;       // false: the platform told none that could be understood
  bool begins_at_zero = false;  // the platform tells no counts at all: a post begins with none of anything
  std::optional<std::int64_t> view_count;
  std::vector<MediaSighting> media;
  std::vector<MentionSighting> mentions;   // each account once
  std::vector<std::string_view> hashtags;  // as base/hashtag_name.hpp has them, each once, in order
  std::vector<std::string_view> poll_options;
  MaybeText poll_json;  // how the poll stands: {"options":[{"title":…,"votes":…}],"voters":…,…}

  // Made by the connector from the fields above, so that it need not be done where the database is written.
  std::uint64_t content_hash = 0;  // of all that is content: see add_hashes
  std::uint64_t plain_hash = 0;    // of content HTML, spoiler text and the ids of media alone
  MaybeText attached_json;         // media with their descriptions and the poll's options; absent: none
  std::string_view content_type;   // text, image, video or carousel
  MaybeText media_ids_json;        // JSON arrays; absent when empty
  MaybeText hashtags_json;
  MaybeText mentions_json;

  // A boost has no content of its own. The post it boosts stands before it in the event, unless its author
  // was erased.
  bool is_boost = false;
  std::string_view boosted_id;
};

// A takedown is the platform's; the author's posts come back with a restoration. A fact is Linnet's own, of
// no server (observe/own_facts.hpp). What happens in servers with channels is `chat`.
enum class EventKind { post, deletion, takedown, restoration, account, chat, fact, other };

struct Event {
  EventId id{};
  InstanceId instance{};
  Instant received_at{};
  EventKind kind = EventKind::other;
  std::string_view type;                   // the platform's name for it: update, status.update, delete …
  std::string_view status_id;              // empty when the event is about no status
  std::vector<PostSighting> posts;         // in the order to be applied: a boosted post before the boost
  std::optional<AccountSighting> account;  // of an event about an account
  std::vector<ChatSighting> chat;          // in the order to be applied
  std::string_view fact;                   // of one of Linnet's own: its payload, which is JSON
  std::string_view error;                  // why the event could not be understood; empty when it could
  std::string_view left_out;               // fields that could not be understood; the rest of it counts
};

}  // namespace linnet::model
