#include "act/settle_names.hpp"

#include "connect/bluesky/names.hpp"
#include "govern/platforms.hpp"

namespace linnet::act {
namespace {

std::vector<std::string*> ids_of(NewAction& action) {
  std::vector<std::string*> ids;
  if (connect::bluesky::names_handle(action.target_id)) ids.push_back(&action.target_id);
  for (auto& draft : action.drafts) {
    if (draft.quoted_id && connect::bluesky::names_handle(*draft.quoted_id)) ids.push_back(&*draft.quoted_id);
  }
  return ids;
}

}  // namespace

Status settle_names(store::Database& database, net::HttpTransport& transport, Clock& clock,
                    connect::AccountStore& accounts, const connect::Account& account, NewAction& action) {
  if (account.platform != "bluesky") return {};
  const auto ids = ids_of(action);
  if (ids.empty()) return {};
  {
    LINNET_TRY(auto reader, database.reader());
    LINNET_TRY(const bool is_on, govern::is_platform_on(*reader, account.platform));
    if (!is_on) return Error::of(ErrorKind::denied, govern::platform_off_reason(account.platform));
  }
  LINNET_TRY(const auto credentials, accounts.credentials(account.id));
  connect::RequestBudget budget(clock);
  for (auto* const id : ids) {
    LINNET_TRY(*id, connect::bluesky::with_did(transport, budget, credentials.service, *id, {}));
  }
  return {};
}

}  // namespace linnet::act
