// People and tokens.
#include <fmt/format.h>

#include "api/shapes.hpp"
#include "api/typed_routes.hpp"
#include "govern/permissions_member.hpp"

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

Result<Page<govern::User>> users(const Call& call) {
  LINNET_TRY(auto all, people_of(call).list());
  return Page<govern::User>{std::move(all)};
}

struct NewUser {
  std::string name;
  govern::Role role = govern::Role::viewer;
  std::string password;
};
Result<govern::User> add_user(const Call& call, const NewUser& wanted) {
  return people_of(call).add(wanted.name, wanted.role, wanted.password, call.who.name);
}

// What is given is changed.
struct UserChange {
  std::optional<govern::Role> role;
  std::optional<govern::Permissions> extra_permissions;
  std::string password;
  std::optional<bool> is_active;
  bool sign_out = false;
};
Result<govern::User> change_user(const Call& call, const UserChange& wanted) {
  auto& people = people_of(call);
  const auto& id = call.path[0];
  if (wanted.role) LINNET_CHECK(people.set_role(id, *wanted.role, call.who.name));
  if (wanted.extra_permissions) LINNET_CHECK(people.set_extra(id, *wanted.extra_permissions, call.who.name));
  if (!wanted.password.empty()) LINNET_CHECK(people.set_password(id, wanted.password, call.who.name));
  if (wanted.is_active) LINNET_CHECK(people.set_active(id, *wanted.is_active, call.who.name));
  if (wanted.sign_out) LINNET_CHECK(people.sign_out_everywhere(id, call.who.name));
  return people.find(id);
}

// Everyone sees their own; those who look after people see all.
Result<Page<govern::ApiToken>> tokens(const Call& call) {
  const bool sees_all = call.who.may(Permission::people);
  if (call.who.user_id.empty() && !sees_all) return Page<govern::ApiToken>();
  LINNET_TRY(auto all, people_of(call).list_tokens(sees_all ? std::string() : call.who.user_id));
  return Page<govern::ApiToken>{std::move(all)};
}

// More than usual is for those who look after people to give: the limit also protects Linnet itself.
Status check_limit(const Call& call, std::int64_t requests_per_minute) {
  if (requests_per_minute <= govern::kTokenRequestsPerMinute || call.who.may(Permission::people)) return {};
  return Error::of(ErrorKind::denied,
                   fmt::format("requests_per_minute: more than {} needs the right \"people\"",
                               govern::kTokenRequestsPerMinute));
}

struct NewToken {
  std::string name;
  std::optional<std::string> user;  // id; absent: one's own
  govern::Permissions scopes;
  std::optional<Instant> expires_at;
  std::int64_t requests_per_minute = govern::kTokenRequestsPerMinute;
};
struct MadeToken {
  govern::ApiToken token;
  std::string secret;
};
Result<MadeToken> create_token(const Call& call, const NewToken& asked) {
  LINNET_CHECK(refuse_tokens(call));
  const auto user = asked.user.value_or(call.who.user_id);
  if (user != call.who.user_id && !call.who.may(Permission::people))
    return Error::of(ErrorKind::denied, "user: tokens of others need the right \"people\"");
  if (user.empty()) return invalid("user: expected whose token it is; add a person first");
  LINNET_CHECK(check_limit(call, asked.requests_per_minute));
  for (const auto permission : asked.scopes) {
    // Nobody makes a token that may do more than they may themselves.
    if (!call.who.may(permission) && !call.who.may(Permission::people))
      return Error::of(ErrorKind::denied,
                       fmt::format("scopes: you have no right to {}", to_string(permission)));
  }
  LINNET_TRY(auto made, people_of(call).create_token(
                            user, {asked.name, asked.scopes, asked.expires_at, asked.requests_per_minute},
                            call.who.name));
  return MadeToken{std::move(made.token), std::move(made.secret)};
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

struct TokenChange {
  std::optional<std::int64_t> requests_per_minute;
};
Result<govern::ApiToken> change_token(const Call& call, const TokenChange& wanted) {
  LINNET_TRY(auto token, find_token(call));
  token.requests_per_minute = wanted.requests_per_minute.value_or(token.requests_per_minute);
  LINNET_CHECK(check_limit(call, token.requests_per_minute));
  LINNET_CHECK(people_of(call).set_token_limit(token.id, token.requests_per_minute, call.who.name));
  return token;
}

Result<Revoked> revoke_token(const Call& call) {
  LINNET_TRY(const auto token, find_token(call));
  LINNET_CHECK(people_of(call).revoke_token(token.id, call.who.name));
  return Revoked();
}

}  // namespace

}  // namespace linnet::api

