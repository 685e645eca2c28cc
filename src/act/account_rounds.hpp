// What is done by the clock for every account that is switched on, one after the other: its conversations are
// read, its server is asked what it takes, and whether it is still signed in. What goes wrong with one keeps
// no other from its turn.
#pragma once

#include <stop_token>

#include "act/dispatcher.hpp"
#include "act/messages.hpp"
#include "connect/account_store.hpp"
#include "govern/blocklist.hpp"

namespace linnet::act {

// All outlive whatever is done with it.
struct AccountRounds {
  store::Database& database;
  store::Writer& writer;
  Clock& clock;
  const SecretBox& box;
  connect::AccountStore& accounts;
  govern::Blocklist& blocklist;
  ConnectorFor connector_for;
};

// Whoever wrote that they want to be left alone is; `where` is "in a message".
OnOptOut opt_out_into(govern::Blocklist& blocklist, std::string_view where);

Status read_messages(const AccountRounds& rounds, const std::stop_token& stop);
// Which renews what would run out unused.
Status check_sign_ins(const AccountRounds& rounds, const std::stop_token& stop);
Status learn_all_limits(const AccountRounds& rounds, const std::stop_token& stop);
// That a server does not answer now is no error: it is asked again before anything is sent.
void learn_limits(const AccountRounds& rounds, const connect::AccountId& account,
                  const std::stop_token& stop);

}  // namespace linnet::act
