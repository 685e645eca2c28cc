// What the dispatches of Discord's gateway mean (docs.discord.com/developers/events/gateway-events). The
// plain structs that a dispatch becomes are model/chat_sighting.hpp, for the rest of the program names no
// network (decision 28): projections find them in model::Event::chat, whose kind is then `chat`.
//
//   MESSAGE_CREATE, MESSAGE_UPDATE           MessageSighting
//   MESSAGE_DELETE, MESSAGE_DELETE_BULK      MessagesGone
//   MESSAGE_REACTION_ADD, …_REMOVE,          ReactionSighting
//     …_REMOVE_ALL, …_REMOVE_EMOJI
//   GUILD_CREATE                             ServerSighting, then its roles, channels, threads, members
//   GUILD_UPDATE, GUILD_DELETE               ServerSighting, then its roles
//   GUILD_ROLE_CREATE, …_UPDATE, …_DELETE    RoleSighting (of @everyone: ServerSighting::everyone_sees too)
//   CHANNEL_* and THREAD_CREATE, …_UPDATE,   ChannelSighting
//     …_DELETE
//   GUILD_MEMBER_ADD, …_UPDATE, …_REMOVE     MemberSighting
//
// A message without `guild_id` is a direct one: it is no line of the log (dispatch_is_private).
#pragma once

#include <string_view>

#include "model/chat_sighting.hpp"

namespace linnet::connect::discord {

// Whether Linnet reads a dispatch of this name from the log.
bool is_read(std::string_view event);

}  // namespace linnet::connect::discord
