// The items of a Mastodon account archive (ActivityPub's Create and Announce), as events that the reader of
// Mastodon's own events understands.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace linnet::connect {

// Whose archive it is, from its actor.json.
struct ArchiveOwner {
  std::string instance_url;  // "https://example.social"
  std::string account_id;    // the platform's own where the archive tells it, else the user name
  std::string username;
  std::string display_name;
  std::string url;
  std::string avatar_url;
  std::string bio_html;
  bool is_bot = false;
  bool is_locked = false;
  std::optional<std::string> created_at;
  std::string actor_uri;
};

// `invalid` names what is missing.
Result<ArchiveOwner> read_archive_owner(std::string_view actor_json);

struct OutboxEvent {
  enum class Outcome {
    event,
    boost_of_other,  // an archive holds no more of it than its address
    direct_message,  // private: not taken in
    other_activity,
  };
  Outcome outcome = Outcome::other_activity;
  std::string line;  // for an event, see event_line.hpp
};

// An archive holds no counts. The event is therefore of the moment the post was published, when they were all
// 0: nothing is invented, and counts that were seen later stay the newest. Each status has
// "application":{"name":"archive"}. `invalid` says what is wrong with the item.
Result<OutboxEvent> read_outbox_item(std::string_view item_json, const ArchiveOwner& owner);

}  // namespace linnet::connect
