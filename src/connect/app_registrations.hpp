// Linnet as a program that a server knows: what registering with it gave.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace linnet::connect {

struct AppRegistration {
  std::string client_id;
  std::string client_secret;
  std::string redirect_uri;  // of a kept one, empty: any
  std::string app_token;     // the app's own, by which it is known that the server knows it; empty: none yet
  std::string kept_as;       // what KeptApps calls it; empty: it is not kept yet
};

// Where the registrations with one server are kept, so that the next sign-in needs none. All empty: nowhere.
struct KeptApps {
  std::function<Result<std::vector<AppRegistration>>()> list;  // the one to try first comes first
  std::function<Status(const AppRegistration&)> keep;
  std::function<Status(const AppRegistration&)> forget;  // the server no longer knows it
};

}  // namespace linnet::connect
