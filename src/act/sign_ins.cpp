#include "act/sign_ins.hpp"

#include "connect/every_platform.hpp"
#include "govern/account_changes.hpp"
#include "govern/app_registrations.hpp"
#include "govern/platforms.hpp"
#include "net/url.hpp"
#include "observe/ingest.hpp"

namespace linnet::act {
namespace {

Status refuse_where_none_may_be(const AccountRounds& rounds, const std::string& platform,
                                const std::string& address) {
  LINNET_TRY(auto reader, rounds.database.reader());
  return govern::refuse_new_account(*reader, platform, address);
}

}  // namespace

Result<connect::AccountId> keep_sign_in(const AccountRounds& rounds,
                                        const connect::SignedInAccount& account) {
  LINNET_CHECK(refuse_where_none_may_be(rounds, account.platform, account.address));
  const auto now = rounds.clock.now();
  LINNET_TRY(const auto instance,
             observe::find_or_add_instance(rounds.writer, account.address, account.platform, now));
  LINNET_TRY(const auto id,
             rounds.accounts.add({account.platform, instance, account.user_id, account.username,
                                  account.display_name, account.scopes},
                                 account.credentials, account.expected,
                                 govern::account_signed_in({"", account.platform, account.actor, now})));
  learn_limits(rounds, id, {});
  return id;
}

Result<connect::AccountId> sign_in_with_secret(const AccountRounds& rounds, net::HttpTransport& transport,
                                               connect::RequestBudgets& budgets, const SecretSignIn& given) {
  LINNET_TRY(const auto* const door, connect::platform_named("platform", given.platform));
  LINNET_TRY(const auto address, net::normalise_instance_url(given.address));
  LINNET_CHECK(refuse_where_none_may_be(rounds, given.platform, address));
  const connect::ServerAccess server{transport, budgets.of(address, ""), rounds.clock, address};
  LINNET_TRY(auto signed_in, door->sign_in.with_secret(server, given.name, given.secret, {}));
  signed_in.expected = given.expected;
  signed_in.actor = given.actor;
  return keep_sign_in(rounds, signed_in);
}

connect::BrowserSignIns::Doors doors_of_sign_ins(const AccountRounds& rounds) {
  return {[&rounds](const connect::SignedInAccount& account) { return keep_sign_in(rounds, account); },
          [&rounds](const std::string& platform, const std::string& address) {
            return refuse_where_none_may_be(rounds, platform, address);
          },
          [&rounds](const std::string& platform, const std::string& address, bool acts) {
            return govern::kept_apps(rounds.database, rounds.writer, rounds.clock, rounds.box,
                                     {platform, address, acts}, "linnet");
          }};
}

}  // namespace linnet::act
