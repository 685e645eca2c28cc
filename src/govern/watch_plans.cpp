#include "govern/watch_plans.hpp"

#include "base/log.hpp"
#include "govern/platforms.hpp"

namespace linnet::govern {
namespace {

using Plans = std::map<std::int64_t, WatchPlan>;

// One stream of a server that is signed in signs in them all.
Status take_token(connect::AccountStore& accounts, const connect::Watch& watch, WatchPlan& plan) {
  if (!watch.account || !plan.token.empty()) return {};
  LINNET_TRY(const auto owner, accounts.find(watch.account->value()));
  if (!owner.is_active) return {};
  const auto credentials = accounts.credentials(*watch.account);
  if (!credentials) {
    log::error("{}: {}", watch.stream, credentials.error().safe);
    return {};
  }
  plan.token = credentials->token;
  plan.account = watch.account->value();
  return {};
}

Status add_addresses(store::Connection& reader, Plans& plans) {
  return store::for_each_row(reader, "SELECT id, platform, base_url FROM instances", {},
                             [&](const store::Statement& row) {
                               const auto plan = plans.find(row.integer(0));
                               if (plan == plans.end()) return;
                               plan->second.platform = row.text(1);
                               plan->second.base_url = row.text(2);
                             });
}

Status drop_switched_off(store::Connection& reader, Plans& plans) {
  for (auto plan = plans.begin(); plan != plans.end();) {
    LINNET_TRY(const bool is_on, is_platform_on(reader, plan->second.platform));
    plan = is_on ? std::next(plan) : plans.erase(plan);
  }
  return {};
}

}  // namespace

Result<Plans> watch_plans(store::Database& database, connect::AccountStore& accounts) {
  LINNET_TRY(const auto watches, accounts.list_watches());
  Plans plans;
  for (const auto& watch : watches) {
    if (!watch.is_active) continue;
    auto& plan = plans[watch.instance.value()];
    plan.streams.insert(watch.stream);
    LINNET_CHECK(take_token(accounts, watch, plan));
  }
  LINNET_TRY(auto reader, database.reader());
  LINNET_CHECK(add_addresses(*reader, plans));
  LINNET_CHECK(drop_switched_off(*reader, plans));
  return plans;
}

}  // namespace linnet::govern
