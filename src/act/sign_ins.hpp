// Whoever signed in becomes an account: where that may be, in the audit trail, and with what its server
// takes.
#pragma once

#include <optional>
#include <string>

#include "act/account_rounds.hpp"
#include "connect/browser_sign_ins.hpp"
#include "connect/request_budget.hpp"
#include "connect/sign_in_door.hpp"
#include "net/http_transport.hpp"

namespace linnet::act {

// With what a person made on the server for the purpose: a token, or a password.
struct SecretSignIn {
  std::string platform;
  std::string address;  // of the server
  std::string name;     // where the platform asks for one
  std::string secret;
  std::optional<connect::AccountId> expected;  // signed in again: nobody else
  std::string actor;                           // who asks for it
};

// The same account again takes the place of what was; `denied` and the like for another than was expected.
Result<connect::AccountId> keep_sign_in(const AccountRounds& rounds, const connect::SignedInAccount& account);
Result<connect::AccountId> sign_in_with_secret(const AccountRounds& rounds, net::HttpTransport& transport,
                                               connect::RequestBudgets& budgets, const SecretSignIn& given);
// What stands behind a sign-in in the browser. `rounds` outlives it.
connect::BrowserSignIns::Doors doors_of_sign_ins(const AccountRounds& rounds);

}  // namespace linnet::act
