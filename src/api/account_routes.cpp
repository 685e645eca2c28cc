// The accounts that act, and what needs a person's eye.
#include <fmt/format.h>

#include "act/account_page.hpp"
#include "act/notices.hpp"
#include "api/account_routes.hpp"
#include "api/typed_routes.hpp"
#include "connect/revoke_sign_in.hpp"
#include "connect/text_length.hpp"
#include "govern/account_changes.hpp"
#include "model/instances.hpp"
#include "net/curl_transport.hpp"
#include "observe/ingest.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;
using govern::Permission;

Result<act::AccountPage> page_of(const Call& call, const connect::Account& account) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  return act::account_page(*reader, account);
}

Result<Page<act::AccountPage>> accounts(const Call& call) {
  LINNET_TRY(const auto all, call.api.dependencies.accounts->list());
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  Page<act::AccountPage> page;
  for (const auto& account : all) {
    LINNET_TRY(auto item, act::account_page(*reader, account));
    page.items.push_back(std::move(item));
  }
  return page;
}

Result<act::AccountPage> show(const Call& call) {
  LINNET_TRY(const auto account, call.api.dependencies.accounts->find(call.path[0]));
  return page_of(call, account);
}

struct NewAccount {
  std::string platform;
  std::string address;
  std::string name;
  std::string secret;
  std::string account_id;
};
Result<act::AccountPage> add(const Call& call, const NewAccount& wanted) {
  act::SecretSignIn sign_in;
  sign_in.actor = call.who.name;
  sign_in.platform = wanted.platform;
  sign_in.address = wanted.address;
  sign_in.name = wanted.name;
  sign_in.secret = wanted.secret;
  LINNET_CHECK(read_expected(call, wanted.account_id, sign_in.platform, sign_in.address, sign_in.expected));
  if (sign_in.secret.empty()) return invalid("secret: expected an access token or app password, got nothing");
  if (!call.api.dependencies.add_account)
    return Error::of(ErrorKind::denied, "accounts cannot be added here");
  LINNET_TRY(const auto id, call.api.dependencies.add_account(sign_in));
  LINNET_TRY(const auto account, call.api.dependencies.accounts->find(id.value()));
  return page_of(call, account);
}

Result<act::AccountPage> change_settings(const Call& call) {
  const auto& given = call.api.dependencies;
  LINNET_TRY(const auto account, given.accounts->find(call.path[0]));
  LINNET_TRY(const auto now, govern::parse_account_settings(account.settings, account.platform));
  LINNET_TRY(const auto changed, govern::parse_account_settings(call.request.body(), account.platform, now));
  const govern::AccountChange change{account.id.value(), account.platform, call.who.name, given.clock.now()};
  LINNET_CHECK(given.accounts->set_settings(account.id, json::serialize(to_json(changed)),
                                            govern::settings_changed(change, now, changed)));
  return show(call);
}

Result<act::AccountPage> resume(const Call& call) {
  const auto& given = call.api.dependencies;
  LINNET_TRY(const auto account, given.accounts->find(call.path[0]));
  const govern::AccountChange change{account.id.value(), account.platform, call.who.name, given.clock.now()};
  LINNET_CHECK(given.accounts->resume(account.id, govern::account_resumed(change)));
  return show(call);
}

// How long that is to the account's server, which counts in its own way.
struct TextToMeasure {
  std::string text;
  std::string spoiler_text;
};
struct TextLength {
  std::int64_t length = 0;
  std::optional<std::int64_t> max_character_limit;
};
Result<TextLength> text_length(const Call& call, const TextToMeasure& given) {
  LINNET_TRY(const auto account, call.api.dependencies.accounts->find(call.path[0]));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto acting, act::load_acting_account(*reader, account.id));
  LINNET_TRY(const auto taken, act::what_is_taken(*reader, acting));
  const auto limits = taken.limits.value_or(connect::PlatformLimits{});
  return TextLength{connect::text_length(given.spoiler_text, given.text, limits), limits.text_length};
}

