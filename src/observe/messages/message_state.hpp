// What is known of one message while a batch of events is applied to it, and the rules by which an event
// changes it. Pure: the projection loads the state before and writes it after.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.hpp"
#include "base/ids.hpp"
#include "model/sighting.hpp"
#include "observe/post_state.hpp"

namespace linnet::observe {

// A version that was the newest until this batch.
struct PastMessage {
  std::int64_t seq = 0;
  Instant valid_from{};
  Instant valid_to{};
  model::MaybeText content;
};

// Texts are borrowed from the batch.
struct MessageState {
  InstanceId instance{};
  std::string_view id;
  bool is_stored = false;  // has a row
  bool is_known = false;   // has one, or will have after this batch

  std::string_view server_id, channel_id, author_id;
  model::MaybeText content;
  Instant created_at{};
  Instant ingested_at{};
  Instant valid_from{};
  std::optional<Instant> edited_at;
  std::optional<Instant> deleted_at;  // of a message that is not known: its tombstone
  bool by_person = false;
  bool is_of_system = false;
  bool has_media = false;
  bool has_links = false;
  std::string_view reply_to_id, reply_to_author_id;
  std::string_view mentions_json, media_json;  // empty: none
  std::string_view reactions_json;             // as it is stored; empty: none
  std::int64_t version_seq = 0;

  std::vector<PastMessage> past;
  bool is_changed = false;
  bool words_changed = false;
  bool deletion_changed = false;
};

// It was seen at `received_at`. Where it was deleted and `redact` is set, its words do not come again.
Outcome apply_message(MessageState& state, const model::MessageSighting& sighting, Instant received_at,
                      bool redact, Arena& arena);
Outcome apply_message_gone(MessageState& state, Instant received_at, bool redact);

// An emoji in the counts of a message: ":blob:" of one that a server made, else the character.
std::string shown_emoji(const model::Emoji& emoji);
// … and in keys: its id, else the character.
std::string_view emoji_key(const model::Emoji& emoji);

// {"👍":2} with one more or less of it; empty where nothing is left.
std::string count_reaction(std::string_view counts_json, const std::string& emoji, std::int64_t change);
// Without it at all.
std::string without_reaction(std::string_view counts_json, const std::string& emoji);

}  // namespace linnet::observe