namespace linnet::record {

using namespace linnet::api;

template <>
const Entity& entity_of<NewUser>() {
  static const Entity described = entity<NewUser>(
      {.name = "NewUser",
       .example = R"({"name":"ada","role":"viewer","password":"correct horse battery staple"})"},
      {field<&NewUser::name>("name").required(), field<&NewUser::role>("role"),
       field<&NewUser::password>("password")});
  return described;
}
template <>
const Entity& entity_of<UserChange>() {
  static const Entity described = entity<UserChange>(
      {.name = "UserChange", .example = R"({"role":"author","extra_permissions":["stop"]})"},
      {field<&UserChange::role>("role"),
       field<&UserChange::extra_permissions>("extra_permissions")
           .means("Those beside the role's; the list replaces the one before"),
       field<&UserChange::password>("password"), field<&UserChange::is_active>("is_active"),
       field<&UserChange::sign_out>("sign_out").means("Ends all their sessions")});
  return described;
}
template <>
const Entity& entity_of<NewToken>() {
  static const Entity described = entity<NewToken>(
      {.name = "NewToken", .example = R"({"name":"reports","scopes":["read"]})"},
      {field<&NewToken::name>("name").required(),
       field<&NewToken::user>("user").means("Whose; one's own if absent"),
       field<&NewToken::scopes>("scopes").required(), field<&NewToken::expires_at>("expires_at"),
       field<&NewToken::requests_per_minute>("requests_per_minute")
           .between(1, govern::kMostRequestsPerMinute)});
  return described;
}
template <>
const Entity& entity_of<TokenChange>() {
  static const Entity described = entity<TokenChange>(
      {.name = "TokenChange"}, {field<&TokenChange::requests_per_minute>("requests_per_minute")
                                    .between(1, govern::kMostRequestsPerMinute)});
  return described;
}
}  // namespace linnet::record

namespace linnet::api {

// A token is shown with its secret once.
template <>
struct Shape<MadeToken> {
  static json::value show(const MadeToken& made) {
    auto object = record::to_json(made.token);
    object["secret"] = made.secret;
    return object;
  }
  static json::object schema(json::object& components) {
    const json::object secret{{"type", "object"},
                              {"properties", {{"secret", {{"type", "string"}}}}},
                              {"required", json::array{"secret"}}};
    return {{"allOf", json::array{Shape<govern::ApiToken>::schema(components), secret}}};
  }
};

std::vector<Route> access_routes() {
  using net::Method;
  constexpr auto kLive = Freshness::live;
  return {
      typed({Permission::people, Method::get, "/api/v1/users", "People who use Linnet", {}, {}, 200, kLive},
            users),
      in_lane(net::Lane::slow,
              typed({Permission::people, Method::post, "/api/v1/users", "Add a person", {}, {}, 201, kLive},
                    add_user)),
      in_lane(net::Lane::slow, typed({Permission::people,
                                      Method::post,
                                      "/api/v1/users/{id}",
                                      "Change a person's role, extra rights, password, state",
                                      {},
                                      {},
                                      200,
                                      kLive},
                                     change_user)),
      typed({Permission::read,
             Method::get,
             "/api/v1/tokens",
             "API tokens: one's own, or all",
             {},
             {},
             200,
             kLive},
            tokens),
      typed({Permission::read,
             Method::post,
             "/api/v1/tokens",
             "Make an API token; its secret is shown once",
             {},
             {},
             201,
             kLive},
            create_token),
      typed({Permission::read,
             Method::post,
             "/api/v1/tokens/{id}",
             "Change how many requests a minute a token may send",
             {},
             {},
             200,
             kLive},
            change_token),
      typed({Permission::read,
             Method::post,
             "/api/v1/tokens/{id}/revoke",
             "Revoke an API token",
             {},
             {},
             200,
             kLive},
            revoke_token),
  };
}

}  // namespace linnet::api
