// How an account that acts fares: its sign-in, its trouble, what waits in its name.
#pragma once

#include <optional>
#include <string>

#include "connect/account_store.hpp"
#include "store/record/entity.hpp"

namespace linnet::act {

struct AccountHealth {
  std::string credential_state;
  std::optional<std::string> credential_error;
  std::optional<Instant> credential_checked_at;
  std::string risk;
  bool needs_human = false;
  std::optional<std::string> pause_reason;
  std::optional<Instant> paused_until;
  std::int64_t rate_percent = 100;
  std::string instance;  // its address
  std::optional<std::string> messages_error;
  std::int64_t pending_actions = 0;
};
Result<AccountHealth> account_health(store::Connection& connection, const connect::AccountId& account);

}  // namespace linnet::act

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::act::AccountHealth>();
