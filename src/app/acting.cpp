#include "app/acting.hpp"

#include <fmt/format.h>

#include <map>
#include <mutex>
#include <thread>

#include "act/block_check.hpp"
#include "act/carry_out.hpp"
#include "act/dispatcher.hpp"
#include "act/messages.hpp"
#include "act/settle_names.hpp"
#include "base/guarded.hpp"
#include "base/log.hpp"
#include "connect/account_store.hpp"
#include "connect/browser_sign_ins.hpp"
#include "connect/every_platform.hpp"
#include "govern/account_changes.hpp"
#include "govern/app_registrations.hpp"
#include "govern/key_guard.hpp"
#include "govern/platforms.hpp"
#include "net/curl_transport.hpp"
#include "net/url.hpp"
#include "observe/ingest.hpp"

namespace linnet::app {
namespace {

class RunningActing final : public Acting {
 public:
  RunningActing(store::Database& database, store::Writer& writer, Clock& clock,
                connect::RequestBudgets& budgets, store::Leases& leases, const SecretBox& box,
                connect::PlatformSettings settings)
      : database_(database),
        writer_(writer),
        clock_(clock),
        budgets_(budgets),
        leases_(leases),
        box_(box),
        settings_(std::move(settings)),
        accounts_(database, writer, clock, box),
        browser_sign_ins_(transport_, clock, budgets, settings_,
                          {[this](const connect::SignedInAccount& account) { return keep(account); },
                           [this](const std::string& platform, const std::string& address) {
                             return refuse_new_account(platform, address);
                           },
                           [this](const std::string& platform, const std::string& address, bool acts) {
                             return govern::kept_apps(database_, writer_, clock_, box_,
                                                      {platform, address, acts}, "linnet");
                           }}),
        blocklist_(database, writer, clock),
        gate_(database, writer, clock, box, act::block_check(blocklist_), [this] {
          if (dispatcher_) dispatcher_->wake();
        }) {}

  Status run(const SecretBox& box) {
    act::DispatcherOptions options;
    options.is_alone = database_.engine() == store::Engine::sqlite;  // whoever serves has the files
    options.leases = &leases_;
    LINNET_TRY(dispatcher_,
               act::Dispatcher::start(
                   database_, writer_, clock_, box, gate_, act::block_check(blocklist_),
                   [this](const connect::AccountId& account) { return connector_for(account); }, options));
    return {};
  }

  [[nodiscard]] act::Gate& gate() override { return gate_; }
  [[nodiscard]] govern::Blocklist& blocklist() override { return blocklist_; }

  [[nodiscard]] connect::AccountStore& accounts() override { return accounts_; }

  [[nodiscard]] const SecretBox& box() const override { return box_; }

  Status settle_names(const connect::Account& account, act::NewAction& action) override {
    return act::settle_names(database_, transport_, budgets_, accounts_, clock_, account, action);
  }

  Result<connect::AccountId> add_account(const api::AccountSignIn& sign_in) override {
    LINNET_TRY(const auto* const door, connect::platform_named("platform", sign_in.platform));
    LINNET_TRY(const auto address, net::normalise_instance_url(sign_in.address));
    LINNET_CHECK(refuse_new_account(sign_in.platform, address));
    const connect::ServerAccess server{transport_, budgets_.of(address, ""), clock_, address};
    LINNET_TRY(auto signed_in, door->sign_in.with_secret(server, sign_in.name, sign_in.secret, {}));
    signed_in.expected = sign_in.expected;
    signed_in.actor = sign_in.actor;
    return keep(signed_in);
  }

  [[nodiscard]] connect::BrowserSignIns& browser_sign_ins() override { return browser_sign_ins_; }

  Status read_messages(const std::stop_token& stop) override {
    LINNET_TRY(const auto all, accounts_.list());
    for (const auto& account : all) {
      if (stop.stop_requested()) return Error::of(ErrorKind::cancelled, "asked to stop");
      if (!account.is_active) continue;
      LINNET_TRY(const bool is_on, is_platform_on(account.platform));
      if (!is_on) continue;
      const auto connector = connector_for(account.id);
      if (!connector) {
        log::warn("messages of {}: {}", account.username, connector.error().safe);
        continue;
      }
      const auto done = act::sync_messages(
          database_, writer_, clock_, box_, **connector, account.id,
          [this](const govern::PersonKey& person) -> Status {
            LINNET_TRY(const auto cancelled,
                       blocklist_.opt_out(person, "asked for it in a message", "the person"));
            (void)cancelled;
            return {};
          },
          stop);
      // One that may only read posts, say, does not keep the others from being read.
      if (!done) log::warn("messages of {}: {}", account.username, done.error().safe);
    }
    return {};
  }

  Status learn_all_limits(const std::stop_token& stop) override {
    LINNET_TRY(const auto all, accounts_.list());
    for (const auto& account : all) {
      if (stop.stop_requested()) return Error::of(ErrorKind::cancelled, "asked to stop");
      if (account.is_active) learn_limits(account.id, stop);
    }
    return {};
  }

