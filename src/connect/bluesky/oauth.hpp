// Signing in to the AT Protocol by OAuth in the browser (atproto.com/specs/oauth): the password stays with
// the server.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "connect/bluesky/dpop_door.hpp"
#include "connect/bluesky/session.hpp"

namespace linnet::connect::bluesky {

// What an authorization server says of itself (RFC 8414).
struct AuthorizationServer {
  std::string issuer;
  std::string authorize_endpoint;
  std::string token_endpoint;
  std::string par_endpoint;     // RFC 9126
  bool offers_chat = false;     // that people let programs read and write their direct messages
  std::string revoke_endpoint;  // RFC 7009; empty: it has none
};
// `issuer` is its base URL. `invalid` when it is none that the AT Protocol can use.
Result<AuthorizationServer> read_authorization_server(net::HttpTransport& transport, RequestBudget& budget,
                                                      const std::string& issuer, const std::stop_token& stop);

// A sign-in under way: the user opens `authorize_url`.
struct PendingSignIn {
  std::string authorize_url;
  std::string state;  // comes back with the redirect
  AuthorizationServer server;
  std::string client_id;
  std::string redirect_uri;
  std::string code_verifier;  // RFC 7636
};

// Blocking; one thread at a time. Texts of errors are safe to show and hold no secret.
class OAuth {
 public:
  // The references outlive this. `service` is the base URL of a PDS, or of https://bsky.social.
  static Result<OAuth> start(net::HttpTransport& transport, RequestBudget& budget, Clock& clock,
                             std::string service, std::string plc_directory);

  // `name` fills in the handle for the user; may be empty. `redirect_uri` on 127.0.0.1.
  Result<PendingSignIn> begin(const std::string& redirect_uri, const std::string& name,
                              const std::stop_token& stop);
  // With the parameters of the redirect. That the account's own server trusts the one that answered is made
  // sure of; `denied` when it does not, or when the user said no.
  Result<SignedIn> finish(const PendingSignIn& pending, const std::map<std::string, std::string>& answer,
                          const std::stop_token& stop);

 private:
  OAuth(net::HttpTransport& transport, RequestBudget& budget, Clock& clock, std::string service,
        std::string plc_directory, DpopKey key);
  Result<AuthorizationServer> server_of_service(const std::stop_token& stop);

  net::HttpTransport& transport_;
  RequestBudget& budget_;
  Clock& clock_;
  std::string service_;
  std::string plc_directory_;
  std::unique_ptr<DpopDoor> door_;
};

// New tokens for those that end. `denied` only when the server says that the sign-in is void. The refresh
// token of an answer without one stays the old.
Result<Credentials> renew_oauth(DpopDoor& door, net::HttpTransport& transport, RequestBudget& budget,
                                Clock& clock, const std::string& did, const Credentials& credentials,
                                const std::stop_token& stop);

// Ends the sign-in at its server; its tokens are worth nothing any more.
Status revoke_oauth(net::HttpTransport& transport, RequestBudget& budget, Clock& clock,
                    const Credentials& credentials, const std::stop_token& stop);

}  // namespace linnet::connect::bluesky
