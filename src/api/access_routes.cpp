// People and tokens.
#include <fmt/format.h>

#include "api/json_views.hpp"
#include "api/routes.hpp"
#include "base/json_fields.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;
using govern::Permission;

govern::People& people_of(const Call& call) {
  return *call.api.dependencies.people;
}

// Tokens are made and ended by people: one that was stolen makes no others.
Status refuse_tokens(const Call& call) {
  if (call.who.token_id.empty()) return {};
  return Error::of(ErrorKind::denied,
                   "tokens are made and revoked by people who are signed in, not by tokens");
}

json::object user_json(const govern::User& user) {
  return {{"id", user.id},
          {"name", user.name},
          {"role", to_string(user.role)},
          {"extra_permissions", names_of(user.extra)},
          {"has_password", user.has_password},
          {"is_active", user.is_active},
          {"created_at", to_iso8601(user.created_at)},
          {"last_seen_at", user.last_seen_at ? json::value(to_iso8601(*user.last_seen_at)) : json::value()}};
}

json::object token_json(const govern::ApiToken& token) {
  const auto time = [](const std::optional<Instant>& at) {
    return at ? json::value(to_iso8601(*at)) : json::value();
  };
  return {{"id", token.id},
          {"user_id", token.user_id},
          {"name", token.name},
          {"prefix", token.prefix},
          {"scopes", names_of(token.scopes)},
          {"created_at", to_iso8601(token.created_at)},
          {"expires_at", time(token.expires_at)},
          {"revoked_at", time(token.revoked_at)},
          {"last_used_at", time(token.last_used_at)},
          {"last_used_from", token.last_used_from},
          {"requests_per_minute", token.requests_per_minute}};
}

Answer users(const Call& call) {
  LINNET_TRY(const auto all, people_of(call).list());
  json::array items;
  for (const auto& user : all) items.push_back(user_json(user));
  return json::object{{"items", std::move(items)}, {"next", nullptr}};
}

Result<govern::Role> read_role(const std::string& name) {
  const auto role = govern::parse_role(name);
  if (role) return *role;
  return invalid(fmt::format("role: expected viewer, analyst, author, approver or admin, got \"{}\"",
                             name.substr(0, 60)));
}

// {"name": …, "role": …, "password": …}
Answer add_user(const Call& call) {
  LINNET_TRY(const auto object, parse_json_object("body", call.request.body()));
  JsonFields fields(object);
  std::string name;
  std::string role = "viewer";
  std::string password;
  LINNET_CHECK(fields.text("name", name));
  LINNET_CHECK(fields.text("role", role));
  LINNET_CHECK(fields.text("password", password));
  LINNET_CHECK(fields.nothing_else());
  LINNET_TRY(const auto parsed, read_role(role));
  LINNET_TRY(const auto user, people_of(call).add(name, parsed, password, call.who.name));
  return user_json(user);
}

// {"role": …, "extra_permissions": ["audit"], "is_active": …, "password": …, "sign_out": true}: what is given
// is changed. The extra permissions are those beside the role's; the list replaces the one before.
Answer change_user(const Call& call) {
  LINNET_TRY(const auto object, parse_json_object("body", call.request.body()));
  JsonFields fields(object);
  std::string role;
  std::string password;
  std::vector<std::string> extra;
  bool is_active = true;
  bool signs_out = false;
  LINNET_CHECK(fields.text("role", role));
  LINNET_CHECK(fields.texts("extra_permissions", extra));
  LINNET_CHECK(fields.text("password", password));
  LINNET_CHECK(fields.flag("is_active", is_active));
  LINNET_CHECK(fields.flag("sign_out", signs_out));
  LINNET_CHECK(fields.nothing_else());
  LINNET_TRY(const auto rights, govern::parse_permissions("extra_permissions", extra));
  auto& people = people_of(call);
  const auto& id = call.path[0];
  if (!role.empty()) {
    LINNET_TRY(const auto parsed, read_role(role));
    LINNET_CHECK(people.set_role(id, parsed, call.who.name));
  }
  if (object.contains("extra_permissions")) LINNET_CHECK(people.set_extra(id, rights, call.who.name));
  if (!password.empty()) LINNET_CHECK(people.set_password(id, password, call.who.name));
  if (object.contains("is_active")) LINNET_CHECK(people.set_active(id, is_active, call.who.name));
  if (signs_out) LINNET_CHECK(people.sign_out_everywhere(id, call.who.name));
  LINNET_TRY(const auto user, people.find(id));
  return user_json(user);
}

// Everyone sees their own; those who look after people see all.
Answer tokens(const Call& call) {
  if (call.who.user_id.empty() && !call.who.may(Permission::people))
    return json::object{{"items", json::array{}}, {"next", nullptr}};
  LINNET_TRY(const auto all, people_of(call).list_tokens(
                                 call.who.may(Permission::people) ? std::string() : call.who.user_id));
  json::array items;
  for (const auto& token : all) items.push_back(token_json(token));
  return json::object{{"items", std::move(items)}, {"next", nullptr}};
}

