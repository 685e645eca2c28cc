#include <fmt/format.h>

#include <memory>

#include "connect/bluesky/door.hpp"
#include "connect/bluesky/oauth.hpp"
#include "connect/bluesky/session.hpp"
#include "connect/revocation.hpp"

namespace linnet::connect::bluesky {
namespace {

// atproto.com/specs/oauth, «localhost client development»: the one way without an address of its own.
Status check_way_back_here(const net::Url& page) {
  if (page.scheme == "http" && (page.host == "127.0.0.1" || page.host == "[::1]")) return {};
  if (net::is_loopback_host(page.host)) {
    return invalid(
        fmt::format("Bluesky sends the browser back to no other name of this machine: open Linnet at "
                    "http://127.0.0.1:{}, or use an app password",
                    page.port));
  }
  return invalid(fmt::format(
      "Bluesky sends the browser back only to the machine that it runs on, and {} is elsewhere: open "
      "Linnet on its own machine, or use an app password",
      page.origin()));
}

SignedInAccount account_of(const SignedIn& signed_in, const std::string& address) {
  return {"bluesky", address, signed_in.did, signed_in.handle, "", signed_in.credentials};
}

Result<StartedSignIn> begin_bluesky(const SignInRequest& request, const std::stop_token& stop) {
  LINNET_TRY(auto made, OAuth::start(request.server, request.settings.plc_directory));
  const auto oauth = std::make_shared<OAuth>(std::move(made));
  LINNET_TRY(const auto pending, oauth->begin(request.redirect_uri, request.name, stop));
  const auto finish = [oauth, pending, address = request.server.base_url](
                          const SignInAnswer& answer) -> Result<SignedInAccount> {
    LINNET_TRY(const auto signed_in, oauth->finish(pending, answer, {}));
    return account_of(signed_in, address);
  };
  return StartedSignIn{pending.authorize_url, pending.state, finish};
}

Result<SignedInAccount> with_app_password(const ServerAccess& server, const std::string& name,
                                          const std::string& secret, const std::stop_token& stop) {
  LINNET_TRY(const auto signed_in,
             sign_in(server.transport, server.budget, server.base_url, name, secret, stop));
  return account_of(signed_in, server.base_url);
}

// com.atproto.server.deleteSession takes the token that renews.
Status end_session(const ServerAccess& server, const Credentials& credentials, const std::stop_token& stop) {
  if (!credentials.dpop_key.empty()) {
    LINNET_CHECK(server.budget.is_near());
    return revoke_oauth(server, credentials, stop);
  }
  auto request = revocation_to(credentials.service + "/xrpc/com.atproto.server.deleteSession");
  request.headers.add("Authorization", "Bearer " + credentials.refresh_token);
  return revoke_by(server, request, credentials.service, stop);
}

}  // namespace

SignInDoor sign_in_door() {
  SignInDoor door;
  door.check_way_back = check_way_back_here;
  door.begin = begin_bluesky;
  door.without_code = "Bluesky shows no code; use --name HANDLE with an app password instead";
  door.with_secret = with_app_password;
  door.secret_needs_name = true;
  door.revoke = end_session;
  return door;
}

}  // namespace linnet::connect::bluesky
