#include "connect/mastodon/oauth.hpp"

#include <fmt/format.h>

#include "base/binary_text.hpp"
#include "base/json_members.hpp"
#include "base/secret_box.hpp"
#include "base/text.hpp"
#include "net/url.hpp"

namespace linnet::connect::mastodon {

OAuth::OAuth(net::HttpTransport& transport, RequestBudget& budget, std::string base_url,
             std::string_view scopes, KeptApps kept)
    : transport_(transport),
      budget_(budget),
      base_url_(std::move(base_url)),
      scopes_(scopes),
      kept_(std::move(kept)) {}

Result<net::HttpResponse> OAuth::post(std::string_view path, const net::QueryParameters& form,
                                      const std::stop_token& stop) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = base_url_ + std::string(path);
  request.headers.add("Accept", "application/json");
  request.headers.add("Content-Type", "application/x-www-form-urlencoded");
  request.body = net::form_encode(form);
  // A form with secrets in it goes to the address it was made for, or nowhere.
  request.redirects = net::Redirects::refuse;
  LINNET_CHECK(budget_.wait(Priority::normal, stop));
  auto response = transport_.send(request, stop);
  if (!response) return api_error(response.error(), base_url_);
  // Its figures are of another budget: servers allow few registrations, which says nothing about reading.
  return response;
}

bool OAuth::knows_pkce(const std::stop_token& stop) {
  net::HttpRequest request;
  request.url = base_url_ + "/.well-known/oauth-authorization-server";
  request.headers.add("Accept", "application/json");
  if (!budget_.wait(Priority::normal, stop)) return false;
  const auto response = transport_.send(request, stop);
  if (!response || response->status != 200) return false;
  const auto body = parse_object(response->body);
  const auto* const methods = linnet::list_in(body, "code_challenge_methods_supported");
  if (methods == nullptr) return false;
  for (const auto& method : *methods) {
    if (method.is_string() && method.as_string() == "S256") return true;
  }
  return false;
}

Result<AppRegistration> OAuth::register_app(std::string_view redirect_uri, const std::stop_token& stop) {
  LINNET_TRY(
      const auto response,
      post("/api/v1/apps",
           {{"client_name", "Linnet"}, {"redirect_uris", std::string(redirect_uri)}, {"scopes", scopes_}},
           stop));
  if (response.status < 200 || response.status > 299) return api_error(response, base_url_, false);
  const auto body = parse_object(response.body);
  AppRegistration app;
  app.client_id = text_in(body, "client_id");
  app.client_secret = text_in(body, "client_secret");
  app.redirect_uri = redirect_uri;
  if (app.client_id.empty() || app.client_secret.empty()) {
    return unavailable(fmt::format(
        "{} did not register Linnet as a Mastodon server would: is the address right?", base_url_));
  }
  return app;
}

OAuth::Standing OAuth::ask_about(AppRegistration& app, const std::stop_token& stop) {
  const auto is_final = [](int status) { return status == 400 || status == 401 || status == 403; };
  if (!app.app_token.empty()) {
    net::HttpRequest request;
    request.url = base_url_ + "/api/v1/apps/verify_credentials";
    request.redirects = net::Redirects::refuse;
    request.headers.add("Accept", "application/json");
    request.headers.add("Authorization", "Bearer " + app.app_token);
    if (!budget_.wait(Priority::normal, stop)) return Standing::cannot_tell;
    const auto response = transport_.send(request, stop);
    if (!response) return Standing::cannot_tell;
    if (response->status == 200) return Standing::known;
  }
  const auto response = post("/oauth/token",
                             {{"grant_type", "client_credentials"},
                              {"client_id", app.client_id},
                              {"client_secret", app.client_secret},
                              {"scope", scopes_}},
                             stop);
  if (!response) return Standing::cannot_tell;
  // Anything else that is refused, a scope for one, says nothing of the registration itself (RFC 6749, 5.2).
  const auto body = parse_object(response->body);
  if (is_final(response->status) && text_in(body, "error") == "invalid_client") return Standing::unknown;
  app.app_token = response->status == 200 ? text_in(body, "access_token") : std::string();
  return app.app_token.empty() ? Standing::cannot_tell : Standing::known;
}

