// What people change about an account that acts, as it stands in the audit trail.
#pragma once

#include <functional>
#include <string>

#include "govern/account_settings.hpp"
#include "store/connection.hpp"

namespace linnet::govern {

struct AccountChange {
  std::string account_id;
  std::string platform;
  std::string actor;
  Instant now{};
};

// Each writes its line within the transaction that it is called in. Of settings it says what was and what is.
std::function<Status(store::Connection&)> settings_changed(const AccountChange& change,
                                                           const AccountSettings& before,
                                                           const AccountSettings& after);
std::function<Status(store::Connection&)> account_resumed(const AccountChange& change);
// Cancels what the account was still to do; `cancelled` says how many, once the transaction stands.
std::function<Status(store::Connection&)> account_removed(const AccountChange& change,
                                                          std::int64_t& cancelled);
std::function<Status(store::Connection&)> account_switched(const AccountChange& change, bool is_on);

}  // namespace linnet::govern
