// The accounts that act, and what needs a person's eye.
#include <fmt/format.h>

#include "act/account_health.hpp"
#include "act/notices.hpp"
#include "act/situation.hpp"
#include "api/account_routes.hpp"
#include "api/json_views.hpp"
#include "api/typed_routes.hpp"
#include "base/json_fields.hpp"
#include "connect/revoke_sign_in.hpp"
#include "connect/text_length.hpp"
#include "govern/account_changes.hpp"
#include "model/instances.hpp"
#include "net/curl_transport.hpp"
#include "observe/ingest.hpp"
#include "store/record/json.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;
using govern::Permission;

// As the platform counts: what whoever writes wants to see before it is sent. Null: the server does not say.
json::object limits_json(const connect::PlatformLimits& limits) {
  const auto or_null = [](const connect::PlatformLimits::Number& number) {
    return number ? json::value(*number) : json::value();
  };
  return {{"max_character_limit", or_null(limits.text_length)},
          {"max_text_bytes", or_null(limits.text_bytes)},
          {"text_unit", connect::to_string(limits.text_unit)},
          {"characters_per_link", limits.url_length},
          {"max_media", or_null(limits.media_count)},
          {"max_image_bytes", or_null(limits.image_bytes)},
          {"max_video_bytes", or_null(limits.video_bytes)},
          {"max_description_characters", or_null(limits.alt_text_length)},
          {"max_poll_options", or_null(limits.poll_options)},
          {"max_poll_option_characters", or_null(limits.poll_option_length)},
          {"min_poll_seconds", or_null(limits.poll_least_seconds)},
          {"max_poll_seconds", or_null(limits.poll_most_seconds)},
          {"media_formats", json::value_from(limits.media_types)}};
}
}  // namespace

Result<json::value> account_json(store::Connection& connection, const connect::Account& account) {
  LINNET_TRY(const auto acting, act::load_acting_account(connection, account.id));
  LINNET_TRY(const auto fares, act::account_health(connection, account.id));
  auto health = record::to_json(fares);
  health["id"] = account.id.value();
  health["platform"] = account.platform;
  health["username"] = account.username;
  health["platform_user_id"] = account.platform_user_id;
  health["display_name"] = maybe(account.display_name);
  health["is_active"] = account.is_active;
  health["is_removed"] = account.is_removed;
  health["created_at"] = to_iso8601(account.created_at);
  health["updated_at"] = to_iso8601(account.updated_at);
  health["last_used_at"] =
      account.last_used_at ? json::value(to_iso8601(*account.last_used_at)) : json::value();
  health["settings"] = to_json(acting.view.settings);
  LINNET_TRY(const auto taken, act::what_is_taken(connection, acting));
  // What only a person set is not all that the server takes.
  const bool is_known = taken.limits && !taken.is_server_unread;
  health["limits"] = is_known ? json::value(limits_json(*taken.limits)) : json::value();
  return json::value(std::move(health));
}

namespace {

Answer accounts(const Call& call) {
  LINNET_TRY(const auto all, call.api.dependencies.accounts->list());
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  json::array items;
  for (const auto& account : all) {
    LINNET_TRY(auto item, account_json(*reader, account));
    items.push_back(std::move(item));
  }
  return json::object{{"items", std::move(items)}, {"next", nullptr}};
}

Answer show(const Call& call) {
  LINNET_TRY(const auto account, call.api.dependencies.accounts->find(call.path[0]));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  return account_json(*reader, account);
}

// {"platform": …, "address": …, "name": …, "secret": …, "account_id": the one that signs in again}
Answer add(const Call& call) {
  LINNET_TRY(const auto object, parse_json_object("body", call.request.body()));
  JsonFields fields(object);
  AccountSignIn sign_in;
  sign_in.actor = call.who.name;
  LINNET_CHECK(fields.text("platform", sign_in.platform));
  LINNET_CHECK(fields.text("address", sign_in.address));
  LINNET_CHECK(fields.text("name", sign_in.name));
  LINNET_CHECK(fields.text("secret", sign_in.secret, kLongestSecret));
  std::string again;
  LINNET_CHECK(fields.text("account_id", again));
  LINNET_CHECK(fields.nothing_else());
  LINNET_CHECK(read_expected(call, again, sign_in.platform, sign_in.address, sign_in.expected));
  if (sign_in.secret.empty()) return invalid("secret: expected an access token or app password, got nothing");
  if (!call.api.dependencies.add_account)
    return Error::of(ErrorKind::denied, "accounts cannot be added here");
  LINNET_TRY(const auto id, call.api.dependencies.add_account(sign_in));
  LINNET_TRY(const auto account, call.api.dependencies.accounts->find(id.value()));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  return account_json(*reader, account);
}

Answer change_settings(const Call& call) {
  const auto& given = call.api.dependencies;
  LINNET_TRY(const auto account, given.accounts->find(call.path[0]));
  LINNET_TRY(const auto now, govern::parse_account_settings(account.settings, account.platform));
  LINNET_TRY(const auto changed, govern::parse_account_settings(call.request.body(), account.platform, now));
  const govern::AccountChange change{account.id.value(), account.platform, call.who.name, given.clock.now()};
  LINNET_CHECK(given.accounts->set_settings(account.id, json::serialize(to_json(changed)),
                                            govern::settings_changed(change, now, changed)));
  return show(call);
}

Answer resume(const Call& call) {
  const auto& given = call.api.dependencies;
  LINNET_TRY(const auto account, given.accounts->find(call.path[0]));
  const govern::AccountChange change{account.id.value(), account.platform, call.who.name, given.clock.now()};
  LINNET_CHECK(given.accounts->resume(account.id, govern::account_resumed(change)));
  return show(call);
}

// {"text": …, "spoiler_text": …}: how long that is to the account's server, which counts in its own way.
Answer text_length(const Call& call) {
  LINNET_TRY(const auto object, parse_json_object("body", call.request.body()));
  JsonFields fields(object);
  std::string text;
  std::string warning;
  LINNET_CHECK(fields.text("text", text));
  LINNET_CHECK(fields.text("spoiler_text", warning));
  LINNET_CHECK(fields.nothing_else());
  LINNET_TRY(const auto account, call.api.dependencies.accounts->find(call.path[0]));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto acting, act::load_acting_account(*reader, account.id));
  LINNET_TRY(const auto taken, act::what_is_taken(*reader, acting));
  const auto limits = taken.limits.value_or(connect::PlatformLimits{});
  return json::object{
      {"length", connect::text_length(warning, text, limits)},
      {"max_character_limit", limits.text_length ? json::value(*limits.text_length) : json::value()}};
}

