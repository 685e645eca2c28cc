#include "connect/bluesky/oauth.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/binary_text.hpp"
#include "base/json_members.hpp"
#include "base/secret_box.hpp"
#include "base/text.hpp"
#include "connect/bluesky/identity.hpp"
#include "connect/bluesky/record_key.hpp"

namespace linnet::connect::bluesky {
namespace {

namespace json = boost::json;

constexpr std::string_view kScope = "atproto transition:generic";
constexpr std::string_view kChatScope = "transition:chat.bsky";  // direct messages

Result<json::object> get_json(net::HttpTransport& transport, RequestBudget& budget, const std::string& url,
                              const std::stop_token& stop) {
  net::HttpRequest request;
  request.url = url;
  request.headers.add("Accept", "application/json");
  request.redirects = net::Redirects::refuse;
  request.max_body_bytes = 256U << 10U;
  LINNET_CHECK(budget.wait(Priority::normal, stop));
  LINNET_TRY(const auto response, transport.send(request, stop));
  LINNET_CHECK(net::check_status(response, url));
  return parse_object(response.body);
}

// The authorization server that a PDS trusts (RFC 9728).
Result<std::string> issuer_of(net::HttpTransport& transport, RequestBudget& budget, const std::string& pds,
                              const std::stop_token& stop) {
  LINNET_TRY(const auto resource,
             get_json(transport, budget, pds + "/.well-known/oauth-protected-resource", stop));
  const auto* const servers = resource.if_contains("authorization_servers");
  if (servers != nullptr && servers->is_array() && servers->as_array().size() == 1 &&
      servers->as_array()[0].is_string())
    return net::normalise_instance_url(std::string_view(servers->as_array()[0].as_string()));
  return invalid(fmt::format("{} does not say who signs people in: is it a PDS?", pds));
}

// A program on the user's own machine needs no registration: its name says it all (atproto.com/specs/oauth,
// «localhost client development»).
std::string client_id_for(const std::string& redirect_uri, const std::string& scope) {
  return "http://localhost?" + net::build_query({{"redirect_uri", redirect_uri}, {"scope", scope}});
}

// A server that does not know a scope refuses the whole sign-in.
std::string scope_for(const AuthorizationServer& server) {
  std::string scope(kScope);
  if (server.offers_chat) scope.append(" ").append(kChatScope);
  return scope;
}

bool offers_chat(const json::object& server) {
  const auto* const scopes = server.if_contains("scopes_supported");
  if (scopes == nullptr || !scopes->is_array()) return true;
  return std::any_of(scopes->as_array().begin(), scopes->as_array().end(), [](const json::value& scope) {
    return scope.is_string() && std::string_view(scope.as_string()) == kChatScope;
  });
}

net::HttpRequest form_request(const std::string& url, const net::QueryParameters& form) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = url;
  request.may_be_repeated = false;
  request.headers.add("Accept", "application/json");
  request.headers.add("Content-Type", "application/x-www-form-urlencoded");
  request.body = net::form_encode(form);
  return request;
}

Error oauth_error(const net::HttpResponse& response, const std::string& issuer) {
  const auto body = parse_object(response.body);
  const auto name = text_in(body, "error");
  const auto words = text_in(body, "error_description");
  auto error = net::error_for_status(response.status, issuer);
  error.kind = response.status >= 500 || response.status == 429 ? ErrorKind::unavailable : ErrorKind::invalid;
  if (name == "invalid_grant" || name == "access_denied") error.kind = ErrorKind::denied;
  const auto said = words.empty() ? name : words;
  error.message = error.safe = fmt::format(
      "{}: {}", issuer,
      said.empty() ? fmt::format("answered {}", response.status) : to_valid_utf8(truncate_utf8(said, 200)));
  return error;
}

struct Tokens {
  std::string did;
  std::string token;
  std::string refresh_token;
  std::optional<Instant> expires_at;
};

Result<Tokens> read_tokens(const net::HttpResponse& response, const std::string& issuer, Instant now) {
  if (response.status != 200) return oauth_error(response, issuer);
  const auto body = parse_object(response.body);
  Tokens tokens{text_in(body, "sub"), text_in(body, "access_token"), text_in(body, "refresh_token"), {}};
  if (const auto* const seconds = body.if_contains("expires_in"); seconds != nullptr && seconds->is_int64())
    tokens.expires_at =
        now + std::chrono::seconds(std::clamp<std::int64_t>(seconds->as_int64(), 0, 31'536'000));
  if (tokens.token.empty() || !is_did(tokens.did) || text_in(body, "token_type") != "DPoP")
    return unavailable(fmt::format("{} gave no token that is bound to a key", issuer));
  return tokens;
}

}  // namespace

