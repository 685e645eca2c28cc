// Makes what acts for an account, with credentials that all its sessions share, here and in other processes.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/guarded.hpp"
#include "connect/account_store.hpp"
#include "connect/acting_connector.hpp"
#include "connect/credential_keeping.hpp"
#include "connect/platform_settings.hpp"
#include "connect/request_budget.hpp"
#include "net/http_transport.hpp"
#include "store/leases.hpp"

namespace linnet::connect {

// Thread-safe.
class ActingConnectors {
 public:
  // All but the settings outlive it, and it outlives what it makes.
  ActingConnectors(store::Database& database, AccountStore& accounts, net::HttpTransport& transport,
                   RequestBudgets& budgets, Clock& clock, store::Leases& leases, PlatformSettings settings);

  // `denied` for a network on which nothing can be done yet.
  Result<std::shared_ptr<ActingConnector>> make(const AccountId& id);

 private:
  CredentialKeeping keeping_of(const AccountId& id);
  Result<std::unique_ptr<RenewalTurn>> renew_alone(const AccountId& id, const std::stop_token& stop);

  store::Database& database_;
  AccountStore& accounts_;
  net::HttpTransport& transport_;
  RequestBudgets& budgets_;
  Clock& clock_;
  store::Leases& leases_;
  const PlatformSettings settings_;
  Guarded<std::map<std::string, std::shared_ptr<std::mutex>>> renewing_;  // by account
};

}  // namespace linnet::connect