struct AccountSwitch {
  bool is_active = false;
};
Result<act::AccountPage> switch_account(const Call& call, const AccountSwitch& wanted) {
  const auto& given = call.api.dependencies;
  LINNET_TRY(const auto account, given.accounts->find(call.path[0]));
  const govern::AccountChange change{account.id.value(), account.platform, call.who.name, given.clock.now()};
  LINNET_CHECK(given.accounts->set_active(account.id, wanted.is_active,
                                          govern::account_switched(change, wanted.is_active)));
  return show(call);
}

struct RemovedAccount {
  bool removed = true;
  std::int64_t cancelled = 0;
  // What is to be done by hand, where the platform did not end the sign-in.
  std::optional<std::string> sign_in_left;
};
Result<RemovedAccount> remove(const Call& call) {
  const auto& given = call.api.dependencies;
  LINNET_TRY(const auto account, given.accounts->find(call.path[0]));
  const govern::AccountChange change{account.id.value(), account.platform, call.who.name, given.clock.now()};
  RemovedAccount removed;
  const auto credentials = given.accounts->credentials(account.id);
  std::string address;
  {
    LINNET_TRY(auto reader, given.database.reader());
    LINNET_TRY(address, model::address_of(*reader, account.instance));
  }
  LINNET_CHECK(given.accounts->remove(account.id, govern::account_removed(change, removed.cancelled)));
  if (credentials) {
    net::CurlTransport transport;
    connect::RequestBudgets own(given.clock);
    auto& budgets = given.budgets != nullptr ? *given.budgets : own;
    const auto ended = connect::revoke_sign_in(transport, budgets.of(address, account.id.value()),
                                               given.clock, account.platform, address, *credentials, {});
    if (!ended) removed.sign_in_left = ended.error().safe;
  }
  return removed;
}

void add_of_ingest(const ApiDependencies& given, std::vector<act::Notice>& notices) {
  using State = observe::IngestHealth::State;
  if (given.ingest == nullptr) return;
  const auto health = given.ingest->health();
  if (health.state == State::waiting)
    notices.push_back(
        {"ingest", fmt::format("Nothing new is taken in for now; it goes on by itself. {}", health.reason),
         ""});
  if (health.state == State::stopped)
    notices.push_back({"ingest", fmt::format("Nothing new is taken in any more: {}", health.reason), ""});
}

struct Notices {
  std::vector<act::Notice> items;
  std::optional<std::string> next;
  std::int64_t open_approvals = 0;
};
Result<Notices> notices(const Call& call) {
  const auto& given = call.api.dependencies;
  Notices page;
  auto& all = page.items;
  add_of_ingest(given, all);
  if (given.clock_trust != nullptr) {
    if (auto doubt = given.clock_trust->doubt(); !doubt.empty())
      all.push_back({"clock", std::move(doubt), ""});
  }
  LINNET_TRY(auto reader, given.database.reader());
  LINNET_TRY(const auto found, act::list_notices(*reader, given.clock.now()));
  all.insert(all.end(), found.begin(), found.end());
  LINNET_TRY(page.open_approvals, act::count_open_approvals(*reader));
  return page;
}

}  // namespace

}  // namespace linnet::api

