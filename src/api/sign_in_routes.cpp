// Signing in to a network by the browser: it is sent there, and comes back to a page of the web app, which
// finishes it. The cookie of the session does not come along with a redirect from elsewhere, and what
// finishes it shows the session's own token, so that no other page can.
#include <fmt/format.h>

#include "act/account_page.hpp"
#include "api/account_routes.hpp"
#include "api/auth.hpp"
#include "api/typed_routes.hpp"
#include "model/instances.hpp"

namespace linnet::api {
namespace {

using govern::Permission;

// As the browser knows our pages. The server has made sure that another site's page is not answered.
std::string origin_of(const net::Request& request) {
  const auto origin = request.header("Origin").value_or("");
  if (!origin.empty()) return std::string(origin);
  return fmt::format("{}://{}", request.is_https() ? "https" : "http", request.header("Host").value_or(""));
}

Result<connect::BrowserSignIns*> sign_ins_of(const Call& call) {
  auto* const sign_ins = call.api.dependencies.browser_sign_ins;
  if (sign_ins == nullptr) return Error::of(ErrorKind::denied, "accounts cannot be added here");
  return sign_ins;
}

struct BrowserSignIn {
  std::string platform;
  std::string address;
  std::string name;
  bool act = true;
  std::string account_id;
};
Result<connect::BrowserSignIns::Begun> begin(const Call& call, const BrowserSignIn& given) {
  connect::BrowserSignIns::Wanted wanted;
  wanted.platform = given.platform;
  wanted.address = given.address;
  wanted.name = given.name;
  wanted.acts = given.act;
  LINNET_CHECK(read_expected(call, given.account_id, wanted.platform, wanted.address, wanted.expected));
  LINNET_TRY(auto* const sign_ins, sign_ins_of(call));
  wanted.origin = origin_of(call.request);
  wanted.pass = pass_of(call.who);
  wanted.actor = call.who.name;
  return sign_ins->begin(wanted);
}

// What the browser came back with.
struct CameBack {
  std::string state, code, iss, error, error_description;
};
Result<act::AccountPage> finish(const Call& call, const CameBack& given) {
  const connect::BrowserSignIns::Answer answer{{"state", given.state},
                                               {"code", given.code},
                                               {"iss", given.iss},
                                               {"error", given.error},
                                               {"error_description", given.error_description}};
  LINNET_TRY(auto* const sign_ins, sign_ins_of(call));
  LINNET_TRY(const auto id, sign_ins->finish(answer, pass_of(call.who)));
  LINNET_TRY(const auto account, call.api.dependencies.accounts->find(id.value()));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  return act::account_page(*reader, account);
}

}  // namespace

Status read_expected(const Call& call, const std::string& id, std::string& platform, std::string& address,
                     std::optional<connect::AccountId>& expected) {
  if (id.empty()) return {};
  if (!platform.empty() || !address.empty())
    return invalid("platform, address: the account has its own; leave them out with account_id");
  LINNET_TRY(const auto account, call.api.dependencies.accounts->find(id));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(auto url, model::address_of(*reader, account.instance));
  platform = account.platform;
  address = std::move(url);
  expected = account.id;
  return {};
}

}  // namespace linnet::api

namespace linnet::record {

using namespace linnet::api;
using Begun = connect::BrowserSignIns::Begun;

template <>
const Entity& entity_of<BrowserSignIn>() {
  using Wanted = BrowserSignIn;
  static const auto described = entity<Wanted>(
      {.name = "BrowserSignIn",
       .example = R"({"platform":"mastodon","address":"https://example.social","act":true})"},
      {field<&Wanted::platform>("platform"), field<&Wanted::address>("address").means("Of the server"),
       field<&Wanted::name>("name").means("Fills in the handle, where the network takes that"),
       field<&Wanted::act>("act").means("Leave to post, like and follow as well, not to read alone"),
       field<&Wanted::account_id>("account_id")
           .means("The one that signs in again, in place of platform and address")});
  return described;
}
template <>
const Entity& entity_of<CameBack>() {
  static const auto described =
      entity<CameBack>({.name = "CameBack", .example = R"({"state":"xyz","code":"abc"})"},
                       {field<&CameBack::state>("state").at_most(kLongestSecret),
                        field<&CameBack::code>("code").at_most(kLongestSecret),
                        field<&CameBack::iss>("iss").at_most(kLongestSecret),
                        field<&CameBack::error>("error").at_most(kLongestSecret),
                        field<&CameBack::error_description>("error_description").at_most(kLongestSecret)});
  return described;
}
template <>
const Entity& entity_of<Begun>() {
  static const auto described = entity<Begun>(
      {.name = "BegunSignIn"},
      {field<&Begun::authorize_url>("authorize_url").like("https://example.social/oauth/authorize?state=x"),
       field<&Begun::expires_at>("expires_at")});
  return described;
}

}  // namespace linnet::record

namespace linnet::api {

std::vector<Route> sign_in_routes() {
  using net::Method;
  constexpr auto kLive = Freshness::live;
  return {
      typed({Permission::accounts,
             Method::post,
             "/api/v1/accounts/sign-in",
             "Begin signing in by the browser: gives the address to open",
             {},
             {},
             200,
             kLive},
            begin),
      typed({Permission::accounts,
             Method::post,
             "/api/v1/accounts/sign-in/finish",
             "Finish it with what the browser came back with",
             {},
             {},
             200,
             kLive},
            finish),
  };
}

}  // namespace linnet::api
