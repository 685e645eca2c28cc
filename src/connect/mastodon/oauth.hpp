// Signing in to a Mastodon server. Linnet asks for leave to read, and to act only where the user wants that.
#pragma once

#include <stop_token>
#include <string>

#include "connect/app_registrations.hpp"
#include "connect/mastodon/api_client.hpp"
#include "connect/oauth.hpp"

namespace linnet::connect::mastodon {

inline constexpr std::string_view kScopes = "read";
inline constexpr std::string_view kActingScopes =
    "read write:statuses write:media write:favourites write:follows write:conversations";
// The server shows the code, and the user pastes it.
inline constexpr std::string_view kOutOfBand = "urn:ietf:wg:oauth:2.0:oob";

// A sign-in under way: the user opens `authorize_url`.
struct PendingSignIn : oauth::Pending {
  AppRegistration app;
};

struct SignedIn {
  VerifiedAccount account;
  std::string token;
  AppRegistration app;  // empty for a pasted token
};

// Blocking; texts of errors are safe to show and hold no secret. Not thread-safe.
class OAuth {
 public:
  // What it refers to outlives this.
  explicit OAuth(const ServerAccess& access, std::string_view scopes = kScopes, KeptApps kept = {});

  // Registers Linnet with the server, unless a registration is kept that the server still knows, and makes
  // the address for the user to open.
  Result<PendingSignIn> begin(std::string_view redirect_uri, const std::stop_token& stop);
  // With what came back, or the code that the user pasted.
  Result<SignedIn> finish(const PendingSignIn& pending, const SignInAnswer& answer,
                          const std::stop_token& stop);
  // The path of the pasted token: only asks whose it is.
  Result<SignedIn> with_token(std::string_view token, const std::stop_token& stop);

 private:
  Result<net::HttpResponse> send(const net::HttpRequest& request, const std::stop_token& stop);
  [[nodiscard]] oauth::Client client_of(const AppRegistration& app) const;
  Result<AppRegistration> app_for(std::string_view redirect_uri, const std::stop_token& stop);
  Result<AppRegistration> register_app(std::string_view redirect_uri, const std::stop_token& stop);
  enum class Standing { known, unknown, cannot_tell };
  // Whether the server still knows it; gives it a token of its own where it had none that holds.
  Standing ask_about(AppRegistration& app, const std::stop_token& stop);

  ServerAccess access_;
  oauth::Server server_;
  std::string scopes_;
  KeptApps kept_;
};

}  // namespace linnet::connect::mastodon
