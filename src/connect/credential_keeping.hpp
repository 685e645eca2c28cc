// Where the credentials of an account are kept while they are in use.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>

#include "connect/account_store.hpp"

namespace linnet::connect {

// Keeps the renewed credentials before they are used, in place of those that they were asked for with; false
// where others stand there by now. An error means that they could not be kept.
using KeepCredentials = std::function<Result<bool>(const Credentials& before, const Credentials& renewed)>;

// One session's turn to renew among all processes, as long as it lives.
class RenewalTurn {
 public:
  virtual ~RenewalTurn() = default;
  // False as soon as another process may renew, too.
  [[nodiscard]] virtual bool is_held() const = 0;
};

// A refresh token is used up by its first use, and a second one may end the sign-in: of several sessions of
// an account one renews, and the others take what it got.
struct CredentialKeeping {
  KeepCredentials keep;                       // empty: they are not kept
  std::function<Result<Credentials>()> load;  // as they are kept now; empty: nobody else renews them
  std::shared_ptr<std::mutex> renewing;       // of all sessions of the account; empty: this is the only one
  // The same among processes; empty: there are none.
  std::function<Result<std::unique_ptr<RenewalTurn>>(const std::stop_token&)> alone = {};
};

}  // namespace linnet::connect
