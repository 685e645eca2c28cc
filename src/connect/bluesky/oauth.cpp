#include "connect/bluesky/oauth.hpp"

#include <fmt/format.h>

#include "base/json_members.hpp"
#include "connect/bluesky/identity.hpp"
#include "connect/bluesky/record_key.hpp"

namespace linnet::connect::bluesky {
namespace {

constexpr std::string_view kScope = "atproto transition:generic";
constexpr std::string_view kChatScope = "transition:chat.bsky";  // direct messages

// The authorization server that a PDS trusts (RFC 9728).
Result<std::string> issuer_of(const ServerAccess& access, const std::string& pds,
                              const std::stop_token& stop) {
  LINNET_TRY(const auto resource,
             oauth::read_description(access, pds + "/.well-known/oauth-protected-resource", stop));
  const auto* const servers = list_in(resource, "authorization_servers");
  if (servers != nullptr && servers->size() == 1 && servers->front().is_string())
    return net::normalise_instance_url(std::string_view(servers->front().as_string()));
  return invalid(fmt::format("{} does not say who signs people in: is it a PDS?", pds));
}

Result<oauth::Server> server_named(const ServerAccess& access, const std::string& issuer,
                                   const std::stop_token& stop) {
  LINNET_TRY(auto server, oauth::read_server(access, issuer, stop));
  if (server.push.empty()) return invalid(fmt::format("{} does not offer what signing in needs", issuer));
  server.names_itself = true;
  return server;
}

// A program on the user's own machine needs no registration: its name says it all (atproto.com/specs/oauth,
// «localhost client development»). A server that does not know a scope refuses the whole sign-in.
oauth::Client client_here(const oauth::Server& server, const std::string& redirect_uri) {
  std::string scope(kScope);
  if (server.offers(kChatScope)) scope.append(" ").append(kChatScope);
  return {"http://localhost?" + net::build_query({{"redirect_uri", redirect_uri}, {"scope", scope}}), "",
          redirect_uri, scope};
}

oauth::Send send_by(DpopDoor& door, std::function<Status()> still_wanted = {}) {
  return [&door, going = Going{.kind = kSessions, .still_wanted = std::move(still_wanted)}](
             const net::HttpRequest& form, const std::stop_token& stop) {
    return door.send(form, "", stop, going);
  };
}

Status check_tokens(const oauth::Tokens& tokens, const std::string& issuer) {
  if (is_did(tokens.subject) && tokens.type == "DPoP") return {};
  return unavailable(fmt::format("{} gave no token that is bound to a key", issuer));
}

}  // namespace

Result<OAuth> OAuth::start(const ServerAccess& service, std::string plc_directory) {
  LINNET_TRY(auto key, DpopKey::generate());
  return OAuth(service, std::move(plc_directory), std::move(key));
}

OAuth::OAuth(const ServerAccess& service, std::string plc_directory, DpopKey key)
    : service_(service),
      plc_directory_(std::move(plc_directory)),
      door_(std::make_unique<DpopDoor>(service.transport, service.budget, service.clock, std::move(key))) {}

// https://bsky.social is an authorization server itself, every PDS names its own.
Result<oauth::Server> OAuth::server_of_service(const std::stop_token& stop) {
  auto issuer = issuer_of(service_, service_.base_url, stop);
  if (!issuer && issuer.error().kind == ErrorKind::unavailable) return issuer.error();
  return server_named(service_, issuer ? *issuer : service_.base_url, stop);
}

Result<PendingSignIn> OAuth::begin(const std::string& redirect_uri, const std::string& name,
                                   const std::stop_token& stop) {
  PendingSignIn pending;
  LINNET_TRY(pending.server, server_of_service(stop));
  pending.client = client_here(pending.server, redirect_uri);
  net::QueryParameters more;
  if (!name.empty()) more.emplace_back("login_hint", name);
  LINNET_TRY(static_cast<oauth::Pending&>(pending),
             oauth::begin(pending.server, pending.client, more, send_by(*door_), stop));
  return pending;
}

Result<SignedIn> OAuth::finish(const PendingSignIn& pending, const SignInAnswer& answer,
                               const std::stop_token& stop) {
  const auto& issuer = pending.server.issuer;
  LINNET_TRY(const auto code, oauth::code_of(pending.server, pending, answer));
  LINNET_TRY(const auto tokens, oauth::exchange(pending.server, pending.client, pending, code, {},
                                                send_by(*door_), service_.clock.now(), stop));
  LINNET_CHECK(check_tokens(tokens, issuer));
  LINNET_TRY(const auto identity,
             resolve_identity(service_.transport, service_.budget, tokens.subject, plc_directory_, stop));
  LINNET_TRY(const auto trusted, issuer_of(service_, identity.pds, stop));
  if (trusted != issuer)
    return Error::of(ErrorKind::denied, fmt::format("{} signed in somebody whose account {} does not keep",
                                                    issuer, identity.pds));
  SignedIn signed_in{tokens.subject, identity.handle.empty() ? tokens.subject : identity.handle,
                     oauth::with_tokens({}, tokens)};
  auto& credentials = signed_in.credentials;
  credentials.client_id = pending.client.id;
  credentials.service = identity.pds;
  credentials.auth_server = issuer;
  LINNET_TRY(credentials.dpop_key, door_->key().pem());
  return signed_in;
}

Result<Credentials> renew_oauth(DpopDoor& door, const ServerAccess& access, const std::string& did,
                                const Credentials& credentials, const std::function<Status()>& still_wanted,
                                const std::stop_token& stop) {
  const auto server = server_named(access, credentials.auth_server, stop);
  if (!server) {
    // What stands in between may refuse a page; only the answer to the token itself signs the account out.
    auto error = server.error();
    if (error.kind == ErrorKind::denied) error.kind = ErrorKind::unavailable;
    return error;
  }
  LINNET_TRY(const auto tokens,
             oauth::refresh(*server, {credentials.client_id, "", "", ""}, credentials.refresh_token,
                            send_by(door, still_wanted), access.clock.now(), stop));
  LINNET_CHECK(check_tokens(tokens, server->issuer));
  if (tokens.subject != did)
    return Error::of(ErrorKind::denied, fmt::format("{} gave a session of another account", server->issuer));
  return oauth::with_tokens(credentials, tokens);
}

Status revoke_oauth(const ServerAccess& access, const Credentials& credentials, const std::stop_token& stop) {
  LINNET_TRY(const auto server, server_named(access, credentials.auth_server, stop));
  LINNET_TRY(auto key, DpopKey::from_pem(credentials.dpop_key));
  DpopDoor door(access.transport, access.budget, access.clock, std::move(key));
  return oauth::revoke(server, {credentials.client_id, "", "", ""}, credentials.refresh_token, send_by(door),
                       stop);
}

}  // namespace linnet::connect::bluesky
