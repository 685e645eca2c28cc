// What is the AT Protocol's own of signing in by OAuth in the browser (atproto.com/specs/oauth): who signs a
// PDS's people in, tokens bound to a key, an account that its own server has to vouch for.
#pragma once

#include <memory>

#include "connect/bluesky/dpop_door.hpp"
#include "connect/bluesky/session.hpp"
#include "connect/oauth.hpp"

namespace linnet::connect::bluesky {

// A sign-in under way.
struct PendingSignIn : oauth::Pending {
  oauth::Server server;
  oauth::Client client;
};

// Blocking; one thread at a time. Texts of errors are safe to show and hold no secret.
class OAuth {
 public:
  // What it refers to outlives this. Its base URL is that of a PDS, or of https://bsky.social.
  static Result<OAuth> start(const ServerAccess& service, std::string plc_directory);

  // `name` fills in the handle for the user; may be empty. `redirect_uri` on 127.0.0.1.
  Result<PendingSignIn> begin(const std::string& redirect_uri, const std::string& name,
                              const std::stop_token& stop);
  // With the parameters of the redirect. That the account's own server trusts the one that answered is made
  // sure of; `denied` when it does not, or when the user said no.
  Result<SignedIn> finish(const PendingSignIn& pending, const SignInAnswer& answer,
                          const std::stop_token& stop);

 private:
  OAuth(const ServerAccess& service, std::string plc_directory, DpopKey key);
  Result<oauth::Server> server_of_service(const std::stop_token& stop);

  ServerAccess service_;
  std::string plc_directory_;
  std::unique_ptr<DpopDoor> door_;
};

// New tokens for those that end; `still_wanted` is asked right before each time they are asked for. `denied`
// only when the server says that the sign-in is void.
Result<Credentials> renew_oauth(DpopDoor& door, const ServerAccess& access, const std::string& did,
                                const Credentials& credentials, const std::function<Status()>& still_wanted,
                                const std::stop_token& stop);

// Ends the sign-in at its server; its tokens are worth nothing any more.
Status revoke_oauth(const ServerAccess& access, const Credentials& credentials, const std::stop_token& stop);

}  // namespace linnet::connect::bluesky