Result<AppRegistration> OAuth::app_for(std::string_view redirect_uri, const std::stop_token& stop) {
  std::vector<AppRegistration> apps;
  if (kept_.list) {
    LINNET_TRY(apps, kept_.list());
  }
  for (auto& app : apps) {
    if (!app.redirect_uri.empty() && app.redirect_uri != redirect_uri) continue;
    const auto token = app.app_token;
    const auto standing = ask_about(app, stop);
    if (standing == Standing::unknown) LINNET_CHECK(kept_.forget(app));
    if (standing != Standing::known) continue;
    if (app.app_token != token) LINNET_CHECK(kept_.keep(app));
    app.redirect_uri = redirect_uri;
    return std::move(app);
  }
  LINNET_TRY(auto fresh, register_app(redirect_uri, stop));
  if (kept_.keep) LINNET_CHECK(kept_.keep(fresh));
  return fresh;
}

Result<PendingSignIn> OAuth::begin(std::string_view redirect_uri, const std::stop_token& stop) {
  PendingSignIn pending;
  LINNET_TRY(pending.app, app_for(redirect_uri, stop));
  LINNET_TRY(const auto state, random_bytes(24));
  pending.state = base64_url(state);
  net::QueryParameters parameters{{"response_type", "code"},
                                  {"client_id", pending.app.client_id},
                                  {"redirect_uri", pending.app.redirect_uri},
                                  {"scope", scopes_},
                                  {"state", pending.state}};
  if (knows_pkce(stop)) {
    LINNET_TRY(const auto verifier, random_bytes(48));
    pending.code_verifier = base64_url(verifier);
    LINNET_TRY(const auto challenge, sha256_bytes(pending.code_verifier));
    parameters.emplace_back("code_challenge", base64_url(challenge));
    parameters.emplace_back("code_challenge_method", "S256");
  }
  pending.authorize_url = net::with_query(base_url_ + "/oauth/authorize", parameters);
  return pending;
}

Result<SignedIn> OAuth::finish(const PendingSignIn& pending, std::string_view code,
                               const std::stop_token& stop) {
  const auto given = trim(code);
  if (given.empty()) return invalid("code: expected the code that the server showed, got nothing");
  net::QueryParameters form{
      {"grant_type", "authorization_code"},       {"code", std::string(given)},
      {"client_id", pending.app.client_id},       {"client_secret", pending.app.client_secret},
      {"redirect_uri", pending.app.redirect_uri}, {"scope", scopes_}};
  if (!pending.code_verifier.empty()) form.emplace_back("code_verifier", pending.code_verifier);
  LINNET_TRY(const auto response, post("/oauth/token", form, stop));
  const auto body = parse_object(response.body);
  if (response.status == 400 || response.status == 401) {
    const auto said = text_in(body, "error_description");
    return Error::of(ErrorKind::denied,
                     fmt::format("{} did not accept the code: sign in again{}{}", base_url_,
                                 said.empty() ? "" : ": ", to_valid_utf8(truncate_utf8(said, 200))));
  }
  if (response.status < 200 || response.status > 299) return api_error(response, base_url_, false);
  const auto token = text_in(body, "access_token");
  if (token.empty()) return unavailable(fmt::format("{} gave no token for the code", base_url_));
  LINNET_TRY(auto signed_in, with_token(token, stop));
  signed_in.app = pending.app;
  return signed_in;
}

Result<SignedIn> OAuth::with_token(std::string_view token, const std::stop_token& stop) {
  const auto given = trim(token);
  if (given.empty() || !net::is_valid_header_value(given) || given.find(' ') != std::string_view::npos) {
    return invalid("token: expected an access token of the server, one word without spaces");
  }
  ApiOptions options;
  options.base_url = base_url_;
  options.token = given;
  ApiClient api(transport_, budget_, options);
  auto account = api.verify_credentials(stop);
  if (!account && account.error().kind == ErrorKind::denied) {
    return Error::of(
        ErrorKind::denied,
        fmt::format("token: {} does not accept it; copy it once more from Preferences, Development, "
                    "and see that it may read",
                    base_url_));
  }
  if (!account) return account.error();
  return SignedIn{std::move(account).value(), std::string(given), {}};
}

}  // namespace linnet::connect::mastodon
