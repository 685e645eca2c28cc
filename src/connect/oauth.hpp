// OAuth 2 in the browser, with PKCE (RFC 6749, 7636), and what newer servers add: a description of themselves
// (RFC 8414), requests that are pushed ahead (RFC 9126), answers that name who gave them (RFC 9207). What is
// a network's own it says here: the server, the client, and how a form gets there.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "connect/server_access.hpp"
#include "connect/sign_in_door.hpp"
#include "net/http_transport.hpp"
#include "net/url.hpp"

namespace linnet::connect::oauth {

// Who signs people in.
struct Server {
  std::string issuer;  // its base URL, and its name in errors
  std::string authorize;
  std::string token;
  std::string push;    // where requests are pushed ahead; empty: they go with the browser
  std::string revoke;  // RFC 7009; empty: it has none
  bool takes_pkce = true;
  bool names_itself = false;                            // in what comes back with the browser
  std::optional<std::vector<std::string>> scopes = {};  // that it offers; absent: it does not say

  [[nodiscard]] bool offers(std::string_view scope) const;  // or may, as it does not say
};

// As it describes itself, at its well-known place. `invalid` when it calls itself another name, or sends
// people to somebody else.
Result<Server> read_server(const ServerAccess& access, const std::string& issuer,
                           const std::stop_token& stop);
// A GET of such a description, which follows no redirect.
Result<boost::json::object> read_description(const ServerAccess& access, const std::string& url,
                                             const std::stop_token& stop);
// Whether it says that it takes challenges of PKCE.
bool says_pkce(const boost::json::object& description);

// Linnet, as the server knows it.
struct Client {
  std::string id;
  std::string secret;  // empty: it has none
  std::string redirect_uri;
  std::string scope;
};

// Sends a form; an answer whatever its status.
using Send =
    std::function<Result<net::HttpResponse>(const net::HttpRequest& form, const std::stop_token& stop)>;
// What carries secrets goes to the address it was made for, and once.
net::HttpRequest form_to(const std::string& url, const net::QueryParameters& form);

// The person opens `authorize_url`.
struct Pending {
  std::string authorize_url;
  std::string state;
  std::string code_verifier;  // empty where the server takes none
};
Result<Pending> begin(const Server& server, const Client& client, const net::QueryParameters& more,
                      const Send& send, const std::stop_token& stop);
// Of what came back with the browser; `denied` when the server or the person said no, or somebody else
// answered.
Result<std::string> code_of(const Server& server, const Pending& pending, const SignInAnswer& answer);

struct Tokens {
  std::string token;
  std::string refresh_token;
  std::optional<Instant> expires_at;
  std::string type;     // "Bearer", "DPoP"
  std::string subject;  // whose they are, where the server says it
};
// `denied` where the code is not taken.
Result<Tokens> exchange(const Server& server, const Client& client, const Pending& pending,
                        const std::string& code, const net::QueryParameters& more, const Send& send,
                        Instant now, const std::stop_token& stop);
// `denied` only when the server itself says that the sign-in is void: whatever else goes wrong passes.
Result<Tokens> refresh(const Server& server, const Client& client, const std::string& refresh_token,
                       const Send& send, Instant now, const std::stop_token& stop);
// The refresh token of an answer without one stays the old.
Credentials with_tokens(Credentials credentials, const Tokens& tokens);
Status revoke(const Server& server, const Client& client, const std::string& token, const Send& send,
              const std::stop_token& stop);

}  // namespace linnet::connect::oauth
