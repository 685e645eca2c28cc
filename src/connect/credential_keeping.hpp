// Where the credentials of an account are kept while they are in use.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>

#include "connect/account_store.hpp"

namespace linnet::connect {

// Keeps the renewed credentials before they are used; an error means that they could not be kept.
using KeepCredentials = std::function<Status(const Credentials&)>;

// A refresh token is used up by its first use, and a second one may end the sign-in: of several sessions of
// an account one renews, and the others take what it got.
struct CredentialKeeping {
  KeepCredentials keep;                       // empty: they are not kept
  std::function<Result<Credentials>()> load;  // as they are kept now; empty: nobody else renews them
  std::shared_ptr<std::mutex> renewing;       // of all sessions of the account; empty: this is the only one
  // The same among processes: keeps others from it while what it answers lives; empty: there are none.
  std::function<Result<std::shared_ptr<void>>(const std::stop_token&)> alone = {};
};

}  // namespace linnet::connect
