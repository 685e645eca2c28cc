#include "connect/sign_in_here.hpp"

#include "net/loopback_redirect.hpp"

namespace linnet::connect {
namespace {

// Where a kept registration sends the browser, if nobody else listens there; else anywhere.
Result<net::LoopbackRedirect> listen_for(const KeptApps& kept) {
  std::vector<AppRegistration> apps;
  if (kept.list) {
    LINNET_TRY(apps, kept.list());
  }
  for (const auto& app : apps) {
    const auto url = net::parse_url(app.redirect_uri);
    if (!url || !net::is_loopback_host(url->host)) continue;
    auto redirect = net::LoopbackRedirect::listen(url->port);
    if (redirect && redirect->redirect_uri() == app.redirect_uri) return redirect;
  }
  return net::LoopbackRedirect::listen();
}

}  // namespace

Result<SignedInAccount> sign_in_here(const SignInDoor& door, SignInRequest request,
                                     const std::function<void(const std::string& url)>& show,
                                     Duration timeout, const std::stop_token& stop) {
  LINNET_TRY(auto redirect, listen_for(request.kept_apps));
  request.redirect_uri = redirect.redirect_uri();
  LINNET_TRY(const auto started, door.begin(request, stop));
  show(started.authorize_url);
  LINNET_TRY(const auto answer, redirect.wait(started.state, timeout, stop));
  return started.finish(answer);
}

}  // namespace linnet::connect
