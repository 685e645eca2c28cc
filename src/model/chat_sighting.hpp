// What one event of a network of servers with channels says (a guild of Discord): a connector makes these,
// the projections apply them. Text is borrowed from the arena of the batch, is valid UTF-8 and holds no NUL.
//
// A direct message is none of these: it never reaches the log (connect/log_lines.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "base/instant.hpp"
#include "model/sighting_parts.hpp"

namespace linnet::model {

// A community with channels: what Discord calls a guild. The servers of Mastodon are instances.
struct ServerSighting {
  std::string_view id;
  MaybeText name;
  MaybeText owner_id;
  std::optional<std::int64_t> member_count;
  // Whether whoever joins sees a channel that says nothing about it; absent: the event does not tell.
  std::optional<bool> everyone_sees;
  // The server told all its channels and active threads, which stand behind it in the event: those that do
  // not are gone.
  bool is_whole = false;
  bool is_gone = false;  // it was deleted, or the bot was removed from it
};

struct RoleSighting {
  std::string_view server_id;
  std::string_view id;
  MaybeText name;
  bool is_gone = false;
};

enum class ChannelKind { text, voice, category, announcement, forum, thread, private_thread, other };

struct ChannelSighting {
  std::string_view server_id;
  std::string_view id;
  ChannelKind kind = ChannelKind::other;
  MaybeText name;
  MaybeText topic;
  MaybeText parent_id;  // of a thread: its channel; of a channel: its category
  MaybeText owner_id;   // of a thread: who began it
  // What the channel itself says of whoever joins; absent: it says nothing, and the server's own word counts
  // (ServerSighting::everyone_sees). A thread says nothing: its channel's word counts; a private one is seen
  // by those alone who are in it.
  std::optional<bool> everyone_sees;
  bool is_archived = false;
  bool is_new = false;  // a thread that was begun now, not one that came into sight
  bool is_gone = false;
  Instant created_at{};  // as its id tells

  [[nodiscard]] bool is_thread() const {
    return kind == ChannelKind::thread || kind == ChannelKind::private_thread;
  }
};

struct MemberSighting {
  std::string_view server_id;
  AccountSighting user;
  MaybeText nick;
  std::optional<std::vector<std::string_view>> role_ids;  // absent: the event does not tell
  std::optional<Instant> joined_at;
  bool has_left = false;
};

struct Emoji {
  MaybeText id;           // of one that a server made; absent: it is a character
  std::string_view name;  // "👍"; "blobwave" of one with an id
};

struct ReactionCount {
  Emoji emoji;
  std::int64_t count = 0;
};

// A message, or a new version of it. Seen again it is the same message: its id is the network's own.
struct MessageSighting {
  std::string_view server_id;
  std::string_view channel_id;  // of the thread, where it stands in one
  std::string_view id;
  AccountSighting author;  // without an id in an edit that does not tell it; else whole
  MaybeText content;       // absent in an edit that changes nothing of it, as when a link's card came
  Instant created_at{};    // as its id tells, or the network's own word
  std::optional<Instant> edited_at;
  bool is_edit = false;       // the event says that it changed; it may be the first that is seen of it
  bool is_of_system = false;  // "Ann joined the server", "Ann pinned a message": nobody wrote it
  bool is_webhook = false;    // written by no member: the author's id is that of a webhook or an app
  MaybeText reply_to_id;
  MaybeText reply_to_author_id;           // where the event tells it
  std::vector<AccountSighting> mentions;  // each once; the author answered is among them when they are pinged
  std::vector<std::string_view> mentioned_role_ids;
  bool mentions_everyone = false;
  std::vector<MediaSighting> media;  // attached files
  bool has_embeds = false;           // the network shows a card or a player of something in it
  bool has_links = false;            // its text names an address
  // How often each was given, where the event tells it (a message that was read from the server, not one
  // that has just been written).
  std::optional<std::vector<ReactionCount>> reactions;
  std::optional<MemberSighting> member;  // the author's place in the server, where the event tells it
};

// One message was deleted, or many at once.
struct MessagesGone {
  std::string_view server_id;
  std::string_view channel_id;
  std::vector<std::string_view> ids;
};

struct ReactionSighting {
  // `cleared`: all of the message; `emoji_cleared`: all with this emoji.
  enum class Change { added, removed, cleared, emoji_cleared };
  Change change = Change::added;
  std::string_view server_id;
  std::string_view channel_id;
  std::string_view message_id;
  MaybeText message_author_id;           // where the event tells it
  std::string_view user_id;              // empty where all were cleared
  std::optional<MemberSighting> member;  // of who reacted, where the event tells it
  Emoji emoji;
};

using ChatSighting = std::variant<ServerSighting, RoleSighting, ChannelSighting, MemberSighting,
                                  MessageSighting, MessagesGone, ReactionSighting>;

}  // namespace linnet::model
