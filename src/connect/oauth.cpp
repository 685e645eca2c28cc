#include "connect/oauth.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/binary_text.hpp"
#include "base/hash.hpp"
#include "base/json_members.hpp"
#include "base/secret_box.hpp"
#include "base/text.hpp"

namespace linnet::connect::oauth {
namespace {

namespace json = boost::json;

constexpr std::size_t kLargestDescription = 256U << 10U;
constexpr std::int64_t kLongestLife = 31'536'000;  // of a token, in seconds

std::string given_in(const SignInAnswer& answer, const char* name) {
  const auto place = answer.find(name);
  return place == answer.end() ? std::string() : place->second;
}

std::string with_reason(std::string text, std::string_view said) {
  if (!said.empty()) text += fmt::format(": {}", to_valid_utf8(truncate_utf8(said, 200)));
  return text;
}

// In the server's own words, where it has some (RFC 6749, 5.2).
Error refusal(const net::HttpResponse& response, const std::string& issuer) {
  const auto body = parse_object(response.body);
  const auto name = text_in(body, "error");
  const auto words = text_in(body, "error_description");
  auto error = net::error_for_status(response.status, issuer);
  error.kind = response.status >= 500 || response.status == 429 ? ErrorKind::unavailable : ErrorKind::invalid;
  if (name == "invalid_grant" || name == "access_denied") error.kind = ErrorKind::denied;
  const auto said = words.empty() ? name : words;
  error.message = error.safe =
      said.empty() ? fmt::format("{}: answered {}", issuer, response.status) : with_reason(issuer, said);
  return error;
}

bool is_success(const net::HttpResponse& response) {
  return response.status >= 200 && response.status <= 299;
}

void add_client(net::QueryParameters& form, const Client& client) {
  form.emplace_back("client_id", client.id);
  if (!client.secret.empty()) form.emplace_back("client_secret", client.secret);
}

Result<Tokens> read_tokens(const net::HttpResponse& response, const std::string& issuer, Instant now) {
  if (!is_success(response)) return refusal(response, issuer);
  const auto body = parse_object(response.body);
  Tokens tokens{text_in(body, "access_token"),
                text_in(body, "refresh_token"),
                {},
                text_in(body, "token_type"),
                text_in(body, "sub")};
  if (const auto* const seconds = body.if_contains("expires_in"); seconds != nullptr && seconds->is_int64())
    tokens.expires_at =
        now + std::chrono::seconds(std::clamp<std::int64_t>(seconds->as_int64(), 0, kLongestLife));
  if (tokens.token.empty()) return unavailable(fmt::format("{} gave no token", issuer));
  return tokens;
}

// RFC 9126: what is asked for goes ahead, and the browser carries a reference to it.
Result<std::string> push(const Server& server, const Client& client, const net::QueryParameters& asked,
                         const Send& send, const std::stop_token& stop) {
  LINNET_TRY(const auto response, send(form_to(server.push, asked), stop));
  if (!is_success(response)) return refusal(response, server.issuer);
  const auto request_uri = text_in(parse_object(response.body), "request_uri");
  if (request_uri.empty()) return unavailable(fmt::format("{} gave no sign-in to open", server.issuer));
  return net::with_query(server.authorize, {{"client_id", client.id}, {"request_uri", request_uri}});
}

}  // namespace

bool Server::offers(std::string_view scope) const {
  return !scopes || std::find(scopes->begin(), scopes->end(), scope) != scopes->end();
}

Result<json::object> read_description(const ServerAccess& access, const std::string& url,
                                      const std::stop_token& stop) {
  net::HttpRequest request;
  request.url = url;
  request.headers.add("Accept", "application/json");
  request.redirects = net::Redirects::refuse;
  request.max_body_bytes = kLargestDescription;
  LINNET_CHECK(access.budget.wait(Priority::normal, stop));
  LINNET_TRY(const auto response, access.transport.send(request, stop));
  LINNET_CHECK(net::check_status(response, url));
  return parse_object(response.body);
}

bool says_pkce(const json::object& description) {
  const auto* const methods = list_in(description, "code_challenge_methods_supported");
  return methods != nullptr &&
         std::find(methods->begin(), methods->end(), json::value("S256")) != methods->end();
}

Result<Server> read_server(const ServerAccess& access, const std::string& issuer,
                           const std::stop_token& stop) {
  LINNET_TRY(const auto said,
             read_description(access, issuer + "/.well-known/oauth-authorization-server", stop));
  Server server{text_in(said, "issuer"), text_in(said, "authorization_endpoint"),
                text_in(said, "token_endpoint"), text_in(said, "pushed_authorization_request_endpoint"),
                text_in(said, "revocation_endpoint")};
  if (server.issuer != issuer)
    return invalid(fmt::format("{} calls itself another name: it is not trusted", issuer));
  const bool is_elsewhere = !server.push.empty() && !net::same_origin(server.push, issuer);
  if (is_elsewhere || !net::same_origin(server.authorize, issuer) || !net::same_origin(server.token, issuer))
    return invalid(fmt::format("{} does not offer what signing in needs", issuer));
  if (!net::same_origin(server.revoke, issuer)) server.revoke.clear();
  if (const auto* const scopes = list_in(said, "scopes_supported")) {
    server.scopes.emplace();
    for (const auto& scope : *scopes)
      if (scope.is_string()) server.scopes->emplace_back(std::string_view(scope.as_string()));
  }
  return server;
}

net::HttpRequest form_to(const std::string& url, const net::QueryParameters& form) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = url;
  request.may_be_repeated = false;
  request.redirects = net::Redirects::refuse;
  request.headers.add("Accept", "application/json");
  request.headers.add("Content-Type", "application/x-www-form-urlencoded");
  request.body = net::form_encode(form);
  return request;
}

