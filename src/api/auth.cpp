#include "api/auth.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "net/url.hpp"

namespace linnet::api {
namespace {

constexpr std::string_view kCookie = "linnet_session";
constexpr std::string_view kSecureCookie = "__Host-linnet_session";
constexpr int kCookieDays = 30;

govern::Who owner() {
  govern::Who who;
  who.name = "owner";
  who.permissions = govern::permissions_of(govern::Role::admin);
  who.is_person = true;
  return who;
}

// "" when there is none.
std::string_view bearer_token(const net::Request& request) {
  const auto field = request.header("Authorization").value_or("");
  constexpr std::string_view kScheme = "bearer ";
  if (field.size() <= kScheme.size() || fold_case(field.substr(0, kScheme.size())) != kScheme) return {};
  return trim(field.substr(kScheme.size()));
}

std::string_view session_token(const net::Request& request) {
  auto rest = request.header("Cookie").value_or("");
  while (!rest.empty()) {
    const auto end = std::min(rest.find(';'), rest.size());
    const auto pair = trim(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    const auto name = pair.substr(0, equals);
    // Behind https only the cookie that is bound to this host counts.
    if (name == (request.is_https() ? kSecureCookie : kCookie)) return pair.substr(equals + 1);
  }
  return {};
}

bool is_from_here(const net::Request& request) {
  // A proxy in front is on this machine as well: what it passes on comes from elsewhere, trusted or not.
  for (const auto* sign :
       {"X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP", "Forwarded"})
    if (request.header(sign)) return false;
  const auto remote = request.remote();
  return remote.empty() || remote == "::1" || net::is_loopback_host(remote) ||
         net::is_loopback_host("[" + std::string(remote) + "]");
}

}  // namespace

Result<govern::Who> authenticate(govern::People& people, const net::Request& request) {
  if (const auto token = bearer_token(request); !token.empty())
    return people.who_has_token(std::string(token), std::string(request.remote()));
  if (const auto token = session_token(request); !token.empty()) {
    LINNET_TRY(auto who, people.who_has_session(std::string(token)));
    if (who) return std::move(*who);
  }
  LINNET_TRY(const bool is_guarded, people.has_passwords());
  if (!is_guarded && is_from_here(request)) return owner();
  return govern::Who{};
}

std::optional<govern::Who> authenticate_from_memory(const govern::People& people,
                                                    const net::Request& request) {
  if (const auto token = bearer_token(request); !token.empty())
    return people.remembered(std::string(token), govern::People::Sign::token);
  if (const auto token = session_token(request); !token.empty())
    return people.remembered(std::string(token), govern::People::Sign::session);
  const auto is_guarded = people.remembered_has_passwords();
  if (!is_guarded) return {};
  return !*is_guarded && is_from_here(request) ? owner() : govern::Who{};
}

void ask_who(net::Headers& headers) {
  headers.add(std::string(kAsksWho), "Bearer realm=\"Linnet\"");
}

std::string whole_seconds(Duration wait) {
  return std::to_string(std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(wait).count()));
}

net::Response unauthorised(const Error& error) {
  auto response =
      net::problem(error.kind == ErrorKind::denied ? 401 : net::http_status(error.kind), error.safe);
  if (response.status == 401) ask_who(response.headers);
  return response;
}

net::Response refuse(const govern::Who& who, govern::Permission needed) {
  if (!who.is_known()) return unauthorised(Error::of(ErrorKind::denied, "sign in, or give a token"));
  return net::problem(403,
                      fmt::format("this needs the right \"{}\"; an admin can give it", to_string(needed)));
}

std::string pass_of(const govern::Who& who) {
  if (!who.token_id.empty()) return std::string(kTokenPass) + who.token_id;
  if (!who.session_id.empty()) return std::string(kSessionPass) + who.session_id;
  return std::string(who.is_known() ? kOwnerPass : "");
}

Status check_csrf(const govern::Who& who, const net::Request& request) {
  if (who.session_id.empty() || request.method() == net::Method::get ||
      request.method() == net::Method::options)
    return {};
  const auto shown = request.header("X-Linnet-CSRF").value_or("");
  if (!shown.empty() && shown == who.csrf) return {};
  return Error::of(ErrorKind::denied,
                   "X-Linnet-CSRF: expected the token that GET /api/v1/session gives; reload the page");
}

std::string session_cookie(std::string_view token, const net::Request& request) {
  const bool secure = request.is_https();
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{}",
                     secure ? kSecureCookie : kCookie, token, token.empty() ? 0 : kCookieDays * 86'400,
                     secure ? "; Secure" : "");
}

}  // namespace linnet::api
