// What acts: the gate, the dispatcher, and a connector for each account, wired together.
#pragma once

#include <memory>
#include <string>

#include "act/gate.hpp"
#include "act/sign_ins.hpp"
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
  virtual Result<connect::AccountId> add_account(const act::SecretSignIn& sign_in) = 0;
  [[nodiscard]] virtual connect::BrowserSignIns& browser_sign_ins() = 0;
  // What jobs do for every account.
  [[nodiscard]] virtual const act::AccountRounds& rounds() const = 0;
};

}  // namespace linnet::app
