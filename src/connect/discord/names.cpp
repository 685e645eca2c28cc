#include "connect/discord/names.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "connect/discord/snowflake.hpp"
#include "model/typed_name.hpp"
#include "net/url.hpp"

namespace linnet::connect::discord {
namespace {

constexpr std::string_view kChannels = "/channels/";
constexpr std::string_view kUsers = "/users/";

// discord.com/channels/SERVER/CHANNEL/MESSAGE
std::string message_of_link(std::string_view path) {
  path.remove_prefix(kChannels.size());
  const auto slash = path.find('/');  // behind the server
  return slash == std::string_view::npos ? std::string() : std::string(path.substr(slash + 1));
}

Error expected(std::string_view field, std::string_view what, std::string_view got) {
  return invalid(
      fmt::format("{}: expected {}, got \"{}\"", field, what, truncate_utf8(to_valid_utf8(got), 100)));
}

constexpr std::string_view kPost =
    "the link of a message (Copy Message Link in Discord), or CHANNEL/MESSAGE by their ids";
constexpr std::string_view kPerson = "the person's id (Copy User ID in Discord)";

Result<GivenName> read_discord_name(std::string_view field, bool is_person, std::string_view given) {
  std::string name(trim(given));
  if (const auto url = net::parse_url(name); url) {
    if (!is_person && url->path.starts_with(kChannels)) name = message_of_link(url->path);
    if (is_person && url->path.starts_with(kUsers)) name = url->path.substr(kUsers.size());
  } else if (is_person && name.starts_with("<@") && name.ends_with('>')) {
    name = name.substr(2, name.size() - 3);
    if (name.starts_with('!')) name.erase(0, 1);
  }
  const bool is_good = is_person ? is_snowflake(name) : parse_message_name(name).has_value();
  if (!is_good) return expected(field, is_person ? kPerson : kPost, given);
  return GivenName{std::move(name), true};
}

Status check_discord_id(std::string_view field, IdOf what, std::string_view id) {
  const bool is_post = what == IdOf::post || what == IdOf::quoted_post;
  if (is_post && !parse_message_name(id)) return expected(field, kPost, id);
  if (is_post || is_snowflake(id)) return {};
  if (what == IdOf::person) return expected(field, kPerson, id);
  return expected(field, "a channel's id (Copy Channel ID in Discord)", id);
}

}  // namespace

std::optional<MessageName> parse_message_name(std::string_view id) {
  const auto slash = id.find('/');
  if (slash == std::string_view::npos || !is_snowflake(id.substr(0, slash)) ||
      !is_snowflake(id.substr(slash + 1)))
    return {};
  return MessageName{std::string(id.substr(0, slash)), std::string(id.substr(slash + 1))};
}

std::string message_name(std::string_view channel, std::string_view message) {
  return fmt::format("{}/{}", channel, message);
}

std::string link_to(std::string_view server, const MessageName& message) {
  return fmt::format("https://discord.com/channels/{}/{}/{}", server.empty() ? "@me" : server,
                     message.channel, message.message);
}

IdentityRules identity_rules() {
  IdentityRules rules;
  rules.ids_are_global = true;
  rules.is_person_id = is_snowflake;
  rules.expected_person = kPerson;
  rules.posts_go_to_channels = true;
  rules.read_name = read_discord_name;
  rules.check_id = check_discord_id;
  return rules;
}

}  // namespace linnet::connect::discord