Result<Pending> begin(const Server& server, const Client& client, const net::QueryParameters& more,
                      const Send& send, const std::stop_token& stop) {
  Pending pending;
  LINNET_TRY(const auto state, random_bytes(32));
  pending.state = base64_url(state);
  net::QueryParameters asked{{"response_type", "code"},
                             {"client_id", client.id},
                             {"redirect_uri", client.redirect_uri},
                             {"scope", client.scope},
                             {"state", pending.state}};
  if (server.takes_pkce) {
    LINNET_TRY(const auto verifier, random_bytes(48));
    pending.code_verifier = base64_url(verifier);
    LINNET_TRY(const auto challenge, sha256_bytes(pending.code_verifier));
    asked.emplace_back("code_challenge", base64_url(challenge));
    asked.emplace_back("code_challenge_method", "S256");
  }
  asked.insert(asked.end(), more.begin(), more.end());
  if (server.push.empty()) {
    pending.authorize_url = net::with_query(server.authorize, asked);
  } else {
    LINNET_TRY(pending.authorize_url, push(server, client, asked, send, stop));
  }
  return pending;
}

Result<std::string> code_of(const Server& server, const Pending& pending, const SignInAnswer& answer) {
  auto code = given_in(answer, "code");
  if (code.empty())
    return Error::of(ErrorKind::denied, with_reason(fmt::format("{} did not let Linnet in", server.issuer),
                                                    given_in(answer, "error_description")));
  // What a person pasted has no state; whoever names the answerer as well is never pasted.
  const auto state = given_in(answer, "state");
  const bool is_ours = state == pending.state || (state.empty() && !server.names_itself);
  if (!is_ours || (server.names_itself && given_in(answer, "iss") != server.issuer))
    return Error::of(ErrorKind::denied, "the answer is not that of the server that was asked: sign in again");
  return code;
}

Result<Tokens> exchange(const Server& server, const Client& client, const Pending& pending,
                        const std::string& code, const net::QueryParameters& more, const Send& send,
                        Instant now, const std::stop_token& stop) {
  net::QueryParameters form{
      {"grant_type", "authorization_code"}, {"code", code}, {"redirect_uri", client.redirect_uri}};
  add_client(form, client);
  if (!pending.code_verifier.empty()) form.emplace_back("code_verifier", pending.code_verifier);
  form.insert(form.end(), more.begin(), more.end());
  LINNET_TRY(const auto response, send(form_to(server.token, form), stop));
  if (response.status == 400 || response.status == 401)
    return Error::of(ErrorKind::denied,
                     with_reason(fmt::format("{} did not accept the code: sign in again", server.issuer),
                                 text_in(parse_object(response.body), "error_description")));
  return read_tokens(response, server.issuer, now);
}

Result<Tokens> refresh(const Server& server, const Client& client, const std::string& refresh_token,
                       const Send& send, Instant now, const std::stop_token& stop) {
  net::QueryParameters form{{"grant_type", "refresh_token"}, {"refresh_token", refresh_token}};
  add_client(form, client);
  LINNET_TRY(const auto response, send(form_to(server.token, form), stop));
  auto tokens = read_tokens(response, server.issuer, now);
  if (tokens || tokens.error().kind == ErrorKind::denied) return tokens;
  auto error = tokens.error();
  error.kind = ErrorKind::unavailable;
  return error;
}

Credentials with_tokens(Credentials credentials, const Tokens& tokens) {
  credentials.token = tokens.token;
  if (!tokens.refresh_token.empty()) credentials.refresh_token = tokens.refresh_token;
  credentials.expires_at = tokens.expires_at;
  return credentials;
}

Status revoke(const Server& server, const Client& client, const std::string& token, const Send& send,
              const std::stop_token& stop) {
  if (server.revoke.empty())
    return invalid(
        fmt::format("{} has no way to end a sign-in: take it back in its settings", server.issuer));
  net::QueryParameters form{{"token", token}};
  add_client(form, client);
  LINNET_TRY(const auto response, send(form_to(server.revoke, form), stop));
  return is_success(response) ? Status() : Status(refusal(response, server.issuer));
}

}  // namespace linnet::connect::oauth
