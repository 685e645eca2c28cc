#include "connect/mastodon/oauth.hpp"

#include <fmt/format.h>

#include "base/json_members.hpp"
#include "base/text.hpp"
#include "net/url.hpp"

namespace linnet::connect::mastodon {

OAuth::OAuth(const ServerAccess& access, std::string_view scopes, KeptApps kept)
    : access_(access),
      server_{access.base_url, access.base_url + "/oauth/authorize", access.base_url + "/oauth/token", "",
              access.base_url + "/oauth/revoke"},
      scopes_(scopes),
      kept_(std::move(kept)) {}

// Its figures are of another budget: servers allow few registrations, which says nothing about reading.
Result<net::HttpResponse> OAuth::send(const net::HttpRequest& request, const std::stop_token& stop) {
  LINNET_CHECK(access_.budget.wait(Priority::normal, stop));
  auto response = access_.transport.send(request, stop);
  if (!response) return api_error(response.error(), access_.base_url);
  return response;
}

Result<AppRegistration> OAuth::register_app(std::string_view redirect_uri, const std::stop_token& stop) {
  LINNET_TRY(const auto response, send(oauth::form_to(access_.base_url + "/api/v1/apps",
                                                      {{"client_name", "Linnet"},
                                                       {"redirect_uris", std::string(redirect_uri)},
                                                       {"scopes", scopes_}}),
                                       stop));
  if (response.status < 200 || response.status > 299) return api_error(response, access_.base_url, false);
  const auto body = parse_object(response.body);
  AppRegistration app;
  app.client_id = text_in(body, "client_id");
  app.client_secret = text_in(body, "client_secret");
  app.redirect_uri = redirect_uri;
  if (app.client_id.empty() || app.client_secret.empty()) {
    return unavailable(fmt::format(
        "{} did not register Linnet as a Mastodon server would: is the address right?", access_.base_url));
  }
  return app;
}

OAuth::Standing OAuth::ask_about(AppRegistration& app, const std::stop_token& stop) {
  const auto is_final = [](int status) { return status == 400 || status == 401 || status == 403; };
  if (!app.app_token.empty()) {
    net::HttpRequest request;
    request.url = access_.base_url + "/api/v1/apps/verify_credentials";
    request.redirects = net::Redirects::refuse;
    request.headers.add("Accept", "application/json");
    request.headers.add("Authorization", "Bearer " + app.app_token);
    const auto response = send(request, stop);
    if (!response) return Standing::cannot_tell;
    if (response->status == 200) return Standing::known;
  }
  const auto response = send(oauth::form_to(server_.token, {{"grant_type", "client_credentials"},
                                                            {"client_id", app.client_id},
                                                            {"client_secret", app.client_secret},
                                                            {"scope", scopes_}}),
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

oauth::Client OAuth::client_of(const AppRegistration& app) const {
  return {app.client_id, app.client_secret, app.redirect_uri, scopes_};
}

Result<PendingSignIn> OAuth::begin(std::string_view redirect_uri, const std::stop_token& stop) {
  PendingSignIn pending;
  LINNET_TRY(pending.app, app_for(redirect_uri, stop));
  // Servers that do not describe themselves are older than PKCE there.
  const auto described =
      oauth::read_description(access_, access_.base_url + "/.well-known/oauth-authorization-server", stop);
  server_.takes_pkce = described && oauth::says_pkce(*described);
  LINNET_TRY(static_cast<oauth::Pending&>(pending),
             oauth::begin(server_, client_of(pending.app), {}, {}, stop));
  return pending;
}

Result<SignedIn> OAuth::finish(const PendingSignIn& pending, const SignInAnswer& answer,
                               const std::stop_token& stop) {
  LINNET_TRY(const auto code, oauth::code_of(server_, pending, answer));
  const auto given = trim(code);
  if (given.empty()) return invalid("code: expected the code that the server showed, got nothing");
  const oauth::Send form = [this](const net::HttpRequest& request, const std::stop_token& cut) {
    return send(request, cut);
  };
  LINNET_TRY(const auto tokens, oauth::exchange(server_, client_of(pending.app), pending, std::string(given),
                                                {{"scope", scopes_}}, form, access_.clock.now(), stop));
  LINNET_TRY(auto signed_in, with_token(tokens.token, stop));
  signed_in.app = pending.app;
  return signed_in;
}

Result<SignedIn> OAuth::with_token(std::string_view token, const std::stop_token& stop) {
  const auto given = trim(token);
  if (given.empty() || !net::is_valid_header_value(given) || given.find(' ') != std::string_view::npos) {
    return invalid("token: expected an access token of the server, one word without spaces");
  }
  ApiOptions options;
  options.base_url = access_.base_url;
  options.token = given;
  ApiClient api(access_.transport, access_.budget, options);
  auto account = api.verify_credentials(stop);
  if (!account && account.error().kind == ErrorKind::denied) {
    return Error::of(
        ErrorKind::denied,
        fmt::format("token: {} does not accept it; copy it once more from Preferences, Development, "
                    "and see that it may read",
                    access_.base_url));
  }
  if (!account) return account.error();
  return SignedIn{std::move(account).value(), std::string(given), {}};
}

}  // namespace linnet::connect::mastodon
