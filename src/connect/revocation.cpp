#include "connect/revocation.hpp"

#include <fmt/format.h>

#include "connect/budgeted_send.hpp"

namespace linnet::connect {
namespace {

constexpr std::string_view kSessions = "sessions";  // signing in and out are counted by themselves

Result<net::HttpResponse> send_revocation(const ServerAccess& server, const net::HttpRequest& request,
                                          const std::stop_token& stop) {
  LINNET_CHECK(server.budget.is_near(kSessions));
  return send_in_budget(server.transport, server.budget, request, stop, {.kind = kSessions});
}

}  // namespace

net::HttpRequest revocation_to(const std::string& url) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = url;
  request.timeout = kRevokePatience;
  request.may_be_repeated = false;
  request.redirects = net::Redirects::refuse;
  request.headers.add("Accept", "application/json");
  return request;
}

Status revoke_by(const ServerAccess& server, const net::HttpRequest& request, const std::string& whose,
                 const std::stop_token& stop) {
  const auto response = send_revocation(server, request, stop);
  if (!response) return unavailable(fmt::format("{} could not be told: {}", whose, response.error().safe));
  if (response->status >= 200 && response->status <= 299) return {};
  return unavailable(fmt::format("{} did not end the sign-in (it answered {})", whose, response->status));
}

}  // namespace linnet::connect
