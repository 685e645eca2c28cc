#include "connect/bluesky/dpop_door.hpp"

#include "net/url.hpp"

namespace linnet::connect::bluesky {
namespace {

// RFC 9449: an authorization server says it in its body (section 8), a resource server in WWW-Authenticate
// (section 9).
bool wants_nonce(const net::HttpResponse& response) {
  if (response.status != 400 && response.status != 401) return false;
  constexpr std::string_view kWord = "use_dpop_nonce";
  const auto challenge = response.headers.find("WWW-Authenticate");
  return (challenge && challenge->find(kWord) != std::string_view::npos) ||
         (response.body.size() < 4'096 && response.body.find(kWord) != std::string::npos);
}

}  // namespace

DpopDoor::DpopDoor(net::HttpTransport& transport, RequestBudget& budget, Clock& clock, DpopKey key)
    : transport_(transport), budget_(budget), clock_(clock), key_(std::move(key)) {}

Result<net::HttpResponse> DpopDoor::send(net::HttpRequest request, const std::string& token,
                                         const std::stop_token& stop, const Going& going) {
  LINNET_TRY(const auto url, net::parse_url(request.url));
  const auto origin = url.origin();
  const auto before = nonces_[origin];
  LINNET_TRY(auto response, send_once(request, token, origin, stop, going));
  // What asks for another nonce has done nothing yet.
  if (!wants_nonce(response) || nonces_[origin] == before) return response;
  return send_once(std::move(request), token, origin, stop, going);
}

Result<net::HttpResponse> DpopDoor::send_once(net::HttpRequest request, const std::string& token,
                                              const std::string& origin, const std::stop_token& stop,
                                              const Going& going) {
  request.redirects = net::Redirects::refuse;
  LINNET_TRY(auto proof,
             dpop_proof(key_, {request.method, request.url, nonces_[origin], token}, clock_.now()));
  request.headers.add("DPoP", std::move(proof));
  if (!token.empty()) request.headers.add("Authorization", "DPoP " + token);
  LINNET_TRY(auto response, send_in_budget(transport_, budget_, request, stop, going));
  if (const auto nonce = response.headers.find("DPoP-Nonce")) nonces_[origin] = std::string(*nonce);
  return response;
}

}  // namespace linnet::connect::bluesky