Result<AuthorizationServer> read_authorization_server(net::HttpTransport& transport, RequestBudget& budget,
                                                      const std::string& issuer,
                                                      const std::stop_token& stop) {
  LINNET_TRY(const auto said,
             get_json(transport, budget, issuer + "/.well-known/oauth-authorization-server", stop));
  AuthorizationServer server{text_in(said, "issuer"),
                             text_in(said, "authorization_endpoint"),
                             text_in(said, "token_endpoint"),
                             text_in(said, "pushed_authorization_request_endpoint"),
                             offers_chat(said),
                             text_in(said, "revocation_endpoint")};
  if (server.issuer != issuer)
    return invalid(fmt::format("{} calls itself another name: it is not trusted", issuer));
  for (const auto* const endpoint :
       {&server.authorize_endpoint, &server.token_endpoint, &server.par_endpoint}) {
    if (!net::same_origin(*endpoint, issuer))
      return invalid(fmt::format("{} does not offer what signing in needs", issuer));
  }
  return server;
}

Result<OAuth> OAuth::start(net::HttpTransport& transport, RequestBudget& budget, Clock& clock,
                           std::string service, std::string plc_directory) {
  LINNET_TRY(auto key, DpopKey::generate());
  return OAuth(transport, budget, clock, std::move(service), std::move(plc_directory), std::move(key));
}

OAuth::OAuth(net::HttpTransport& transport, RequestBudget& budget, Clock& clock, std::string service,
             std::string plc_directory, DpopKey key)
    : transport_(transport),
      budget_(budget),
      clock_(clock),
      service_(std::move(service)),
      plc_directory_(std::move(plc_directory)),
      door_(std::make_unique<DpopDoor>(transport, budget, clock, std::move(key))) {}

// https://bsky.social is an authorization server itself, every PDS names its own.
Result<AuthorizationServer> OAuth::server_of_service(const std::stop_token& stop) {
  auto issuer = issuer_of(transport_, budget_, service_, stop);
  if (!issuer && issuer.error().kind == ErrorKind::unavailable) return issuer.error();
  return read_authorization_server(transport_, budget_, issuer ? *issuer : service_, stop);
}

Result<PendingSignIn> OAuth::begin(const std::string& redirect_uri, const std::string& name,
                                   const std::stop_token& stop) {
  PendingSignIn pending;
  LINNET_TRY(pending.server, server_of_service(stop));
  LINNET_TRY(const auto state, random_bytes(32));
  LINNET_TRY(const auto verifier, random_bytes(32));
  pending.state = base64_url(state);
  pending.code_verifier = base64_url(verifier);
  pending.redirect_uri = redirect_uri;
  const auto scope = scope_for(pending.server);
  pending.client_id = client_id_for(redirect_uri, scope);
  LINNET_TRY(const auto challenge, sha256_bytes(pending.code_verifier));
  net::QueryParameters form{{"client_id", pending.client_id}, {"response_type", "code"},
                            {"redirect_uri", redirect_uri},   {"scope", scope},
                            {"state", pending.state},         {"code_challenge", base64_url(challenge)},
                            {"code_challenge_method", "S256"}};
  if (!name.empty()) form.emplace_back("login_hint", name);
  LINNET_TRY(const auto response, door_->send(form_request(pending.server.par_endpoint, form), "", stop));
  if (response.status != 200 && response.status != 201) return oauth_error(response, pending.server.issuer);
  const auto request_uri = text_in(parse_object(response.body), "request_uri");
  if (request_uri.empty())
    return unavailable(fmt::format("{} gave no sign-in to open", pending.server.issuer));
  pending.authorize_url = net::with_query(pending.server.authorize_endpoint,
                                          {{"client_id", pending.client_id}, {"request_uri", request_uri}});
  return pending;
}

