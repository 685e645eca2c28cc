#include "app/acting.hpp"

#include <fmt/format.h>

#include <thread>

#include "act/block_check.hpp"
#include "act/dispatcher.hpp"
#include "act/messages.hpp"
#include "act/settle_names.hpp"
#include "base/log.hpp"
#include "connect/account_store.hpp"
#include "connect/bluesky/acting_bluesky.hpp"
#include "connect/browser_sign_ins.hpp"
#include "connect/mastodon/acting_mastodon.hpp"
#include "connect/mastodon/oauth.hpp"
#include "net/curl_transport.hpp"
#include "net/url.hpp"
#include "observe/ingest.hpp"

namespace linnet::app {
namespace {

namespace mastodon = connect::mastodon;

// Connectors with the budget that is theirs alone.
struct OwnedBluesky {
  OwnedBluesky(net::HttpTransport& transport, Clock& clock, const std::string& did,
               connect::Credentials credentials, connect::bluesky::KeepCredentials keep)
      : budget(clock), acting(transport, budget, clock, did, std::move(credentials), std::move(keep)) {}
  connect::RequestBudget budget;
  connect::bluesky::ActingBluesky acting;
};

struct OwnedMastodon {
  OwnedMastodon(net::HttpTransport& transport, Clock& clock, mastodon::ApiOptions options,
                std::string user_id)
      : budget(clock), acting(transport, budget, clock, std::move(options), std::move(user_id)) {}
  connect::RequestBudget budget;
  mastodon::ActingMastodon acting;
};

class RunningActing final : public Acting {
 public:
  RunningActing(store::Database& database, store::Writer& writer, Clock& clock, const SecretBox& box,
                const std::string& plc_directory)
      : database_(database),
        writer_(writer),
        clock_(clock),
        box_(box),
        accounts_(database, writer, clock, box),
        browser_sign_ins_(transport_, clock, plc_directory,
                          [this](const connect::SignedInAccount& account) { return keep(account); }),
        blocklist_(database, writer, clock),
        gate_(database, writer, clock, box, act::block_check(blocklist_), [this] {
          if (dispatcher_) dispatcher_->wake();
        }) {}

  Status run(const SecretBox& box) {
    messages_ = std::jthread([this](const std::stop_token& stop) { follow_messages(stop); });
    LINNET_TRY(
        dispatcher_,
        act::Dispatcher::start(database_, writer_, clock_, box, gate_, act::block_check(blocklist_),
                               [this](const connect::AccountId& account) { return connector_for(account); }));
    return {};
  }

  [[nodiscard]] act::Gate& gate() override { return gate_; }
  [[nodiscard]] govern::Blocklist& blocklist() override { return blocklist_; }

  [[nodiscard]] connect::AccountStore& accounts() override { return accounts_; }

  [[nodiscard]] const SecretBox& box() const override { return box_; }

  Status settle_names(const connect::Account& account, act::NewAction& action) override {
    return act::settle_names(transport_, clock_, accounts_, account, action);
  }

  Result<connect::AccountId> add_account(const api::AccountSignIn& sign_in) override {
    LINNET_TRY(const auto address, net::normalise_instance_url(sign_in.address));
    connect::RequestBudget budget(clock_);
    if (sign_in.platform == "bluesky") {
      LINNET_TRY(const auto signed_in,
                 connect::bluesky::sign_in(transport_, budget, address, sign_in.name, sign_in.secret, {}));
      return keep(
          {"bluesky", address, signed_in.did, signed_in.handle, "", signed_in.credentials, sign_in.expected});
    }
    if (sign_in.platform != "mastodon") {
      return invalid(
          fmt::format("platform: expected mastodon or bluesky, got \"{}\"", sign_in.platform.substr(0, 40)));
    }
    mastodon::OAuth oauth(transport_, budget, address, mastodon::kActingScopes);
    LINNET_TRY(const auto signed_in, oauth.with_token(sign_in.secret, {}));
    connect::Credentials credentials;
    credentials.token = signed_in.token;
    return keep({"mastodon", address, signed_in.account.id, signed_in.account.username,
                 signed_in.account.display_name, credentials, sign_in.expected});
  }

