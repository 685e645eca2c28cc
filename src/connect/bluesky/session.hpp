// A signed-in session with a PDS, and the calls that go through it (atproto.com/specs/xrpc).
#pragma once

#include <boost/json.hpp>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "connect/account_store.hpp"
#include "connect/renewing_credentials.hpp"
#include "connect/request_budget.hpp"
#include "net/http_transport.hpp"
#include "net/url.hpp"

namespace linnet::connect::bluesky {

class DpopDoor;

struct SignedIn {
  std::string did;
  std::string handle;
  Credentials credentials;
};

// With an app password. `service` is the address of the PDS, or of https://bsky.social. `denied` for a wrong
// name or password.
Result<SignedIn> sign_in(net::HttpTransport& transport, RequestBudget& budget, const std::string& service,
                         const std::string& name, const std::string& password, const std::stop_token& stop);

// One thread at a time.
class Session {
 public:
  // The references outlive the session. `did` is the account's: a session of another is refused.
  Session(net::HttpTransport& transport, RequestBudget& budget, Clock& clock, std::string did,
          Credentials credentials, CredentialKeeping keeping);
  ~Session();

  [[nodiscard]] const std::string& did() const { return did_; }

  struct Call {
    std::string method = "GET";
    std::string name;  // com.atproto.repo.getRecord
    net::QueryParameters parameters;
    boost::json::value body;               // null: none
    std::optional<net::FileBody> file;     // instead of `body`
    std::string content_type;              // of the file
    std::function<Status()> still_wanted;  // asked right before it is sent; empty: nothing can have changed
    std::string proxy;  // DID#service that the PDS passes the call on to; empty: the PDS itself
  };
  // An answer whatever its status; a session that has run out is renewed once. An error is one of the
  // transport, or `denied` where the session cannot be renewed.
  Result<net::HttpResponse> call(const Call& call, const std::stop_token& stop);

  // `denied` only when the server itself says that the session is void. Tokens are renewed ahead of their
  // end.
  Status check(const std::stop_token& stop);
  // See ActingConnector.
  [[nodiscard]] const std::string& restriction() const { return restriction_; }
  void forget_restriction() { restriction_.clear(); }
  // As the server last named the account; empty: it has not.
  [[nodiscard]] const std::string& handle() const { return handle_; }
  // Asked before everything that is sent to change something, after the last wait; empty: nothing is.
  void ask_before_writing(std::function<Status()> still_wanted) { still_wanted_ = std::move(still_wanted); }

 private:
  void heed(const net::HttpResponse& response);
  void note_handle(std::string handle);
  Result<net::HttpResponse> send(const Call& call, const std::string& token, const std::stop_token& stop);
  Status renew(const std::stop_token& stop);
  Result<Credentials> renewed_credentials(const Credentials& ending,
                                          const std::function<Status()>& still_wanted,
                                          const std::stop_token& stop);
  Status open_door();

  net::HttpTransport& transport_;
  RequestBudget& budget_;
  Clock& clock_;
  std::string did_;
  RenewingCredentials credentials_;
  std::string restriction_;
  std::string handle_;
  std::function<Status()> still_wanted_;
  std::unique_ptr<DpopDoor> door_;  // of a sign-in by OAuth; made at its first use, and for another key
  std::string door_key_;
};

struct XrpcError;
// Whether it says that an account was taken down, suspended or switched off.
bool is_restricted(const XrpcError& error);

// {"error": …, "message": …} of an answer that is no success; empty texts where it has none.
struct XrpcError {
  std::string name;
  std::string message;
};
XrpcError read_error(const net::HttpResponse& response);
// Whether a token is as good as before, but of a kind that may not do this.
bool tells_of_scope(const XrpcError& error);
// Whether the server itself says, by one of its names for it, that the sign-in is void. Any other 401 may be
// the page of a proxy in between, and passes.
bool ends_sign_in(const net::HttpResponse& response);
// What such an answer means, in words for the user; `denied` only where the sign-in is void.
Error xrpc_error(const net::HttpResponse& response, const std::string& service);
// The moment a JWT ends, unverified: it is ours.
std::optional<Instant> token_end(std::string_view jwt);

}  // namespace linnet::connect::bluesky
