#include <fmt/format.h>

#include <memory>

#include "connect/mastodon/door.hpp"
#include "connect/mastodon/oauth.hpp"
#include "connect/revocation.hpp"

namespace linnet::connect::mastodon {
namespace {

// The answer holds what lets Linnet in: it comes back by https, or does not leave the machine.
Status check_way_back_by_https(const net::Url& page) {
  if (page.scheme == "https" || net::is_loopback_host(page.host)) return {};
  return invalid(fmt::format(
      "the server could send the browser back to {} only in the clear: open Linnet by https or on "
      "its own machine, or paste an access token",
      page.origin()));
}

SignedInAccount account_of(const SignedIn& signed_in, const std::string& address, std::string scopes) {
  SignedInAccount account{
      "mastodon", address, signed_in.account.id, signed_in.account.username, signed_in.account.display_name,
      {}};
  account.credentials.token = signed_in.token;
  account.credentials.client_id = signed_in.app.client_id;
  account.credentials.client_secret = signed_in.app.client_secret;
  account.scopes = std::move(scopes);
  return account;
}

Result<StartedSignIn> begin_mastodon(const SignInRequest& request, const std::stop_token& stop) {
  const std::string scopes(request.acts ? kActingScopes : kScopes);
  const auto oauth = std::make_shared<OAuth>(request.server, scopes, request.kept_apps);
  LINNET_TRY(const auto pending, oauth->begin(request.redirect_uri, stop));
  const auto finish = [oauth, pending, address = request.server.base_url,
                       scopes](const SignInAnswer& answer) -> Result<SignedInAccount> {
    LINNET_TRY(const auto signed_in, oauth->finish(pending, answer, {}));
    return account_of(signed_in, address, scopes);
  };
  return StartedSignIn{pending.authorize_url, pending.state, finish};
}

Result<SignedInAccount> with_token(const ServerAccess& server, const std::string& /*name*/,
                                   const std::string& secret, const std::stop_token& stop) {
  OAuth oauth(server, kActingScopes);
  LINNET_TRY(const auto signed_in, oauth.with_token(secret, stop));
  // What a pasted token allows only its maker knows.
  return account_of(signed_in, server.base_url, "");
}

// RFC 7009, as Mastodon's Doorkeeper has it: the app that was signed in has to ask.
Status revoke_token(const ServerAccess& server, const Credentials& credentials, const std::stop_token& stop) {
  if (credentials.client_id.empty() || credentials.client_secret.empty()) {
    return invalid(fmt::format("the token was made by hand: delete it on {}, Preferences, Development",
                               server.base_url));
  }
  auto request =
      oauth::form_to(server.base_url + "/oauth/revoke", {{"client_id", credentials.client_id},
                                                         {"client_secret", credentials.client_secret},
                                                         {"token", credentials.token}});
  request.timeout = kRevokePatience;
  return revoke_by(server, request, server.base_url, stop);
}

}  // namespace

SignInDoor sign_in_door() {
  SignInDoor door;
  door.check_way_back = check_way_back_by_https;
  door.begin = begin_mastodon;
  door.shown_code = kOutOfBand;
  door.with_secret = with_token;
  door.registers_apps = true;
  door.revoke = revoke_token;
  return door;
}

}  // namespace linnet::connect::mastodon
