// The accounts that act, and what needs a person's eye.
#include <fmt/format.h>

#include "act/situation.hpp"
#include "api/account_routes.hpp"
#include "api/json_views.hpp"
#include "api/routes.hpp"
#include "base/json_fields.hpp"
#include "govern/account_changes.hpp"
#include "govern/emergency_stop.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;
using govern::Permission;

// As the platform counts: what whoever writes wants to see before it is sent.
json::object limits_json(const connect::PlatformLimits& limits) {
  const bool counts_graphemes = limits.text_unit == connect::PlatformLimits::Unit::graphemes;
  return {{"max_character_limit", limits.text_length},
          {"text_unit", counts_graphemes ? "graphemes" : "characters"},
          {"characters_per_link", limits.url_length},
          {"max_media", limits.media_count},
          {"max_image_bytes", limits.image_bytes},
          {"max_video_bytes", limits.video_bytes},
          {"max_description_characters", limits.alt_text_length},
          {"media_formats", json::value_from(limits.media_types)}};
}
}  // namespace

Result<json::value> account_json(store::Connection& connection, const connect::Account& account) {
  LINNET_TRY(const auto acting, act::load_acting_account(connection, account.id));
  json::object health;
  LINNET_CHECK(store::for_each_row(
      connection,
      "SELECT a.credential_state, a.credential_error, a.credential_checked_at, a.risk, a.needs_human, "
      "a.pause_reason, "
      "a.paused_until, a.rate_percent, i.base_url, a.messages_error, (SELECT COUNT(*) FROM action_attempts t "
      "WHERE t.account_id = a.id AND t.status = 'pending') FROM accounts a JOIN instances i ON i.id = "
      "a.instance_id "
      "WHERE a.id = "
      "$1",
      {std::string_view(account.id.value())}, [&](const store::Statement& row) {
        const auto text = [&](int column) {
          return row.is_null(column) ? json::value() : json::value(std::string(row.text(column)));
        };
        const auto time = [&](int column) {
          return row.is_null(column) ? json::value() : json::value(to_iso8601(row.instant(column)));
        };
        health = {{"credential_state", text(0)},
                  {"credential_error", text(1)},
                  {"credential_checked_at", time(2)},
                  {"risk", text(3)},
                  {"needs_human", row.integer(4) != 0},
                  {"pause_reason", text(5)},
                  {"paused_until", time(6)},
                  {"rate_percent", row.integer(7)},
                  {"instance", text(8)},
                  {"messages_error", text(9)},
                  {"pending_actions", row.integer(10)}};
      }));
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
  LINNET_CHECK(fields.text("platform", sign_in.platform));
  LINNET_CHECK(fields.text("address", sign_in.address));
  LINNET_CHECK(fields.text("name", sign_in.name));
  LINNET_CHECK(fields.text("secret", sign_in.secret));
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
  LINNET_CHECK(given.accounts->remove(account.id, govern::account_removed(change, cancelled)));
  return json::object{{"removed", true}, {"cancelled", cancelled}};
}

// What needs a person's eye, one line for each cause.
Answer notices(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  json::array items;
  const auto add_notice = [&](std::string_view kind, std::string text, const std::string& target) {
    items.push_back(json::object{{"kind", kind}, {"text", std::move(text)}, {"target", target}});
  };
  const auto now = call.api.dependencies.clock.now();
  LINNET_TRY(const auto stopped, govern::stopped_since(*reader));
  if (stopped) add_notice("stopped", fmt::format("Everything is stopped since {}", to_iso8601(*stopped)), "");
  LINNET_CHECK(store::for_each_row(
      *reader,
      "SELECT id, username, credential_state, credential_error, needs_human, pause_reason, paused_until, "
      "messages_error FROM accounts WHERE is_active = 1 AND (credential_state <> 'ok' OR needs_human = 1 OR "
      "paused_until > $1 OR messages_error IS NOT NULL)",
      {to_micros(now)}, [&](const store::Statement& row) {
        const std::string id(row.text(0));
        const std::string name(row.text(1));
        if (row.text(2) == "signed_out") {
          add_notice("signed_out", fmt::format("{} is signed out: sign in again. {}", name, row.text(3)), id);
        } else if (row.text(2) != "ok") {
          add_notice("credentials", fmt::format("{}: the platform could not be asked. {}", name, row.text(3)),
                     id);
        }
        if (!row.is_null(7))
          add_notice("messages", fmt::format("Messages of {} are not read: {}", name, row.text(7)), id);
        const auto until = row.maybe_instant(6);
        if (row.integer(4) != 0) {
          add_notice("paused", fmt::format("{} is paused until somebody resumes it: {}", name, row.text(5)),
                     id);
        } else if (until && *until > now) {
          add_notice("paused",
                     fmt::format("{} is paused until {}: {}", name, to_iso8601(*until), row.text(5)), id);
        }
      }));
  const auto count = [&](std::string_view condition) {
    return store::query_integer(*reader,
                                "SELECT COUNT(*) FROM action_attempts WHERE " + std::string(condition));
  };
  LINNET_TRY(const auto unknown, count("status = 'unknown' AND looks > 5"));
  if (unknown.value_or(0) > 0)
    add_notice("unknown", fmt::format("Of {} actions it is not known whether they took effect", *unknown),
               "");
  LINNET_TRY(
      const auto unseen,
      store::query_integer(
          *reader,
          "SELECT COUNT(*) FROM action_attempts a JOIN verification_results v ON v.id = "
          "a.verification_id WHERE a.status = 'success' AND a.superseded_at IS NULL AND v.verified = 0 "
          "AND v.method <> 'manual' AND (a.verify_at IS NULL OR v.confidence > 0)"));
  if (unseen.value_or(0) > 0)
    add_notice("unverified",
               fmt::format("Of {} actions the platform said that they are done, and a look did not show it",
                           *unseen),
               "");
  LINNET_TRY(const auto late, count("status = 'pending' AND late_reported = 1"));
  if (late.value_or(0) > 0) add_notice("late", fmt::format("{} actions are late", *late), "");
  LINNET_TRY(const auto open,
             store::query_integer(*reader, "SELECT COUNT(*) FROM approvals WHERE state = 'open'"));
  return json::object{{"items", std::move(items)}, {"next", nullptr}, {"open_approvals", open.value_or(0)}};
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
      {Permission::read,
       Method::get,
       "/api/v1/notices",
       "What needs a person's eye",
       {},
       notices,
       200,
       kLive},
  };
  routes.insert(routes.end(), others.begin(), others.end());
  return routes;
}

}  // namespace linnet::api