Result<SignedIn> OAuth::finish(const PendingSignIn& pending, const std::map<std::string, std::string>& answer,
                               const std::stop_token& stop) {
  const auto given = [&](const char* name) {
    const auto place = answer.find(name);
    return place == answer.end() ? std::string() : place->second;
  };
  const auto& issuer = pending.server.issuer;
  if (given("code").empty()) {
    const auto said = given("error_description");
    return Error::of(ErrorKind::denied,
                     fmt::format("{} did not let Linnet in{}{}", issuer, said.empty() ? "" : ": ",
                                 to_valid_utf8(truncate_utf8(said, 200))));
  }
  // RFC 9207: the answer of another server than the one that was asked.
  if (given("iss") != issuer || given("state") != pending.state)
    return Error::of(ErrorKind::denied, "the answer is not that of the server that was asked: sign in again");
  LINNET_TRY(const auto response, door_->send(form_request(pending.server.token_endpoint,
                                                           {{"grant_type", "authorization_code"},
                                                            {"code", given("code")},
                                                            {"redirect_uri", pending.redirect_uri},
                                                            {"code_verifier", pending.code_verifier},
                                                            {"client_id", pending.client_id}}),
                                              "", stop));
  LINNET_TRY(const auto tokens, read_tokens(response, issuer, clock_.now()));
  LINNET_TRY(const auto identity, resolve_identity(transport_, budget_, tokens.did, plc_directory_, stop));
  LINNET_TRY(const auto trusted, issuer_of(transport_, budget_, identity.pds, stop));
  if (trusted != issuer)
    return Error::of(ErrorKind::denied, fmt::format("{} signed in somebody whose account {} does not keep",
                                                    issuer, identity.pds));
  SignedIn signed_in;
  signed_in.did = tokens.did;
  signed_in.handle = identity.handle.empty() ? tokens.did : identity.handle;
  auto& credentials = signed_in.credentials;
  credentials.token = tokens.token;
  credentials.refresh_token = tokens.refresh_token;
  credentials.expires_at = tokens.expires_at;
  credentials.client_id = pending.client_id;
  credentials.service = identity.pds;
  credentials.auth_server = issuer;
  LINNET_TRY(credentials.dpop_key, door_->key().pem());
  return signed_in;
}

Result<Credentials> renew_oauth(DpopDoor& door, net::HttpTransport& transport, RequestBudget& budget,
                                Clock& clock, const std::string& did, const Credentials& credentials,
                                const std::stop_token& stop) {
  auto described = read_authorization_server(transport, budget, credentials.auth_server, stop);
  if (!described) {
    // What stands in between may refuse a page; only the answer to the token itself signs the account out.
    auto error = described.error();
    if (error.kind == ErrorKind::denied) error.kind = ErrorKind::unavailable;
    return error;
  }
  const auto& server = *described;
  LINNET_TRY(const auto response,
             door.send(form_request(server.token_endpoint, {{"grant_type", "refresh_token"},
                                                            {"refresh_token", credentials.refresh_token},
                                                            {"client_id", credentials.client_id}}),
                       "", stop));
  auto tokens = read_tokens(response, server.issuer, clock.now());
  if (!tokens) {
    // Whatever else goes wrong passes; it must not sign the account out.
    auto error = tokens.error();
    if (error.kind != ErrorKind::denied) error.kind = ErrorKind::unavailable;
    return error;
  }
  if (tokens->did != did)
    return Error::of(ErrorKind::denied, fmt::format("{} gave a session of another account", server.issuer));
  auto renewed = credentials;
  renewed.token = std::move(tokens->token);
  if (!tokens->refresh_token.empty()) renewed.refresh_token = std::move(tokens->refresh_token);
  renewed.expires_at = tokens->expires_at;
  return renewed;
}

Status revoke_oauth(net::HttpTransport& transport, RequestBudget& budget, Clock& clock,
                    const Credentials& credentials, const std::stop_token& stop) {
  LINNET_TRY(const auto server, read_authorization_server(transport, budget, credentials.auth_server, stop));
  if (!net::same_origin(server.revoke_endpoint, server.issuer))
    return invalid(
        fmt::format("{} has no way to end a sign-in: take it back in its settings", server.issuer));
  LINNET_TRY(auto key, DpopKey::from_pem(credentials.dpop_key));
  DpopDoor door(transport, budget, clock, std::move(key));
  LINNET_TRY(const auto response,
             door.send(form_request(server.revoke_endpoint, {{"token", credentials.refresh_token},
                                                             {"client_id", credentials.client_id}}),
                       "", stop));
  if (response.status >= 200 && response.status <= 299) return {};
  return oauth_error(response, server.issuer);
}

}  // namespace linnet::connect::bluesky
