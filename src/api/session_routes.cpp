// Signing in and out, and one's own password.
#include "api/auth.hpp"
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

json::object who_json(const govern::Who& who) {
  return {{"signed_in", who.is_known()},
          {"user_id", who.user_id.empty() ? json::value() : json::value(who.user_id)},
          {"name", who.name.empty() ? json::value() : json::value(who.name)},
          {"permissions", names_of(who.permissions)}};
}

// A wrong password is answered by 401, and too many of them by 429 with how long to wait.
Result<govern::SignedInSession> sign_in_by(const Call& call, const std::string& name,
                                           const std::string& password) {
  auto& people = people_of(call);
  const std::string remote(call.request.remote());
  auto signed_in = people.sign_in(name, password, remote);
  if (signed_in) return signed_in;
  if (signed_in.error().kind == ErrorKind::denied) ask_who(call.headers);
  if (signed_in.error().kind == ErrorKind::rate_limited)
    call.headers.add("Retry-After", whole_seconds(people.sign_in_wait(name, remote)));
  return signed_in;
}

Answer session(const Call& call) {
  auto object = who_json(call.who);
  object["csrf"] = call.who.csrf.empty() ? json::value() : json::value(call.who.csrf);
  LINNET_TRY(const bool has_passwords, people_of(call).has_passwords());
  object["needs_password"] = has_passwords;
  return object;
}

// {"name": …, "password": …}
Answer sign_in(const Call& call) {
  LINNET_TRY(const auto object, parse_json_object("body", call.request.body()));
  JsonFields fields(object);
  std::string name;
  std::string password;
  LINNET_CHECK(fields.text("name", name));
  LINNET_CHECK(fields.text("password", password));
  LINNET_CHECK(fields.nothing_else());
  LINNET_TRY(const auto signed_in, sign_in_by(call, name, password));
  // The session before it ends: nobody goes on under a token that somebody else may have planted.
  if (!call.who.session_id.empty()) LINNET_CHECK(people_of(call).sign_out(call.who.session_id));
  call.headers.add("Set-Cookie", session_cookie(signed_in.token, call.request));
  auto answer = who_json(signed_in.who);
  answer["csrf"] = signed_in.csrf;
  return answer;
}

Answer sign_out(const Call& call) {
  if (!call.who.session_id.empty()) LINNET_CHECK(people_of(call).sign_out(call.who.session_id));
  call.headers.add("Set-Cookie", session_cookie("", call.request));
  return json::object{{"signed_in", false}};
}

// {"old": …, "new": …}: one's own. Ends all sessions and begins another.
Answer change_own_password(const Call& call) {
  LINNET_TRY(const auto object, parse_json_object("body", call.request.body()));
  JsonFields fields(object);
  std::string before;
  std::string after;
  LINNET_CHECK(fields.text("old", before));
  LINNET_CHECK(fields.text("new", after));
  LINNET_CHECK(fields.nothing_else());
  if (call.who.session_id.empty()) return Error::of(ErrorKind::denied, "sign in by password first");
  LINNET_TRY(const auto proof, sign_in_by(call, call.who.name, before));
  LINNET_CHECK(people_of(call).set_password(proof.who.user_id, after, call.who.name));
  LINNET_TRY(const auto fresh, sign_in_by(call, call.who.name, after));
  call.headers.add("Set-Cookie", session_cookie(fresh.token, call.request));
  auto answer = who_json(fresh.who);
  answer["csrf"] = fresh.csrf;
  return answer;
}

}  // namespace

std::vector<Route> session_routes() {
  using net::Method;
  constexpr auto kLive = Freshness::live;
  return {
      {Permission::open,
       Method::get,
       "/api/v1/session",
       "Who is signed in, and what they may do",
       {},
       session,
       200,
       kLive},
      // Passwords are hard work on purpose, and strangers may ask for it.
      in_lane(
          net::Lane::slow,
          with_body(kSmallBody,
                    {Permission::open, Method::post, "/api/v1/session", "Sign in", {}, sign_in, 200, kLive})),
      with_body(
          kSmallBody,
          {Permission::open, Method::post, "/api/v1/session/end", "Sign out", {}, sign_out, 200, kLive}),
      in_lane(net::Lane::slow, with_body(kSmallBody, {Permission::read,
                                                      Method::post,
                                                      "/api/v1/session/password",
                                                      "Change one's own password",
                                                      {},
                                                      change_own_password,
                                                      200,
                                                      kLive})),
  };
}

}  // namespace linnet::api