  Status check_sign_ins(const std::stop_token& stop) override {
    LINNET_TRY(const auto all, accounts_.list());
    act::RequestEnds nothing_is_sent;
    const act::DispatcherOptions options;
    const auto check = act::block_check(blocklist_);
    for (const auto& account : all) {
      if (stop.stop_requested()) return Error::of(ErrorKind::cancelled, "asked to stop");
      LINNET_TRY(const bool is_on, is_platform_on(account.platform));
      if (!account.is_active || !is_on) continue;
      auto connector = connector_for(account.id);
      if (!connector) {
        log::warn("sign-in of {}: {}", account.username, connector.error().safe);
        continue;
      }
      act::Lane lane{
          database_, writer_, clock_, box_, check, options, nothing_is_sent, "", std::move(*connector)};
      if (const auto done = act::check_credentials(lane, account.id, stop); !done)
        log::warn("sign-in of {}: {}", account.username, done.error().safe);
    }
    return {};
  }

 private:
  Result<bool> is_platform_on(const std::string& platform) {
    LINNET_TRY(auto reader, database_.reader());
    return govern::is_platform_on(*reader, platform);
  }

  Status refuse_new_account(const std::string& platform, const std::string& address) {
    LINNET_TRY(auto reader, database_.reader());
    return govern::refuse_new_account(*reader, platform, address);
  }

  // That a server does not answer now is no error: it is asked again before anything is sent.
  void learn_limits(const connect::AccountId& id, const std::stop_token& stop) {
    const auto learnt = try_learn_limits(id, stop);
    if (!learnt && !stop.stop_requested()) log::info("limits: {}", learnt.error().safe);
  }

  Status try_learn_limits(const connect::AccountId& id, const std::stop_token& stop) {
    LINNET_TRY(const auto account, accounts_.find(id.value()));
    LINNET_TRY(const bool is_on, is_platform_on(account.platform));
    if (!is_on) return {};
    LINNET_TRY(const auto connector, connector_for(id));
    LINNET_TRY(const auto limits, connector->limits(stop));
    return writer_.write([&](store::Connection& connection) -> Status {
      LINNET_TRY(const auto acting, act::load_acting_account(connection, id));
      return act::note_limits(connection, acting, limits, connector->capabilities(), clock_.now());
    });
  }

  Result<connect::AccountId> keep(const connect::SignedInAccount& account) {
    LINNET_CHECK(refuse_new_account(account.platform, account.address));
    LINNET_TRY(const auto instance,
               observe::find_or_add_instance(writer_, account.address, account.platform, clock_.now()));
    LINNET_TRY(const auto id,
               accounts_.add({account.platform, instance, account.user_id, account.username,
                              account.display_name, account.scopes},
                             account.credentials, account.expected,
                             govern::account_signed_in({"", account.platform, account.actor, clock_.now()})));
    learn_limits(id, {});
    return id;
  }

  // Messages are read beside the dispatcher, in the name of the same account.
  connect::CredentialKeeping keeping_of(const connect::AccountId& id) {
    auto renewing = renewing_.with([&](auto& mutexes) {
      auto& mutex = mutexes[id.value()];
      if (!mutex) mutex = std::make_shared<std::mutex>();
      return mutex;
    });
    return {
        [this, id](const connect::Credentials& renewed) { return accounts_.renew_credentials(id, renewed); },
        [this, id] { return accounts_.credentials(id); }, std::move(renewing),
        [this, id](const std::stop_token& stop) { return renew_alone(id, stop); }};
  }

  // Of all processes: held until the answer goes.
  Result<std::shared_ptr<void>> renew_alone(const connect::AccountId& id, const std::stop_token& stop) {
    auto claim = leases_.want("sign-in " + id.value());
    if (!claim->wait_for(std::chrono::seconds(30), stop))
      return unavailable("another process renews the sign-in of this account; it is tried again");
    auto* const raw = claim.get();
    return std::shared_ptr<void>(raw, [claim = std::move(claim)](void*) { claim->give_back(); });
  }

  Result<std::shared_ptr<connect::ActingConnector>> connector_for(const connect::AccountId& id) {
    LINNET_TRY(const auto account, accounts_.find(id.value()));
    LINNET_TRY(const auto credentials, accounts_.credentials(id));
    const auto* const door = connect::find_platform(account.platform);
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
                              settings_,
                              [this, id]() -> Result<std::vector<std::string>> {
                                LINNET_TRY(auto open, database_.reader());
                                return act::message_partners(*open, id);
                              }});
  }

  store::Database& database_;
  store::Writer& writer_;
  Clock& clock_;
  connect::RequestBudgets& budgets_;
  store::Leases& leases_;
  SecretBox box_;
  const connect::PlatformSettings settings_;
  Guarded<std::map<std::string, std::shared_ptr<std::mutex>>> renewing_;  // by account
  net::CurlTransport transport_;
  connect::AccountStore accounts_;
  connect::BrowserSignIns browser_sign_ins_;
  govern::Blocklist blocklist_;
  act::Gate gate_;
  std::unique_ptr<act::Dispatcher> dispatcher_;  // last: it uses the others
};

}  // namespace

Result<std::unique_ptr<Acting>> Acting::start(store::Database& database, store::Writer& writer, Clock& clock,
                                              connect::RequestBudgets& budgets, store::Leases& leases,
                                              const std::string& data,
                                              const connect::PlatformSettings& settings) {
  LINNET_TRY(const auto box, govern::open_secret_box(database, data));
  auto acting = std::make_unique<RunningActing>(database, writer, clock, budgets, leases, box, settings);
  LINNET_CHECK(acting->run(box));
  return std::unique_ptr<Acting>(std::move(acting));
}

}  // namespace linnet::app
