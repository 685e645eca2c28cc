#include "connect/revoke_sign_in.hpp"

#include <fmt/format.h>

#include "connect/bluesky/oauth.hpp"
#include "net/url.hpp"

namespace linnet::connect {
namespace {

constexpr auto kRevokePatience = std::chrono::seconds(10);
constexpr std::string_view kKind = "sessions";  // signing in and out are counted by themselves

net::HttpRequest post_to(const std::string& url) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = url;
  request.timeout = kRevokePatience;
  request.may_be_repeated = false;
  request.redirects = net::Redirects::refuse;
  request.headers.add("Accept", "application/json");
  return request;
}

Status expect_done(const Result<net::HttpResponse>& response, const std::string& server) {
  if (!response) return unavailable(fmt::format("{} could not be told: {}", server, response.error().safe));
  if (response->status >= 200 && response->status <= 299) return {};
  return unavailable(fmt::format("{} did not end the sign-in (it answered {})", server, response->status));
}

// What asks in the account's name waits for what its server allows, and tells what it says.
Result<net::HttpResponse> send(net::HttpTransport& transport, RequestBudget& budget,
                               const net::HttpRequest& request, const std::stop_token& stop) {
  LINNET_CHECK(budget.is_near(kKind));
  LINNET_CHECK(budget.wait(Priority::normal, stop, kKind));
  LINNET_TRY(auto response, transport.send(request, stop));
  budget.on_response(response.status, response.headers, kKind);
  return response;
}

// RFC 7009, as Mastodon's Doorkeeper has it: the app that was signed in has to ask.
Status revoke_mastodon(net::HttpTransport& transport, RequestBudget& budget, const std::string& base_url,
                       const Credentials& credentials, const std::stop_token& stop) {
  if (credentials.client_id.empty() || credentials.client_secret.empty()) {
    return invalid(
        fmt::format("the token was made by hand: delete it on {}, Preferences, Development", base_url));
  }
  auto request = post_to(base_url + "/oauth/revoke");
  request.headers.add("Content-Type", "application/x-www-form-urlencoded");
  request.body = net::form_encode({{"client_id", credentials.client_id},
                                   {"client_secret", credentials.client_secret},
                                   {"token", credentials.token}});
  return expect_done(send(transport, budget, request, stop), base_url);
}

// com.atproto.server.deleteSession takes the token that renews.
Status end_session(net::HttpTransport& transport, RequestBudget& budget, const Credentials& credentials,
                   const std::stop_token& stop) {
  auto request = post_to(credentials.service + "/xrpc/com.atproto.server.deleteSession");
  request.headers.add("Authorization", "Bearer " + credentials.refresh_token);
  return expect_done(send(transport, budget, request, stop), credentials.service);
}

}  // namespace

Status revoke_sign_in(net::HttpTransport& transport, RequestBudget& budget, Clock& clock,
                      const std::string& platform, const std::string& base_url,
                      const Credentials& credentials, const std::stop_token& stop) {
  if (platform == "mastodon") return revoke_mastodon(transport, budget, base_url, credentials, stop);
  if (platform != "bluesky") return invalid(fmt::format("{} has no way to end a sign-in", platform));
  if (credentials.dpop_key.empty()) return end_session(transport, budget, credentials, stop);
  LINNET_CHECK(budget.is_near());
  return bluesky::revoke_oauth(transport, budget, clock, credentials, stop);
}

}  // namespace linnet::connect
