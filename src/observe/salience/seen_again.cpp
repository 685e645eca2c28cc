#include "observe/salience/seen_again.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "model/visibility.hpp"
#include "observe/own_facts.hpp"

namespace linnet::salience {
namespace {

std::uint64_t hash_of(InstanceId instance, std::initializer_list<std::string_view> parts) {
  auto hash = static_cast<std::uint64_t>(instance.value());
  for (const auto part : parts) hash = fast_hash(part, hash + 1);
  return hash;
}

}  // namespace

Status SeenAgain::find(store::Connection& connection, const model::Event& event,
                       std::vector<Happening>& found) {
  if (!event.error.empty()) return {};
  if (event.kind == model::EventKind::post) see_posts(event, found);
  if (event.kind == model::EventKind::fact && event.type == observe::PostsRemoved::kType)
    return lose_posts(event);
  if (event.kind != model::EventKind::chat) return {};
  for (const auto& one : event.chat) {
    if (const auto* const message = std::get_if<model::MessageSighting>(&one)) {
      LINNET_CHECK(see(connection, event, *message, found));
    } else if (const auto* const reaction = std::get_if<model::ReactionSighting>(&one)) {
      LINNET_CHECK(see(connection, event, *reaction, found));
    } else if (const auto* const channel = std::get_if<model::ChannelSighting>(&one)) {
      see(event, *channel, found);
    }
  }
  return {};
}

void SeenAgain::see_posts(const model::Event& event, std::vector<Happening>& found) {
  for (const auto& post : event.posts) {
    const auto [known, is_new] = posts_.try_emplace(hash_of(event.instance, {post.id}), event.received_at);
    known->second = std::min(known->second, event.received_at);
    if (!is_new || model::reach_of(post.visibility.value_or("")) != model::Reach::everyone) continue;
    const auto boosted = std::find_if(event.posts.begin(), event.posts.end(), [&](const auto& other) {
      return post.is_boost && other.id == post.boosted_id;
    });
    const auto author = boosted == event.posts.end() ? std::string_view() : boosted->author.id;
    found.push_back({event.id, event.received_at, event.instance, NewPost{&post, author}});
  }
}

Status SeenAgain::lose_posts(const model::Event& event) {
  LINNET_TRY(const auto fact, observe::read_posts_removed(event.fact));
  for (const auto& post : fact.posts) {
    const auto known = posts_.find(hash_of(fact.instance, {post}));
    if (known != posts_.end() && known->second < fact.before) posts_.erase(known);
  }
  return {};
}

// Whoever wrote a message is the same at every time.
Result<std::string> SeenAgain::author_of(store::Connection& connection, InstanceId instance,
                                         std::string_view message, std::string_view told) {
  if (!messages_.contains(hash_of(instance, {message}))) return std::string(told);
  std::string author;
  LINNET_CHECK(store::for_each_row(connection,
                                   "SELECT author_id FROM messages WHERE instance_id = $1 AND id = $2 AND "
                                   "by_person = 1",
                                   {instance.value(), message},
                                   [&](const store::Statement& row) { author = row.text(0); }));
  return author;
}

Status SeenAgain::see(store::Connection& connection, const model::Event& event,
                      const model::MessageSighting& message, std::vector<Happening>& found) {
  const auto hash = hash_of(event.instance, {message.id});
  if (message.author.id.empty() || messages_.contains(hash)) return {};
  std::string answered(message.reply_to_author_id.value_or(""));
  for (const auto& mentioned : message.mentions)
    if (mentioned.is_bot && mentioned.id == answered) answered.clear();
  if (message.reply_to_id) {
    LINNET_TRY(answered, author_of(connection, event.instance, *message.reply_to_id, answered));
  }
  messages_.insert(hash);
  if (message.is_edit || message.is_of_system) return {};
  const auto place = places_.find(hash_of(event.instance, {message.channel_id}));
  const bool is_in_thread = place != places_.end() && place->second.is_thread;
  found.push_back({event.id, event.received_at, event.instance,
                   NewMessage{&message, is_in_thread ? place->second.parent : std::string(message.channel_id),
                              is_in_thread, std::move(answered)}});
  return {};
}

Status SeenAgain::see(store::Connection& connection, const model::Event& event,
                      const model::ReactionSighting& reaction, std::vector<Happening>& found) {
  using Change = model::ReactionSighting::Change;
  const bool is_one = reaction.change == Change::added || reaction.change == Change::removed;
  if (!is_one) return {};
  const auto emoji = reaction.emoji.id ? *reaction.emoji.id : reaction.emoji.name;
  const bool is_first =
      reactions_.insert(hash_of(event.instance, {reaction.message_id, reaction.user_id, emoji})).second;
  if (!is_first || reaction.change != Change::added) return {};
  LINNET_TRY(auto author, author_of(connection, event.instance, reaction.message_id,
                                    reaction.message_author_id.value_or("")));
  found.push_back({event.id, event.received_at, event.instance, NewReaction{&reaction, std::move(author)}});
  return {};
}

void SeenAgain::see(const model::Event& event, const model::ChannelSighting& channel,
                    std::vector<Happening>& found) {
  const auto [known, is_first] = places_.try_emplace(hash_of(event.instance, {channel.id}));
  if (channel.kind != model::ChannelKind::other || is_first) known->second.is_thread = channel.is_thread();
  if (channel.parent_id) known->second.parent = *channel.parent_id;
  if (is_first && channel.is_new && channel.is_thread())
    found.push_back({event.id, event.received_at, event.instance, NewThread{&channel}});
}

}  // namespace linnet::salience
