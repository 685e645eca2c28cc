#include "observe/messages/chat_places.hpp"

#include <boost/json.hpp>

namespace linnet::observe {
namespace {

using store::Value;

Value text_value(const model::MaybeText& text) {
  return text ? Value(*text) : Value();
}
Value truth_value(const std::optional<bool>& value) {
  return value ? Value(std::int64_t{*value}) : Value();
}

std::string_view kind_name(model::ChannelKind kind) {
  using model::ChannelKind;
  switch (kind) {
    case ChannelKind::text:
      return "text";
    case ChannelKind::voice:
      return "voice";
    case ChannelKind::category:
      return "category";
    case ChannelKind::announcement:
      return "announcement";
    case ChannelKind::forum:
      return "forum";
    case ChannelKind::thread:
      return "thread";
    case ChannelKind::private_thread:
      return "private_thread";
    case ChannelKind::other:
      return "other";
  }
  return "other";
}

std::string place_key(InstanceId instance, std::string_view one, std::string_view other = {}) {
  std::string key(reinterpret_cast<const char*>(&instance.value()), sizeof(std::int64_t));
  return key.append(one).append("\n").append(other);
}

// A server that told all its channels: those it does not tell are gone, and threads that do not come again
// are archived.
Status begin_whole(store::Connection& connection, InstanceId instance, std::string_view server) {
  LINNET_CHECK(
      store::run(connection,
                 "UPDATE channels SET is_gone = 1 WHERE instance_id = $1 AND server_id = $2 AND kind "
                 "NOT IN ('thread', 'private_thread')",
                 {instance.value(), server}));
  return store::run(connection,
                    "UPDATE channels SET is_archived = 1 WHERE instance_id = $1 AND server_id = $2 AND kind "
                    "IN ('thread', 'private_thread')",
                    {instance.value(), server});
}

std::string roles_text(const model::MemberSighting& member) {
  if (!member.role_ids) return {};
  boost::json::array ids;
  for (const auto id : *member.role_ids) ids.emplace_back(id);
  return boost::json::serialize(ids);
}

}  // namespace

Status ChatPlaces::saw(store::Connection& connection, InstanceId instance,
                       const model::ServerSighting& server, Instant at) {
  LINNET_CHECK(store::run(
      connection,
      R"(INSERT INTO servers (instance_id, id, name, owner_id, member_count, everyone_sees, is_gone,
           first_seen_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (instance_id, id) DO UPDATE SET name = COALESCE(excluded.name, servers.name),
           owner_id = COALESCE(excluded.owner_id, servers.owner_id),
           member_count = COALESCE(excluded.member_count, servers.member_count),
           everyone_sees = COALESCE(excluded.everyone_sees, servers.everyone_sees),
           is_gone = excluded.is_gone)",
      {instance.value(), server.id, text_value(server.name), text_value(server.owner_id),
       server.member_count ? Value(*server.member_count) : Value(), truth_value(server.everyone_sees),
       std::int64_t{server.is_gone}, to_micros(at)}));
  return server.is_whole ? begin_whole(connection, instance, server.id) : Status();
}

Status ChatPlaces::saw(store::Connection& connection, InstanceId instance, const model::RoleSighting& role) {
  return store::run(
      connection,
      R"(INSERT INTO server_roles (instance_id, server_id, id, name, is_gone)
                       VALUES ($1, $2, $3, $4, $5)
                       ON CONFLICT (instance_id, server_id, id) DO UPDATE SET
                         name = COALESCE(excluded.name, server_roles.name), is_gone = excluded.is_gone)",
      {instance.value(), role.server_id, role.id, text_value(role.name), std::int64_t{role.is_gone}});
}

Result<bool> ChatPlaces::saw(store::Connection& connection, InstanceId instance,
                             const model::ChannelSighting& channel, Instant at) {
  LINNET_TRY(const auto known, place_of(connection, instance, channel.id));
  LINNET_CHECK(store::run(
      connection,
      R"(INSERT INTO channels (instance_id, id, server_id, kind, name, topic, parent_id, owner_id,
           everyone_sees, is_archived, is_gone, created_at, first_seen_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         ON CONFLICT (instance_id, id) DO UPDATE SET
           kind = CASE WHEN excluded.kind = 'other' THEN channels.kind ELSE excluded.kind END,
           name = COALESCE(excluded.name, channels.name), topic = COALESCE(excluded.topic, channels.topic),
           parent_id = COALESCE(excluded.parent_id, channels.parent_id),
           owner_id = COALESCE(excluded.owner_id, channels.owner_id),
           everyone_sees = excluded.everyone_sees, is_archived = excluded.is_archived,
           is_gone = excluded.is_gone)",
      {instance.value(), channel.id, channel.server_id, kind_name(channel.kind), text_value(channel.name),
       text_value(channel.topic), text_value(channel.parent_id), text_value(channel.owner_id),
       truth_value(channel.everyone_sees), std::int64_t{channel.is_archived}, std::int64_t{channel.is_gone},
       to_micros(channel.created_at), to_micros(at)}));
  auto& place = places_[place_key(instance, channel.id)];
  place.is_known = true;
  if (channel.kind != model::ChannelKind::other || !known.is_known) place.is_thread = channel.is_thread();
  if (channel.parent_id) place.parent = *channel.parent_id;
  return !known.is_known;
}

Status ChatPlaces::saw(store::Connection& connection, InstanceId instance,
                       const model::MemberSighting& member) {
  const auto roles = roles_text(member);
  auto said = roles;
  said.append("\n").append(member.nick.value_or("")).append(member.has_left ? "\n1" : "\n0");
  if (members_.size() > kMostKept) members_.clear();
  auto& last = members_[place_key(instance, member.server_id, member.user.id)];
  if (last == said) return {};
  last = said;
  return store::run(
      connection,
      R"(INSERT INTO server_members (instance_id, server_id, user_id, nick, role_ids, joined_at, has_left)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (instance_id, server_id, user_id) DO UPDATE SET
           nick = COALESCE(excluded.nick, server_members.nick),
           role_ids = COALESCE(excluded.role_ids, server_members.role_ids),
           joined_at = COALESCE(excluded.joined_at, server_members.joined_at), has_left = excluded.has_left)",
      {instance.value(), member.server_id, member.user.id, text_value(member.nick),
       store::text_or_null(roles), store::value_of(member.joined_at), std::int64_t{member.has_left}});
}

Result<ChatPlaces::Place> ChatPlaces::place_of(store::Connection& connection, InstanceId instance,
                                               std::string_view channel) {
  if (places_.size() > kMostKept) places_.clear();
  const auto [known, is_new] = places_.try_emplace(place_key(instance, channel));
  auto& place = known->second;
  if (!is_new) return place;
  LINNET_CHECK(store::for_each_row(
      connection, "SELECT kind, parent_id FROM channels WHERE instance_id = $1 AND id = $2",
      {instance.value(), channel}, [&](const store::Statement& row) {
        place = {true, row.text(0) == "thread" || row.text(0) == "private_thread", std::string(row.text(1))};
      }));
  return place;
}

void ChatPlaces::forget() {
  places_.clear();
  members_.clear();
}

}  // namespace linnet::observe
