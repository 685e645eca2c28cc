#include "connect/discord/user_sighting.hpp"

#include <fmt/format.h>

#include "connect/discord/snowflake.hpp"

namespace linnet::connect::discord {

namespace dom = simdjson::dom;

model::AccountSighting read_user(DispatchFields& fields, const dom::object& user) {
  model::AccountSighting account;
  account.id = fields.id_or_none(user, "id");
  if (account.id.empty()) return account;
  account.username = fields.text(user, "username").value_or(account.id);
  account.acct = account.username;
  // Bots have a number behind their name still, which people had until 2023.
  const auto number = fields.text(user, "discriminator").value_or("0");
  if (number != "0" && number != "0000" && !number.empty())
    account.acct = fields.keep(fmt::format("{}#{}", account.username, number));
  account.display_name = fields.text(user, "global_name");
  if (const auto avatar = fields.text(user, "avatar"))
    account.avatar_url =
        fields.keep(fmt::format("https://cdn.discordapp.com/avatars/{}/{}.png", account.id, *avatar));
  account.profile_url = fields.keep(fmt::format("https://discord.com/users/{}", account.id));
  account.is_bot = fields.flag(user, "bot");
  account.created_at = time_of_snowflake(*parse_snowflake(account.id));
  return account;
}

model::MemberSighting read_member(DispatchFields& fields, const dom::object& data, std::string_view server) {
  model::MemberSighting member;
  member.server_id = server;
  if (const auto user = fields.object(data, "user")) member.user = read_user(fields, *user);
  member.nick = fields.text(data, "nick");
  member.joined_at = fields.time(data, "joined_at");
  if (fields.list(data, "roles")) member.role_ids = fields.ids(data, "roles");
  return member;
}

}  // namespace linnet::connect::discord
