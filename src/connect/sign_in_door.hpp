// How an account of a network lets Linnet in, and how that ends.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "connect/account_store.hpp"
#include "connect/app_registrations.hpp"
#include "connect/platform_settings.hpp"
#include "connect/server_access.hpp"
#include "net/url.hpp"

namespace linnet::connect {

// Whoever signed in, as the network names them.
struct SignedInAccount {
  std::string platform;
  std::string address;  // of the server
  std::string user_id;
  std::string username;
  std::string display_name;
  Credentials credentials;
  std::optional<AccountId> expected = {};  // signed in again: nobody else
  std::string scopes = {};                 // what was asked for; empty: not known
  std::string actor = {};                  // who asked for it
};

struct SignInRequest {
  ServerAccess server;
  PlatformSettings settings;
  bool acts = true;          // leave to post, like and follow as well, not to read alone
  std::string name;          // fills in the handle, where the network takes that
  std::string redirect_uri;  // where the browser comes back to
  KeptApps kept_apps;
};

// What came back with the browser: the parameters of the redirect.
using SignInAnswer = std::map<std::string, std::string>;

// The person opens `authorize_url`; the answer that has this `state` ends it.
struct StartedSignIn {
  std::string authorize_url;
  std::string state;
  // `denied` when the network or the person said no.
  std::function<Result<SignedInAccount>(const SignInAnswer&)> finish;
};

// Blocking; texts of errors are safe to show and hold no secret.
struct SignInDoor {
  // An error where the answer, which holds what lets Linnet in, could not come back to this page.
  Status (*check_way_back)(const net::Url& page) = nullptr;
  Result<StartedSignIn> (*begin)(const SignInRequest& request, const std::stop_token& stop) = nullptr;
  // The `redirect_uri` with which the server shows a code for people to paste. Empty: it shows none, and
  // `without_code` says what to do instead.
  std::string_view shown_code;
  std::string_view without_code;
  // With what a person made on the server for the purpose: a token; or a password, which needs the name of
  // the account.
  Result<SignedInAccount> (*with_secret)(const ServerAccess& server, const std::string& name,
                                         const std::string& secret, const std::stop_token& stop) = nullptr;
  bool secret_needs_name = false;
  bool registers_apps = false;  // Linnet has to be known to each server first
  // Ends it at the network, so that a token that was copied somewhere is worth nothing. An error says what a
  // person can do instead.
  Status (*revoke)(const ServerAccess& server, const Credentials& credentials,
                   const std::stop_token& stop) = nullptr;
};

}  // namespace linnet::connect
