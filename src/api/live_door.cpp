#include "api/live_door.hpp"

#include "api/auth.hpp"
#include "api/live_filter.hpp"
#include "base/log.hpp"

namespace linnet::api {
namespace {

// What a listener came in by, as one word.
constexpr std::string_view kToken = "token ";
constexpr std::string_view kSession = "session ";
constexpr std::string_view kOwner = "owner";

std::string pass_of(const govern::Who& who) {
  if (!who.token_id.empty()) return std::string(kToken) + who.token_id;
  if (!who.session_id.empty()) return std::string(kSession) + who.session_id;
  return std::string(kOwner);
}

// `denied` says why it holds no more.
Status check_pass(govern::People& people, std::string_view pass) {
  if (pass == kOwner) {
    LINNET_TRY(const bool has_passwords, people.has_passwords());
    if (has_passwords) return Error::of(ErrorKind::denied, "people have passwords now; sign in to listen");
    return {};
  }
  const bool is_token = pass.starts_with(kToken);
  const std::string id(pass.substr(is_token ? kToken.size() : kSession.size()));
  LINNET_TRY(const auto who, is_token ? people.token_now(id) : people.session_now(id));
  if (who.may(govern::Permission::read)) return {};
  return Error::of(ErrorKind::denied, "the right to read was taken");
}

}  // namespace

net::LiveHubOptions live_door(govern::People& people) {
  net::LiveHubOptions options;
  options.on_connect =
      [&people](const net::Request& request) -> std::variant<net::LiveHubOptions::Guest, net::Response> {
    const auto who = authenticate(people, request);
    if (!who) return unauthorised(who.error());
    if (!who->may(govern::Permission::read)) return refuse(*who, govern::Permission::read);
    return net::LiveHubOptions::Guest{{}, pass_of(*who)};
  };
  options.on_text = subscribe;
  return options;
}

void end_the_refused(govern::People& people, net::LiveHub& hub) {
  for (const auto& pass : hub.passes()) {
    const auto holds = check_pass(people, pass);
    if (holds) continue;
    if (holds.error().kind == ErrorKind::denied) {
      hub.end(pass, holds.error().safe);
    } else {
      log::warn("live: cannot look at who listens: {}", holds.error().message);
    }
  }
}

}  // namespace linnet::api