// More than usual is for those who look after people to give: the limit also protects Linnet itself.
Status check_limit(const Call& call, std::int64_t requests_per_minute) {
  if (requests_per_minute <= govern::kTokenRequestsPerMinute || call.who.may(Permission::people)) return {};
  return Error::of(ErrorKind::denied,
                   fmt::format("requests_per_minute: more than {} needs the right \"people\"",
                               govern::kTokenRequestsPerMinute));
}

// {"name": …, "scopes": ["read"], "expires_at": …, "requests_per_minute": 600, "user": …}
Answer create_token(const Call& call) {
  LINNET_CHECK(refuse_tokens(call));
  LINNET_TRY(const auto object, parse_json_object("body", call.request.body()));
  JsonFields fields(object);
  govern::WantedToken wanted;
  std::string user = call.who.user_id;
  std::vector<std::string> scopes;
  LINNET_CHECK(fields.text("name", wanted.name));
  LINNET_CHECK(fields.text("user", user));
  LINNET_CHECK(fields.texts("scopes", scopes));
  LINNET_CHECK(fields.time("expires_at", wanted.expires_at));
  LINNET_CHECK(
      fields.integer("requests_per_minute", wanted.requests_per_minute, 1, govern::kMostRequestsPerMinute));
  LINNET_CHECK(fields.nothing_else());
  if (user != call.who.user_id && !call.who.may(Permission::people))
    return Error::of(ErrorKind::denied, "user: tokens of others need the right \"people\"");
  if (user.empty()) return invalid("user: expected whose token it is; add a person first");
  LINNET_CHECK(check_limit(call, wanted.requests_per_minute));
  LINNET_TRY(wanted.scopes, govern::parse_permissions("scopes", scopes));
  for (const auto permission : wanted.scopes) {
    // Nobody makes a token that may do more than they may themselves.
    if (!call.who.may(permission) && !call.who.may(Permission::people))
      return Error::of(ErrorKind::denied,
                       fmt::format("scopes: you have no right to {}", to_string(permission)));
  }
  LINNET_TRY(const auto made, people_of(call).create_token(user, wanted, call.who.name));
  auto answer = token_json(made.token);
  answer["secret"] = made.secret;
  return answer;
}

// Everyone looks after their own; those who look after people, after all.
Result<govern::ApiToken> find_token(const Call& call) {
  LINNET_CHECK(refuse_tokens(call));
  const bool sees_all = call.who.may(Permission::people);
  LINNET_TRY(auto all, people_of(call).list_tokens(sees_all ? std::string() : call.who.user_id));
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& token) { return token.id == call.path[0]; });
  if (found == all.end() || (!sees_all && call.who.user_id.empty()))
    return not_found("token: there is no such token" + std::string(sees_all ? "" : " of yours"));
  return std::move(*found);
}

// {"requests_per_minute": 60}
Answer change_token(const Call& call) {
  LINNET_TRY(auto token, find_token(call));
  LINNET_TRY(const auto object, parse_json_object("body", call.request.body()));
  JsonFields fields(object);
  LINNET_CHECK(
      fields.integer("requests_per_minute", token.requests_per_minute, 1, govern::kMostRequestsPerMinute));
  LINNET_CHECK(fields.nothing_else());
  LINNET_CHECK(check_limit(call, token.requests_per_minute));
  LINNET_CHECK(people_of(call).set_token_limit(token.id, token.requests_per_minute, call.who.name));
  return token_json(token);
}

Answer revoke_token(const Call& call) {
  LINNET_TRY(const auto token, find_token(call));
  LINNET_CHECK(people_of(call).revoke_token(token.id, call.who.name));
  return json::object{{"revoked", true}};
}

}  // namespace

std::vector<Route> access_routes() {
  using net::Method;
  constexpr auto kLive = Freshness::live;
  return {
      {Permission::people, Method::get, "/api/v1/users", "People who use Linnet", {}, users, 200, kLive},
      {Permission::people, Method::post, "/api/v1/users", "Add a person", {}, add_user, 201, kLive},
      {Permission::people,
       Method::post,
       "/api/v1/users/{id}",
       "Change a person's role, extra rights, password, state",
       {},
       change_user,
       200,
       kLive},
      {Permission::read,
       Method::get,
       "/api/v1/tokens",
       "API tokens: one's own, or all",
       {},
       tokens,
       200,
       kLive},
      {Permission::read,
       Method::post,
       "/api/v1/tokens",
       "Make an API token; its secret is shown once",
       {},
       create_token,
       201,
       kLive},
      {Permission::read,
       Method::post,
       "/api/v1/tokens/{id}",
       "Change how many requests a minute a token may send",
       {},
       change_token,
       200,
       kLive},
      {Permission::read,
       Method::post,
       "/api/v1/tokens/{id}/revoke",
       "Revoke an API token",
       {},
       revoke_token,
       200,
       kLive},
  };
}

}  // namespace linnet::api
