// What is told of servers: their roles, channels, threads and members.
#include <fmt/format.h>

#include "connect/discord/dispatch_reading.hpp"
#include "connect/discord/snowflake.hpp"
#include "connect/discord/user_sighting.hpp"

namespace linnet::connect::discord {
namespace {

namespace dom = simdjson::dom;
using model::ChannelKind;
using model::ChannelSighting;

constexpr std::uint64_t kAdministrator = 1U << 3U;
constexpr std::uint64_t kViewChannel = 1U << 10U;

ChannelKind channel_kind(std::int64_t type) {
  switch (type) {
    case 0:
      return ChannelKind::text;
    case 2:
    case 13:
      return ChannelKind::voice;
    case 4:
      return ChannelKind::category;
    case 5:
      return ChannelKind::announcement;
    case 10:
    case 11:
      return ChannelKind::thread;
    case 12:
      return ChannelKind::private_thread;
    case 15:
    case 16:
      return ChannelKind::forum;
    default:
      return ChannelKind::other;
  }
}

// What the channel says of the role that everybody has, whose id is the server's.
std::optional<bool> everyone_sees(DispatchFields& fields, const dom::object& channel,
                                  std::string_view server) {
  std::optional<bool> sees;
  fields.each(channel, "permission_overwrites", [&](const dom::object& overwrite) {
    if (fields.id(overwrite, "id") != server) return;
    if (fields.bits(overwrite, "deny").value_or(0) & kViewChannel) sees = false;
    if (fields.bits(overwrite, "allow").value_or(0) & kViewChannel) sees = true;
  });
  return sees;
}

FieldError read_channel(Dispatch& in, const dom::object& data) {
  auto& fields = in.fields;
  ChannelSighting channel;
  channel.server_id = in.server;
  channel.id = fields.id_or_none(data, "id");
  if (channel.id.empty()) return missing("id", "the channel's snowflake");
  channel.kind = channel_kind(fields.number(data, "type").value_or(-1));
  channel.name = fields.text(data, "name");
  channel.topic = fields.text(data, "topic");
  channel.parent_id = fields.id(data, "parent_id");
  channel.owner_id = fields.id(data, "owner_id");
  channel.everyone_sees = everyone_sees(fields, data, in.server);
  if (const auto state = fields.object(data, "thread_metadata"))
    channel.is_archived = fields.flag(*state, "archived");
  channel.is_new = in.event == "THREAD_CREATE" && fields.flag(data, "newly_created");
  channel.is_gone = ends(in.event, "_DELETE");
  channel.created_at = time_of_snowflake(*parse_snowflake(channel.id));
  in.chat.emplace_back(channel);
  return {};
}

std::optional<bool> role_lets_everyone_see(DispatchFields& fields, const dom::object& role,
                                           std::string_view server) {
  if (fields.id(role, "id") != server) return {};
  const auto may = fields.bits(role, "permissions");
  if (!may) return {};
  return (*may & (kViewChannel | kAdministrator)) != 0;
}

}  // namespace

FieldError read_role_event(Dispatch& in) {
  auto& fields = in.fields;
  model::RoleSighting role{in.server, {}, {}, ends(in.event, "_DELETE")};
  const auto data = fields.object(in.data, "role");
  role.id = data ? fields.id_or_none(*data, "id") : fields.id_or_none(in.data, "role_id");
  if (role.id.empty()) return missing("role.id", "the role's snowflake");
  if (data) {
    role.name = fields.text(*data, "name");
    if (const auto sees = role_lets_everyone_see(fields, *data, in.server)) {
      model::ServerSighting server;
      server.id = in.server;
      server.everyone_sees = sees;
      in.chat.emplace_back(server);
    }
  }
  in.chat.emplace_back(role);
  return {};
}

FieldError read_server(Dispatch& in) {
  auto& fields = in.fields;
  // Discord does not reach it just now: nothing is known, and nothing is gone.
  if (fields.flag(in.data, "unavailable")) return {};
  model::ServerSighting server;
  server.id = in.server;
  server.name = fields.text(in.data, "name");
  server.owner_id = fields.id(in.data, "owner_id");
  server.member_count = fields.number(in.data, "member_count");
  server.is_whole = ends(in.event, "_CREATE");
  server.is_gone = ends(in.event, "_DELETE");
  std::vector<model::ChatSighting> roles;
  fields.each(in.data, "roles", [&](const dom::object& role) {
    if (const auto sees = role_lets_everyone_see(fields, role, in.server)) server.everyone_sees = sees;
    const auto id = fields.id_or_none(role, "id");
    if (!id.empty()) roles.emplace_back(model::RoleSighting{in.server, id, fields.text(role, "name"), false});
  });
  in.chat.emplace_back(server);
  in.chat.insert(in.chat.end(), roles.begin(), roles.end());
  for (const auto* const list : {"channels", "threads"}) {
    fields.each(in.data, list, [&](const dom::object& channel) {
      if (const auto error = read_channel(in, channel)) fields.leave_out(list, "channels with an id");
    });
  }
  fields.each(in.data, "members", [&](const dom::object& data) {
    auto member = read_member(fields, data, in.server);
    if (!member.user.id.empty()) in.chat.emplace_back(std::move(member));
  });
  return {};
}

FieldError read_member_event(Dispatch& in) {
  auto member = read_member(in.fields, in.data, in.server);
  if (member.user.id.empty()) return missing("user.id", "the member's snowflake");
  member.has_left = ends(in.event, "_REMOVE");
  in.chat.emplace_back(std::move(member));
  return {};
}

FieldError read_threads(Dispatch& in) {
  in.fields.each(in.data, "threads", [&](const dom::object& thread) {
    if (const auto error = read_channel(in, thread)) in.fields.leave_out("threads", "threads with an id");
  });
  return {};
}

FieldError read_channel_event(Dispatch& in) {
  return read_channel(in, in.data);
}

}  // namespace linnet::connect::discord
