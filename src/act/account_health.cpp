#include "act/account_health.hpp"

#include "store/record/sql.hpp"

namespace linnet::act {

Result<AccountHealth> account_health(store::Connection& connection, const connect::AccountId& account) {
  LINNET_TRY(auto found,
             record::find_first<AccountHealth>(connection, "id = $1", {std::string_view(account.value())}));
  if (!found) return not_found("account: there is no such account any more");
  return std::move(*found);
}

}  // namespace linnet::act

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::act::AccountHealth>() {
  using linnet::act::AccountHealth;
  static const Entity described = entity<AccountHealth>(
      {.name = "AccountHealth", .table = "accounts"},
      {field<&AccountHealth::credential_state>("credential_state"),
       field<&AccountHealth::credential_error>("credential_error"),
       field<&AccountHealth::credential_checked_at>("credential_checked_at"),
       field<&AccountHealth::risk>("risk").one_of({"green", "yellow", "red", "black"}),
       field<&AccountHealth::needs_human>("needs_human"), field<&AccountHealth::pause_reason>("pause_reason"),
       field<&AccountHealth::paused_until>("paused_until"),
       field<&AccountHealth::rate_percent>("rate_percent"),
       field<&AccountHealth::instance>("instance")
           .worked_out("(SELECT i.base_url FROM instances i WHERE i.id = accounts.instance_id)"),
       field<&AccountHealth::messages_error>("messages_error"),
       field<&AccountHealth::pending_actions>("pending_actions").worked_out(R"((
           SELECT COUNT(*) FROM action_attempts t WHERE t.account_id = accounts.id AND t.status = 'pending'))")});
  return described;
}
