#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/json_members.hpp"
#include "connect/discord/door.hpp"
#include "connect/discord/rest_client.hpp"

namespace linnet::connect::discord {
namespace {

constexpr std::string_view kHowTo =
    "Discord lets programs in by a bot's token: make a bot in the developer portal "
    "(discord.com/developers/applications), invite it to the servers, and give its token (--token)";

Status check_way_back(const net::Url& page) {
  if (net::is_loopback_host(page.host)) return {};
  return invalid(std::string(kHowTo));
}

Result<StartedSignIn> begin_discord(const SignInRequest& /*request*/, const std::stop_token& /*stop*/) {
  return invalid(std::string(kHowTo));
}

Result<SignedInAccount> with_bot_token(const ServerAccess& server, const std::string& /*name*/,
                                       const std::string& secret, const std::stop_token& stop) {
  constexpr std::string_view kPrefix = "Bot ";  // as it stands in a header
  const auto token = secret.starts_with(kPrefix) ? secret.substr(kPrefix.size()) : secret;
  RestClient rest(server, token);
  LINNET_TRY(const auto told, rest.ask({"GET", "/users/@me"}, stop));
  const auto* const user = told.if_object();
  if (user == nullptr || text_in(*user, "id").empty())
    return unavailable(fmt::format("{} does not say whose token it is", server.base_url));
  const auto* const is_bot = user->if_contains("bot");
  if (is_bot == nullptr || !is_bot->is_bool() || !is_bot->as_bool())
    return invalid(fmt::format("it is a person's token, which Discord forbids programs to use. {}", kHowTo));
  SignedInAccount account{"discord",
                          server.base_url,
                          text_in(*user, "id"),
                          text_in(*user, "username"),
                          text_in(*user, "global_name"),
                          {}};
  account.credentials.token = token;
  return account;
}

Status revoke_bot_token(const ServerAccess& /*server*/, const Credentials& /*credentials*/,
                        const std::stop_token& /*stop*/) {
  return invalid("a bot's token ends by making a new one: developer portal, Bot, Reset Token");
}

}  // namespace

SignInDoor sign_in_door() {
  SignInDoor door;
  door.check_way_back = check_way_back;
  door.begin = begin_discord;
  door.without_code = kHowTo;
  door.with_secret = with_bot_token;
  door.revoke = revoke_bot_token;
  return door;
}

}  // namespace linnet::connect::discord
