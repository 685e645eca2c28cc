// Credentials that end, while several sessions of an account use them, in this process and in others: one
// renews them, under a lock in the database, and the others take what it got.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>

#include "base/clock.hpp"
#include "connect/credential_keeping.hpp"

namespace linnet::connect {

// One thread at a time.
class RenewingCredentials {
 public:
  // The clock outlives it.
  RenewingCredentials(Clock& clock, Credentials credentials, CredentialKeeping keeping)
      : clock_(clock), credentials_(std::move(credentials)), keeping_(std::move(keeping)) {}

  [[nodiscard]] const Credentials& now() const { return credentials_; }
  [[nodiscard]] bool end_within(Duration time) const;

  // Asks the network for new ones, with those that end. `denied` where nothing is left to ask with, or the
  // network says so. The old ones are used up then: what cannot be kept is kept before the next use.
  // `still_wanted` is asked right before the request leaves: the turn may be over after a long wait.
  using Ask = std::function<Result<Credentials>(const Credentials& ending,
                                                const std::function<Status()>& still_wanted)>;
  Status renew(const Ask& ask, const std::stop_token& stop);
  // Before each use.
  Status keep();

 private:
  bool take_from_others();

  Clock& clock_;
  Credentials credentials_;
  CredentialKeeping keeping_;
  std::optional<Credentials> before_;  // of those that are not kept yet: what they were asked for with
};

}  // namespace linnet::connect