  [[nodiscard]] connect::BrowserSignIns& browser_sign_ins() override { return browser_sign_ins_; }

 private:
  Result<connect::AccountId> keep(const connect::SignedInAccount& account) {
    LINNET_TRY(const auto instance,
               observe::find_or_add_instance(writer_, account.address, account.platform, clock_.now()));
    return accounts_.add(
        {account.platform, instance, account.user_id, account.username, account.display_name},
        account.credentials, account.expected);
  }

  // Conversations are read every few minutes, for each account whose platform shows them.
  void follow_messages(const std::stop_token& stop) {
    constexpr auto kEvery = std::chrono::minutes(5);
    while (clock_.sleep_for(std::chrono::seconds(10), stop)) {
      if (const auto done = read_messages(stop); !done && !stop.stop_requested())
        log::warn("messages: {}", done.error().safe);
      if (!clock_.sleep_for(kEvery, stop)) return;
    }
  }

  Status read_messages(const std::stop_token& stop) {
    LINNET_TRY(const auto all, accounts_.list());
    for (const auto& account : all) {
      if (!account.is_active || account.platform != "mastodon") continue;
      LINNET_TRY(const auto connector, connector_for(account.id));
      const auto done = act::sync_messages(
          database_, writer_, clock_, box_, *connector, account.id,
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

  Result<std::shared_ptr<connect::ActingConnector>> connector_for(const connect::AccountId& id) {
    LINNET_TRY(const auto account, accounts_.find(id.value()));
    LINNET_TRY(const auto credentials, accounts_.credentials(id));
    LINNET_TRY(auto reader, database_.reader());
    LINNET_TRY(const auto url, store::query_text(*reader, "SELECT base_url FROM instances WHERE id = $1",
                                                 {account.instance.value()}));
    if (account.platform == "mastodon") {
      auto owned = std::make_shared<OwnedMastodon>(transport_, clock_,
                                                   mastodon::ApiOptions{url.value_or(""), credentials.token},
                                                   account.platform_user_id);
      auto* const acting = &owned->acting;
      return std::shared_ptr<connect::ActingConnector>(std::move(owned), acting);
    }
    if (account.platform == "bluesky") {
      auto owned = std::make_shared<OwnedBluesky>(transport_, clock_, account.platform_user_id, credentials,
                                                  [this, id](const connect::Credentials& renewed) {
                                                    return accounts_.renew_credentials(id, renewed);
                                                  });
      auto* const acting = &owned->acting;
      return std::shared_ptr<connect::ActingConnector>(std::move(owned), acting);
    }
    return Error::of(ErrorKind::denied, fmt::format("Linnet cannot act on {} yet", account.platform));
  }

  store::Database& database_;
  store::Writer& writer_;
  Clock& clock_;
  SecretBox box_;
  net::CurlTransport transport_;
  connect::AccountStore accounts_;
  connect::BrowserSignIns browser_sign_ins_;
  govern::Blocklist blocklist_;
  act::Gate gate_;
  std::unique_ptr<act::Dispatcher> dispatcher_;  // these last: they use the others
  std::jthread messages_;
};

}  // namespace

Result<std::unique_ptr<Acting>> Acting::start(store::Database& database, store::Writer& writer, Clock& clock,
                                              const std::string& data, const std::string& plc_directory) {
  LINNET_TRY(const auto box, SecretBox::open(data));
  auto acting = std::make_unique<RunningActing>(database, writer, clock, box, plc_directory);
  LINNET_CHECK(acting->run(box));
  return std::unique_ptr<Acting>(std::move(acting));
}

}  // namespace linnet::app
