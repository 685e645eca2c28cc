// What acts: the gate, the dispatcher, and a connector for each account, wired together.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "act/gate.hpp"
#include "api/api_server.hpp"
#include "connect/account_store.hpp"
#include "connect/platform_settings.hpp"
#include "connect/request_budget.hpp"
#include "govern/blocklist.hpp"
#include "store/leases.hpp"

namespace linnet::app {

class Acting {
 public:
  // All references outlive it. `data` is the data folder, for the key of credentials.
  static Result<std::unique_ptr<Acting>> start(store::Database& database, store::Writer& writer, Clock& clock,
                                               connect::RequestBudgets& budgets, store::Leases& leases,
                                               const std::string& data,
                                               const connect::PlatformSettings& settings);
  virtual ~Acting() = default;
  [[nodiscard]] virtual act::Gate& gate() = 0;
  [[nodiscard]] virtual govern::Blocklist& blocklist() = 0;
  [[nodiscard]] virtual connect::AccountStore& accounts() = 0;
  [[nodiscard]] virtual const SecretBox& box() const = 0;
  // Names in a request become ids (act/settle_names.hpp).
  virtual Status settle_names(const connect::Account& account, act::NewAction& action) = 0;
  // Signs in with a token or password, and keeps the account.
  virtual Result<connect::AccountId> add_account(const api::AccountSignIn& sign_in) = 0;
  [[nodiscard]] virtual connect::BrowserSignIns& browser_sign_ins() = 0;
  // Reads the conversations of each account whose platform shows them.
  virtual Status read_messages(const std::stop_token& stop) = 0;
  // Asks each server what it takes, so that it is known before anything is sent there.
  virtual Status learn_all_limits(const std::stop_token& stop) = 0;
  // Asks for each account whether it is still signed in, which renews what would run out unused.
  virtual Status check_sign_ins(const std::stop_token& stop) = 0;
};

}  // namespace linnet::app