// {"is_active": false}
Answer switch_account(const Call& call) {
  const auto& given = call.api.dependencies;
  LINNET_TRY(const auto object, parse_json_object("body", call.request.body()));
  JsonFields fields(object);
  bool is_active = false;
  if (!object.contains("is_active")) return invalid("is_active: expected true or false, got nothing");
  LINNET_CHECK(fields.flag("is_active", is_active));
  LINNET_CHECK(fields.nothing_else());
  LINNET_TRY(const auto account, given.accounts->find(call.path[0]));
  const govern::AccountChange change{account.id.value(), account.platform, call.who.name, given.clock.now()};
  LINNET_CHECK(
      given.accounts->set_active(account.id, is_active, govern::account_switched(change, is_active)));
  return show(call);
}

Answer remove(const Call& call) {
  const auto& given = call.api.dependencies;
  LINNET_TRY(const auto account, given.accounts->find(call.path[0]));
  const govern::AccountChange change{account.id.value(), account.platform, call.who.name, given.clock.now()};
  std::int64_t cancelled = 0;
  const auto credentials = given.accounts->credentials(account.id);
  std::string address;
  {
    LINNET_TRY(auto reader, given.database.reader());
    LINNET_TRY(address, model::address_of(*reader, account.instance));
  }
  LINNET_CHECK(given.accounts->remove(account.id, govern::account_removed(change, cancelled)));
  json::value left;  // what is to be done by hand, where the platform did not end the sign-in
  if (credentials) {
    net::CurlTransport transport;
    connect::RequestBudgets own(given.clock);
    auto& budgets = given.budgets != nullptr ? *given.budgets : own;
    const auto ended = connect::revoke_sign_in(transport, budgets.of(address, account.id.value()),
                                               given.clock, account.platform, address, *credentials, {});
    if (!ended) left = ended.error().safe;
  }
  return json::object{{"removed", true}, {"cancelled", cancelled}, {"sign_in_left", std::move(left)}};
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

Answer notices(const Call& call) {
  const auto& given = call.api.dependencies;
  std::vector<act::Notice> all;
  add_of_ingest(given, all);
  if (given.clock_trust != nullptr) {
    if (auto doubt = given.clock_trust->doubt(); !doubt.empty())
      all.push_back({"clock", std::move(doubt), ""});
  }
  LINNET_TRY(auto reader, given.database.reader());
  LINNET_TRY(const auto found, act::list_notices(*reader, given.clock.now()));
  all.insert(all.end(), found.begin(), found.end());
  LINNET_TRY(const auto open, act::count_open_approvals(*reader));
  return json::object{{"items", record::to_json(all)}, {"next", nullptr}, {"open_approvals", open}};
}

}  // namespace

std::vector<Route> account_routes() {
  using net::Method;
  constexpr auto kLive = Freshness::live;
  auto routes = sign_in_routes();
  const std::vector<Route> others{
      {Permission::read,
       Method::get,
       "/api/v1/accounts",
       "The accounts that act, and how they fare",
       {},
       accounts,
       200,
       kLive},
      {Permission::accounts,
       Method::post,
       "/api/v1/accounts",
       "Add an account by token or app password",
       {},
       add,
       201,
       kLive},
      {Permission::read, Method::get, "/api/v1/accounts/{id}", "One account", {}, show, 200, kLive},
      {Permission::rules,
       Method::post,
       "/api/v1/accounts/{id}/settings",
       "Limits, quiet hours, approval",
       {},
       change_settings,
       200,
       kLive},
      {Permission::approve,
       Method::post,
       "/api/v1/accounts/{id}/resume",
       "Let it act again after trouble",
       {},
       resume,
       200,
       kLive},
      {Permission::act,
       Method::post,
       "/api/v1/accounts/{id}/text-length",
       "How long a text is to the account's server",
       {},
       text_length,
       200,
       kLive},
      {Permission::rules,
       Method::post,
       "/api/v1/accounts/{id}/active",
       "Switch it on or off; it stays signed in",
       {},
       switch_account,
       200,
       kLive},
      {Permission::accounts,
       Method::post,
       "/api/v1/accounts/{id}/remove",
       "Forget its credentials",
       {},
       remove,
       200,
       kLive},
      answers<Page<act::Notice>>({Permission::read,
                                  Method::get,
                                  "/api/v1/notices",
                                  "What needs a person's eye",
                                  {},
                                  notices,
                                  200,
                                  kLive}),
  };
  routes.insert(routes.end(), others.begin(), others.end());
  return routes;
}

}  // namespace linnet::api
