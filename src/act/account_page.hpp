// An account that acts as the API and the commands show it: who it is, how it fares, what is set for it, and
// what its server takes.
#pragma once

#include "act/account_health.hpp"
#include "act/situation.hpp"
#include "govern/account_settings_json.hpp"

namespace linnet::act {

struct AccountPage {
  AccountHealth health;
  connect::Account account;
  govern::AccountSettings settings;
  // What its server said that it takes; absent while it was never asked.
  std::optional<connect::PlatformLimits> limits;
};
Result<AccountPage> account_page(store::Connection& connection, const connect::Account& account);

}  // namespace linnet::act

namespace linnet::record {

template <>
const Entity& entity_of<connect::PlatformLimits>();
template <>
const Entity& entity_of<act::AccountPage>();

}  // namespace linnet::record
