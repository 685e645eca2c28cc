#include "api/live_door.hpp"

#include "api/auth.hpp"
#include "api/limits.hpp"
#include "api/live_filter.hpp"
#include "base/log.hpp"

namespace linnet::api {
namespace {

// `denied` says why it holds no more.
Status check_pass(govern::People& people, std::string_view pass) {
  if (pass == kOwnerPass) {
    LINNET_TRY(const bool has_passwords, people.has_passwords());
    if (has_passwords) return Error::of(ErrorKind::denied, "people have passwords now; sign in to listen");
    return {};
  }
  const bool is_token = pass.starts_with(kTokenPass);
  const std::string id(pass.substr(is_token ? kTokenPass.size() : kSessionPass.size()));
  LINNET_TRY(const auto who, is_token ? people.token_now(id) : people.session_now(id));
  if (who.may(govern::Permission::read)) return {};
  return Error::of(ErrorKind::denied, "the right to read was taken");
}

}  // namespace

net::LiveHubOptions live_door(Api& api) {
  net::LiveHubOptions options;
  options.on_connect =
      [&api](const net::Request& request) -> std::variant<net::LiveHubOptions::Guest, net::Response> {
    const auto who = authenticate(*api.dependencies.people, request);
    if (!who) return unauthorised(who.error());
    const auto allowance = count_request(api, *who, request);
    if (allowance && !allowance->is_allowed)
      return too_many_requests(*allowance, api.dependencies.clock.now());
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
