#include "observe/salience/reckoner.hpp"

#include <algorithm>

#include "observe/salience/entry.hpp"

namespace linnet::salience {
namespace {

bool has_address(std::string_view text) {
  return text.find("https://") != std::string_view::npos || text.find("http://") != std::string_view::npos;
}

bool holds(const model::MemberSighting& member, std::string_view role) {
  return member.role_ids &&
         std::find(member.role_ids->begin(), member.role_ids->end(), role) != member.role_ids->end();
}

const model::MemberSighting* member_in(const model::ChatSighting& one) {
  if (const auto* const member = std::get_if<model::MemberSighting>(&one)) return member;
  const auto* const message = std::get_if<model::MessageSighting>(&one);
  if (message != nullptr && message->member) return &*message->member;
  const auto* const reaction = std::get_if<model::ReactionSighting>(&one);
  return reaction != nullptr && reaction->member ? &*reaction->member : nullptr;
}

}  // namespace

Result<NameGate::Holders*> NameGate::holders_of(store::Connection& connection, std::string_view server) {
  const auto [known, is_new] = holders_.try_emplace(std::string(server));
  auto& holders = known->second;
  if (is_new) {
    LINNET_CHECK(store::for_each_row(connection, "SELECT user_id FROM salience_holders WHERE server_id = $1",
                                     {server},
                                     [&](const store::Statement& row) { holders.emplace(row.text(0)); }));
  }
  return &holders;
}

Status NameGate::saw(store::Connection& connection, const Settings& settings,
                     const model::MemberSighting& member) {
  const auto role = settings.gate_roles.find(member.server_id);
  if (role == settings.gate_roles.end() || (!member.role_ids && !member.has_left)) return {};
  LINNET_TRY(auto* const holders, holders_of(connection, member.server_id));
  const bool is_one = holds(member, role->second) && !member.has_left;
  const auto known = holders->find(member.user.id);
  if (is_one == (known != holders->end())) return {};
  if (is_one) {
    holders->emplace(member.user.id);
    return store::run(
        connection,
        "INSERT INTO salience_holders (server_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        {member.server_id, member.user.id});
  }
  holders->erase(known);
  return store::run(connection, "DELETE FROM salience_holders WHERE server_id = $1 AND user_id = $2",
                    {member.server_id, member.user.id});
}

Result<bool> NameGate::knows(store::Connection& connection, const Settings& settings, std::string_view server,
                             std::string_view user) {
  if (!settings.gate_roles.contains(server)) return true;
  LINNET_TRY(const auto* const holders, holders_of(connection, server));
  return holders->contains(user);
}

void Reckoner::forget() {
  gate_.forget();
  hosts_.clear();
}

Status Reckoner::saw(store::Connection& connection, const Settings& settings, const model::Event& event) {
  if (settings.gate_roles.empty()) return {};
  for (const auto& one : event.chat) {
    if (const auto* const member = member_in(one)) LINNET_CHECK(gate_.saw(connection, settings, *member));
  }
  return {};
}

Result<std::string_view> Reckoner::by_name(store::Connection& connection, const Settings& settings,
                                           std::string_view server, std::string_view user) {
  if (user.empty() || settings.is_self(user)) return std::string_view();
  LINNET_TRY(const bool is_known, gate_.knows(connection, settings, server, user));
  return is_known ? user : std::string_view();
}

Status Reckoner::add(store::Connection& connection, const Settings& settings, const Happening& /*at*/,
                     const NewMessage& one, Occasion& occasion) {
  const auto& message = *one.message;
  MessageFacts facts;
  facts.server = message.server_id;
  facts.channel = one.channel;
  if (one.is_in_thread) facts.thread = message.channel_id;
  const bool is_by_person = !message.is_webhook && !message.author.is_bot;
  std::vector<std::string_view> mentioned;
  if (is_by_person) {
    LINNET_TRY(facts.author, by_name(connection, settings, message.server_id, message.author.id));
    LINNET_TRY(facts.answered, by_name(connection, settings, message.server_id, one.answered));
    for (const auto& account : message.mentions) {
      facts.mentions_self = facts.mentions_self || settings.is_self(account.id);
      if (account.is_bot) continue;
      LINNET_TRY(const auto user, by_name(connection, settings, message.server_id, account.id));
      if (!user.empty()) mentioned.push_back(user);
    }
    facts.names_self = says_name(settings, message.content.value_or(""));
  }
  facts.mentioned = mentioned;
  if (!facts.author.empty() && message.member && message.member->role_ids)
    facts.roles = *message.member->role_ids;
  facts.has_media_or_link = !message.media.empty() || message.has_embeds || message.has_links;
  occasion.reason = message.id;
  occasion.hash = hash_of_cause({"message", message.server_id, message.id});
  add_message(settings, facts, occasion);
  return {};
}

Status Reckoner::add(store::Connection& connection, const Settings& settings, const Happening& /*at*/,
                     const NewReaction& one, Occasion& occasion) {
  const auto& reaction = *one.reaction;
  if (reaction.member && reaction.member->user.is_bot) return {};
  ReactionFacts facts;
  facts.server = reaction.server_id;
  facts.emoji = reaction.emoji.id ? *reaction.emoji.id : reaction.emoji.name;
  LINNET_TRY(facts.author, by_name(connection, settings, reaction.server_id, one.author));
  LINNET_TRY(facts.reactor, by_name(connection, settings, reaction.server_id, reaction.user_id));
  occasion.reason = reaction.message_id;
  occasion.hash = hash_of_cause({"reaction", reaction.message_id, reaction.user_id, facts.emoji});
  add_reaction(settings, facts, occasion);
  return {};
}

Status Reckoner::add(store::Connection& /*connection*/, const Settings& settings, const Happening& /*at*/,
                     const NewThread& one, Occasion& occasion) {
  occasion.reason = one.thread->id;
  occasion.hash = hash_of_cause({"thread", one.thread->server_id, one.thread->id});
  add_thread(settings, one.thread->server_id, one.thread->parent_id.value_or(""), one.thread->id, occasion);
  return {};
}

Status Reckoner::add(store::Connection& connection, const Settings& settings, const Happening& at,
                     const NewPost& one, Occasion& occasion) {
  const auto& post = *one.post;
  LINNET_TRY(const auto host, host_of(connection, at.instance));
  occasion.reason = post.id;
  occasion.hash = hash_of_cause({"post", host, post.id});
  if (post.is_boost) {
    if (!one.boosted_author.empty()) add_boost(settings, host, one.boosted_author, occasion);
    return {};
  }
  PostFacts facts;
  facts.host = host;
  facts.author = post.author.id;
  facts.hashtags = post.hashtags;
  facts.answered = post.in_reply_to_account_id.value_or("");
  facts.has_media_or_link = !post.media.empty() || has_address(post.content_text);
  add_post(settings, facts, occasion);
  return {};
}

Result<Occasion> Reckoner::reckon(store::Connection& connection, const Settings& settings,
                                  const std::vector<const Happening*>& happenings) {
  Occasion occasion;
  for (const auto* const happening : happenings) {
    occasion.event = happening->event;
    occasion.at = happening->at;
    LINNET_CHECK(
        std::visit([&](const auto& one) { return add(connection, settings, *happening, one, occasion); },
                   happening->what));
  }
  return occasion;
}

Result<std::string_view> Reckoner::host_of(store::Connection& connection, InstanceId instance) {
  const auto [known, is_new] = hosts_.try_emplace(instance);
  if (is_new) {
    LINNET_TRY(auto base_url, store::query_text(connection, "SELECT base_url FROM instances WHERE id = $1",
                                                {instance.value()}));
    std::string_view host = base_url ? std::string_view(*base_url) : std::string_view();
    if (const auto scheme = host.find("://"); scheme != std::string_view::npos)
      host.remove_prefix(scheme + 3);
    known->second = host.substr(0, host.find('/'));
  }
  return std::string_view(known->second);
}

}  // namespace linnet::salience
