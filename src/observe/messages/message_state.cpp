#include "observe/messages/message_state.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace linnet::observe {
namespace {

namespace json = boost::json;
using model::MessageSighting;

std::string_view json_in(Arena& arena, const json::value& value) {
  return arena.copy(json::serialize(value));
}

std::string_view mentions_of(const MessageSighting& sighting, Arena& arena) {
  if (sighting.mentions.empty()) return {};
  json::array ids;
  for (const auto& account : sighting.mentions) ids.emplace_back(account.id);
  return json_in(arena, ids);
}

std::string_view media_of(const MessageSighting& sighting, Arena& arena) {
  if (sighting.media.empty()) return {};
  json::array list;
  for (const auto& media : sighting.media) {
    json::object one{{"id", media.id}, {"type", media.type}};
    if (media.url) one["url"] = *media.url;
    if (media.description) one["description"] = *media.description;
    list.push_back(std::move(one));
  }
  return json_in(arena, list);
}

json::object counts_in(std::string_view text) {
  boost::system::error_code error;
  auto value = json::parse({text.data(), text.size()}, error);
  return !error && value.is_object() ? std::move(value.get_object()) : json::object();
}

// In one order, so that equal counts are equal texts.
std::string counts_text(const json::object& counts) {
  std::map<std::string_view, std::int64_t> ordered;
  for (const auto& [emoji, count] : counts)
    if (count.is_int64() && count.get_int64() > 0) ordered[emoji] = count.get_int64();
  if (ordered.empty()) return {};
  json::object out;
  for (const auto& [emoji, count] : ordered) out[emoji] = count;
  return json::serialize(out);
}

bool take_reactions(MessageState& state, const MessageSighting& sighting, Arena& arena) {
  if (!sighting.reactions) return false;
  json::object counts;
  for (const auto& reaction : *sighting.reactions) counts[shown_emoji(reaction.emoji)] = reaction.count;
  const auto text = counts_text(counts);
  if (text == state.reactions_json) return false;
  state.reactions_json = arena.copy(text);
  state.is_changed = true;
  return true;
}

// What is shown of it beside its words: an edit that says nothing of them may be the one that brings a card.
bool take_parts(MessageState& state, const MessageSighting& sighting, Arena& arena) {
  const auto media = media_of(sighting, arena);
  const bool has_media = state.has_media || !media.empty() || sighting.has_embeds;
  const bool has_links = state.has_links || sighting.has_links;
  const bool is_other = has_media != state.has_media || has_links != state.has_links ||
                        (!media.empty() && media != state.media_json);
  if (!is_other) return false;
  state.has_media = has_media;
  state.has_links = has_links;
  if (!media.empty()) state.media_json = media;
  state.is_changed = true;
  return true;
}

void begin_message(MessageState& state, const MessageSighting& sighting, Instant received_at, bool is_emptied,
                   Arena& arena) {
  state.is_known = state.is_changed = state.words_changed = true;
  state.server_id = sighting.server_id;
  state.channel_id = sighting.channel_id;
  state.author_id = sighting.author.id;
  state.created_at = sighting.created_at;
  state.ingested_at = received_at;
  state.edited_at = sighting.edited_at;
  state.valid_from = sighting.edited_at.value_or(sighting.created_at);
  state.version_seq = 1;
  state.by_person = !sighting.is_webhook && !sighting.is_of_system && !sighting.author.is_bot &&
                    !sighting.author.id.empty();
  state.is_of_system = sighting.is_of_system;
  state.reply_to_id = sighting.reply_to_id.value_or("");
  state.reply_to_author_id = sighting.reply_to_author_id.value_or("");
  state.has_media = !sighting.media.empty() || sighting.has_embeds;
  state.has_links = sighting.has_links;
  state.mentions_json = mentions_of(sighting, arena);
  if (!is_emptied) {
    state.content = sighting.content.value_or("");
    state.media_json = media_of(sighting, arena);
  }
  (void)take_reactions(state, sighting, arena);
}

void begin_version(MessageState& state, const MessageSighting& sighting, Arena& arena) {
  const auto at = *sighting.edited_at;
  state.past.push_back({state.version_seq, state.valid_from, at, state.content});
  ++state.version_seq;
  state.valid_from = at;
  state.edited_at = at;
  state.content = sighting.content;
  state.mentions_json = mentions_of(sighting, arena);
  state.is_changed = state.words_changed = true;
}

}  // namespace

Outcome apply_message(MessageState& state, const MessageSighting& sighting, Instant received_at, bool redact,
                      Arena& arena) {
  const bool is_emptied = redact && state.deleted_at.has_value();
  if (!state.is_known) {
    begin_message(state, sighting, received_at, is_emptied, arena);
    return Outcome::applied;
  }
  if (is_emptied) return Outcome::unchanged;
  bool applied = take_reactions(state, sighting, arena);
  applied = take_parts(state, sighting, arena) || applied;
  const auto outcome = applied ? Outcome::applied : Outcome::unchanged;
  const bool is_newer = sighting.edited_at && (!state.edited_at || *sighting.edited_at > *state.edited_at);
  const bool says_the_same = !sighting.content || sighting.content == state.content;
  if (says_the_same) {
    // The first sighting of a message may have been one that did not say when it was edited.
    if (is_newer && sighting.content && state.version_seq > 1) state.edited_at = sighting.edited_at;
    return outcome;
  }
  if (!is_newer) return Outcome::stale;
  begin_version(state, sighting, arena);
  return Outcome::applied;
}

Outcome apply_message_gone(MessageState& state, Instant received_at, bool redact) {
  if (state.deleted_at) return Outcome::unchanged;
  state.deleted_at = received_at;
  state.deletion_changed = true;
  if (!state.is_known) return Outcome::applied;
  state.is_changed = state.words_changed = true;
  if (redact) {
    state.content.reset();
    state.media_json = {};
    for (auto& version : state.past) version.content.reset();
  }
  return Outcome::applied;
}

std::string shown_emoji(const model::Emoji& emoji) {
  return emoji.id ? ":" + std::string(emoji.name) + ":" : std::string(emoji.name);
}

std::string_view emoji_key(const model::Emoji& emoji) {
  return emoji.id ? *emoji.id : emoji.name;
}

std::string count_reaction(std::string_view counts_json, const std::string& emoji, std::int64_t change) {
  auto counts = counts_in(counts_json);
  const auto* const known = counts.if_contains(emoji);
  const auto before = known != nullptr && known->is_int64() ? known->get_int64() : 0;
  counts[emoji] = before + change;
  return counts_text(counts);
}

std::string without_reaction(std::string_view counts_json, const std::string& emoji) {
  auto counts = counts_in(counts_json);
  counts.erase(emoji);
  return counts_text(counts);
}

}  // namespace linnet::observe
