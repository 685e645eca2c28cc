// Signing in and out, and one's own password.
#include "api/auth.hpp"
#include "api/typed_routes.hpp"
#include "govern/permissions_member.hpp"

namespace linnet::api {
namespace {

using govern::Permission;

govern::People& people_of(const Call& call) {
  return *call.api.dependencies.people;
}

// Who is signed in, and what they may do.
struct SignedIn {
  bool signed_in = false;
  std::string user_id;
  std::string name;
  govern::Permissions permissions;
  std::string csrf;
};
SignedIn signed_in_as(const govern::Who& who, const std::string& csrf) {
  return {who.is_known(), who.user_id, who.name, who.permissions, csrf};
}
struct SessionState {
  SignedIn who;
  bool needs_password = false;
};
struct SignedOut {
  bool signed_in = false;
};

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

Result<SessionState> session(const Call& call) {
  LINNET_TRY(const bool has_passwords, people_of(call).has_passwords());
  return SessionState{signed_in_as(call.who, call.who.csrf), has_passwords};
}

struct SignInRequest {
  std::string name;
  std::string password;
};
Result<SignedIn> sign_in(const Call& call, const SignInRequest& given) {
  LINNET_TRY(const auto signed_in, sign_in_by(call, given.name, given.password));
  // The session before it ends: nobody goes on under a token that somebody else may have planted.
  if (!call.who.session_id.empty()) LINNET_CHECK(people_of(call).sign_out(call.who.session_id));
  call.headers.add("Set-Cookie", session_cookie(signed_in.token, call.request));
  return signed_in_as(signed_in.who, signed_in.csrf);
}

Result<SignedOut> sign_out(const Call& call) {
  if (!call.who.session_id.empty()) LINNET_CHECK(people_of(call).sign_out(call.who.session_id));
  call.headers.add("Set-Cookie", session_cookie("", call.request));
  return SignedOut();
}

// One's own. Ends all sessions and begins another.
struct PasswordChange {
  std::string before;
  std::string after;
};
Result<SignedIn> change_own_password(const Call& call, const PasswordChange& given) {
  if (call.who.session_id.empty()) return Error::of(ErrorKind::denied, "sign in by password first");
  LINNET_TRY(const auto proof, sign_in_by(call, call.who.name, given.before));
  LINNET_CHECK(people_of(call).set_password(proof.who.user_id, given.after, call.who.name));
  LINNET_TRY(const auto fresh, sign_in_by(call, call.who.name, given.after));
  call.headers.add("Set-Cookie", session_cookie(fresh.token, call.request));
  return signed_in_as(fresh.who, fresh.csrf);
}

}  // namespace

}  // namespace linnet::api

namespace linnet::record {

using namespace linnet::api;

template <>
const Entity& entity_of<SignedIn>() {
  static const auto described = entity<SignedIn>(
      {.name = "SignedIn"},
      {field<&SignedIn::signed_in>("signed_in"), field<&SignedIn::user_id>("user_id").or_null_in_json(),
       field<&SignedIn::name>("name").or_null_in_json(), field<&SignedIn::permissions>("permissions"),
       field<&SignedIn::csrf>("csrf").or_null_in_json().means(
           "Goes as X-Linnet-CSRF with whatever changes something")});
  return described;
}
template <>
const Entity& entity_of<SessionState>() {
  static const auto described = entity<SessionState>(
      {.name = "Session", .bases = {within<&SessionState::who>()}},
      {field<&SessionState::needs_password>("needs_password").means("Whether anybody has a password")});
  return described;
}
template <>
const Entity& entity_of<SignedOut>() {
  static const auto described =
      entity<SignedOut>({.name = "SignedOut"}, {field<&SignedOut::signed_in>("signed_in")});
  return described;
}
template <>
const Entity& entity_of<SignInRequest>() {
  static const auto described = entity<SignInRequest>(
      {.name = "SignInRequest"},
      {field<&SignInRequest::name>("name"), field<&SignInRequest::password>("password")});
  return described;
}
template <>
const Entity& entity_of<PasswordChange>() {
  static const auto described =
      entity<PasswordChange>({.name = "PasswordChange"},
                             {field<&PasswordChange::before>("old"), field<&PasswordChange::after>("new")});
  return described;
}

}  // namespace linnet::record

namespace linnet::api {

std::vector<Route> session_routes() {
  using net::Method;
  constexpr auto kLive = Freshness::live;
  return {
      typed({Permission::open,
             Method::get,
             "/api/v1/session",
             "Who is signed in, and what they may do",
             {},
             {},
             200,
             kLive},
            session),
      // Passwords are hard work on purpose, and strangers may ask for it.
      in_lane(
          net::Lane::slow,
          with_body(kSmallBody,
                    typed({Permission::open, Method::post, "/api/v1/session", "Sign in", {}, {}, 200, kLive},
                          sign_in))),
      with_body(kSmallBody,
                typed({Permission::open, Method::post, "/api/v1/session/end", "Sign out", {}, {}, 200, kLive},
                      sign_out)),
      in_lane(net::Lane::slow, with_body(kSmallBody, typed({Permission::read,
                                                            Method::post,
                                                            "/api/v1/session/password",
                                                            "Change one's own password",
                                                            {},
                                                            {},
                                                            200,
                                                            kLive},
                                                           change_own_password))),
  };
}

}  // namespace linnet::api