namespace linnet::record {

using namespace linnet::api;

template <>
const Entity& entity_of<NewAccount>() {
  using New = NewAccount;
  static const auto described =
      entity<New>({.name = "NewAccount",
                   .example = R"({"platform":"mastodon","address":"https://example.social","secret":"xyz"})"},
                  {field<&New::platform>("platform"), field<&New::address>("address").means("Of the server"),
                   field<&New::name>("name").means("Where the platform asks for one: Bluesky's handle"),
                   field<&New::secret>("secret")
                       .required()
                       .at_most(kLongestSecret)
                       .means("an access token or app password"),
                   field<&New::account_id>("account_id")
                       .means("The one that signs in again, in place of platform and address")});
  return described;
}
template <>
const Entity& entity_of<TextToMeasure>() {
  static const auto described = entity<TextToMeasure>(
      {.name = "TextToMeasure"},
      {field<&TextToMeasure::text>("text"), field<&TextToMeasure::spoiler_text>("spoiler_text")});
  return described;
}
template <>
const Entity& entity_of<TextLength>() {
  static const auto described = entity<TextLength>(
      {.name = "TextLength"},
      {field<&TextLength::length>("length").means("As the account's server counts"),
       field<&TextLength::max_character_limit>("max_character_limit").means("Null: it does not say")});
  return described;
}
template <>
const Entity& entity_of<AccountSwitch>() {
  static const auto described = entity<AccountSwitch>(
      {.name = "AccountSwitch"},
      {field<&AccountSwitch::is_active>("is_active").required().means("true or false")});
  return described;
}
template <>
const Entity& entity_of<RemovedAccount>() {
  using Removed = RemovedAccount;
  static const auto described =
      entity<Removed>({.name = "RemovedAccount"},
                      {field<&Removed::removed>("removed"),
                       field<&Removed::cancelled>("cancelled").means("Actions that waited"),
                       field<&Removed::sign_in_left>("sign_in_left")
                           .means("What is to be done by hand, where the platform did not end the sign-in")});
  return described;
}
template <>
const Entity& entity_of<Notices>() {
  static const auto described =
      entity<Notices>({.name = "Notices"}, {field<&Notices::items>("items"), field<&Notices::next>("next"),
                                            field<&Notices::open_approvals>("open_approvals")});
  return described;
}

}  // namespace linnet::record

namespace linnet::api {

namespace {

Route takes_settings(Route route) {
  route.request_schema = [](json::object& components) {
    components["AccountSettingsChange"] = govern::account_settings_change();
    return json::object{{"$ref", "#/components/schemas/AccountSettingsChange"}};
  };
  return route;
}

}  // namespace

std::vector<Route> account_routes() {
  using net::Method;
  constexpr auto kLive = Freshness::live;
  auto routes = sign_in_routes();
  const std::vector<Route> others{
      typed({Permission::read,
             Method::get,
             "/api/v1/accounts",
             "The accounts that act, and how they fare",
             {},
             {},
             200,
             kLive},
            accounts),
      typed({Permission::accounts,
             Method::post,
             "/api/v1/accounts",
             "Add an account by token or app password",
             {},
             {},
             201,
             kLive},
            add),
      typed({Permission::read, Method::get, "/api/v1/accounts/{id}", "One account", {}, {}, 200, kLive},
            show),
      takes_settings(typed({Permission::rules,
                            Method::post,
                            "/api/v1/accounts/{id}/settings",
                            "Limits, quiet hours, approval; what is left out stays",
                            {},
                            {},
                            200,
                            kLive},
                           change_settings)),
      typed({Permission::approve,
             Method::post,
             "/api/v1/accounts/{id}/resume",
             "Let it act again after trouble",
             {},
             {},
             200,
             kLive},
            resume),
      typed({Permission::act,
             Method::post,
             "/api/v1/accounts/{id}/text-length",
             "How long a text is to the account's server",
             {},
             {},
             200,
             kLive},
            text_length),
      typed({Permission::rules,
             Method::post,
             "/api/v1/accounts/{id}/active",
             "Switch it on or off; it stays signed in",
             {},
             {},
             200,
             kLive},
            switch_account),
      typed({Permission::accounts,
             Method::post,
             "/api/v1/accounts/{id}/remove",
             "Forget its credentials",
             {},
             {},
             200,
             kLive},
            remove),
      typed(
          {Permission::read, Method::get, "/api/v1/notices", "What needs a person's eye", {}, {}, 200, kLive},
          notices),
  };
  routes.insert(routes.end(), others.begin(), others.end());
  return routes;
}

}  // namespace linnet::api
