#include "connect/acting_connectors.hpp"

#include <fmt/format.h>

#include "connect/every_platform.hpp"

namespace linnet::connect {
namespace {

class LeasedTurn final : public RenewalTurn {
 public:
  explicit LeasedTurn(std::shared_ptr<store::Claim> claim) : claim_(std::move(claim)) {}
  LeasedTurn(const LeasedTurn&) = delete;
  LeasedTurn& operator=(const LeasedTurn&) = delete;
  ~LeasedTurn() override { claim_->give_back(); }
  [[nodiscard]] bool is_held() const override { return claim_->is_held(); }

 private:
  const std::shared_ptr<store::Claim> claim_;
};

}  // namespace

ActingConnectors::ActingConnectors(store::Database& database, AccountStore& accounts,
                                   net::HttpTransport& transport, RequestBudgets& budgets, Clock& clock,
                                   store::Leases& leases, PlatformSettings settings)
    : database_(database),
      accounts_(accounts),
      transport_(transport),
      budgets_(budgets),
      clock_(clock),
      leases_(leases),
      settings_(std::move(settings)) {}

// Messages are read beside the dispatcher, in the name of the same account.
CredentialKeeping ActingConnectors::keeping_of(const AccountId& id) {
  auto renewing = renewing_.with([&](auto& mutexes) {
    auto& mutex = mutexes[id.value()];
    if (!mutex) mutex = std::make_shared<std::mutex>();
    return mutex;
  });
  return {[this, id](const Credentials& before, const Credentials& renewed) {
            return accounts_.renew_credentials(id, before, renewed);
          },
          [this, id] { return accounts_.credentials(id); }, std::move(renewing),
          [this, id](const std::stop_token& stop) { return renew_alone(id, stop); }};
}

// Of all processes: held until the answer goes.
Result<std::unique_ptr<RenewalTurn>> ActingConnectors::renew_alone(const AccountId& id,
                                                                   const std::stop_token& stop) {
  auto claim = leases_.want("sign-in " + id.value());
  if (!claim->wait_for(std::chrono::seconds(30), stop))
    return unavailable("another process renews the sign-in of this account; it is tried again");
  return std::unique_ptr<RenewalTurn>(std::make_unique<LeasedTurn>(std::move(claim)));
}

Result<std::shared_ptr<ActingConnector>> ActingConnectors::make(const AccountId& id) {
  LINNET_TRY(const auto account, accounts_.find(id.value()));
  LINNET_TRY(const auto credentials, accounts_.credentials(id));
  const auto* const door = find_platform(account.platform);
  if (door == nullptr)
    return Error::of(ErrorKind::denied, fmt::format("Linnet cannot act on {} yet", account.platform));
  LINNET_TRY(auto reader, database_.reader());
  LINNET_TRY(const auto url, store::query_text(*reader, "SELECT base_url FROM instances WHERE id = $1",
                                               {account.instance.value()}));
  const auto address = url.value_or("");
  return door->acting.make({{transport_, budgets_.of(address, id.value()), clock_, address},
                            account.platform_user_id,
                            credentials,
                            keeping_of(id),
                            settings_});
}

}  // namespace linnet::connect
