#include "app/acting.hpp"

#include "act/account_rounds.hpp"
#include "act/block_check.hpp"
#include "act/dispatcher.hpp"
#include "act/settle_names.hpp"
#include "act/sign_ins.hpp"
#include "connect/acting_connectors.hpp"
#include "connect/browser_sign_ins.hpp"
#include "govern/key_guard.hpp"
#include "net/curl_transport.hpp"

namespace linnet::app {
namespace {

class RunningActing final : public Acting {
 public:
  RunningActing(store::Database& database, store::Writer& writer, Clock& clock,
                connect::RequestBudgets& budgets, store::Leases& leases, const SecretBox& box,
                const connect::PlatformSettings& settings, const act::MediaStore& media)
      : database_(database),
        writer_(writer),
        clock_(clock),
        budgets_(budgets),
        box_(box),
        accounts_(database, writer, clock, box),
        connectors_(database, accounts_, transport_, budgets, clock, leases, settings),
        blocklist_(database, writer, clock),
        rounds_{database,
                writer,
                clock,
                box_,
                accounts_,
                blocklist_,
                [this](const connect::AccountId& account) { return connectors_.make(account); }},
        browser_sign_ins_(transport_, clock, budgets, settings, act::doors_of_sign_ins(rounds_)),
        gate_(
            database, writer, clock, box, act::block_check(blocklist_),
            [this] {
              if (dispatcher_) dispatcher_->wake();
            },
            media) {
    options_.is_alone = database.engine() == store::Engine::sqlite;  // whoever serves has the files
    options_.leases = &leases;
    options_.media = media;
  }

  Status run() {
    LINNET_TRY(dispatcher_,
               act::Dispatcher::start(database_, writer_, clock_, box_, gate_, act::block_check(blocklist_),
                                      rounds_.connector_for, options_));
    return {};
  }

  [[nodiscard]] act::Gate& gate() override { return gate_; }
  [[nodiscard]] govern::Blocklist& blocklist() override { return blocklist_; }
  [[nodiscard]] connect::AccountStore& accounts() override { return accounts_; }
  [[nodiscard]] const SecretBox& box() const override { return box_; }
  [[nodiscard]] const act::AccountRounds& rounds() const override { return rounds_; }
  [[nodiscard]] connect::BrowserSignIns& browser_sign_ins() override { return browser_sign_ins_; }

  Status settle_names(const connect::Account& account, act::NewAction& action) override {
    return act::settle_names(database_, transport_, budgets_, accounts_, clock_, account, action);
  }

  Result<connect::AccountId> add_account(const act::SecretSignIn& sign_in) override {
    return act::sign_in_with_secret(rounds_, transport_, budgets_, sign_in);
  }

 private:
  store::Database& database_;
  store::Writer& writer_;
  Clock& clock_;
  connect::RequestBudgets& budgets_;
  SecretBox box_;
  net::CurlTransport transport_;
  connect::AccountStore accounts_;
  connect::ActingConnectors connectors_;
  govern::Blocklist blocklist_;
  const act::AccountRounds rounds_;
  connect::BrowserSignIns browser_sign_ins_;
  act::Gate gate_;
  act::DispatcherOptions options_;
  std::unique_ptr<act::Dispatcher> dispatcher_;  // last: it uses the others
};

}  // namespace

Result<std::unique_ptr<Acting>> Acting::start(store::Database& database, store::Writer& writer, Clock& clock,
                                              connect::RequestBudgets& budgets, store::Leases& leases,
                                              const std::string& data,
                                              const connect::PlatformSettings& settings) {
  LINNET_TRY(const auto box, govern::open_secret_box(database, data));
  auto acting = std::make_unique<RunningActing>(database, writer, clock, budgets, leases, box, settings,
                                                act::MediaStore(act::media_folder(data)));
  LINNET_CHECK(acting->run());
  return std::unique_ptr<Acting>(std::move(acting));
}

}  // namespace linnet::app
