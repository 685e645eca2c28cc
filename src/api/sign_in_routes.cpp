// Signing in to a network by the browser: it is sent there, and comes back to a page of the web app, which
// finishes it. The cookie of the session does not come along with a redirect from elsewhere, and what
// finishes it shows the session's own token, so that no other page can.
#include <fmt/format.h>

#include "api/account_routes.hpp"
#include "api/auth.hpp"
#include "base/json_fields.hpp"
#include "model/instances.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;
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

// {"platform": …, "address": …, "name": …, "act": true, "account_id": the one that signs in again}
Answer begin(const Call& call) {
  LINNET_TRY(const auto object, parse_json_object("body", call.request.body()));
  JsonFields fields(object);
  connect::BrowserSignIns::Wanted wanted;
  std::string again;
  LINNET_CHECK(fields.text("platform", wanted.platform));
  LINNET_CHECK(fields.text("address", wanted.address));
  LINNET_CHECK(fields.text("name", wanted.name));
  LINNET_CHECK(fields.flag("act", wanted.acts));
  LINNET_CHECK(fields.text("account_id", again));
  LINNET_CHECK(fields.nothing_else());
  LINNET_CHECK(read_expected(call, again, wanted.platform, wanted.address, wanted.expected));
  LINNET_TRY(auto* const sign_ins, sign_ins_of(call));
  wanted.origin = origin_of(call.request);
  wanted.pass = pass_of(call.who);
  wanted.actor = call.who.name;
  LINNET_TRY(const auto begun, sign_ins->begin(wanted));
  return json::object{{"authorize_url", begun.authorize_url}, {"expires_at", to_iso8601(begun.expires_at)}};
}

// What the browser came back with: {"state": …, "code": …, "iss": …, "error": …, "error_description": …}
Answer finish(const Call& call) {
  LINNET_TRY(const auto object, parse_json_object("body", call.request.body()));
  JsonFields fields(object);
  connect::BrowserSignIns::Answer answer;
  for (const auto* const name : {"state", "code", "iss", "error", "error_description"})
    LINNET_CHECK(fields.text(name, answer[name], kLongestSecret));
  LINNET_CHECK(fields.nothing_else());
  LINNET_TRY(auto* const sign_ins, sign_ins_of(call));
  LINNET_TRY(const auto id, sign_ins->finish(answer, pass_of(call.who)));
  LINNET_TRY(const auto account, call.api.dependencies.accounts->find(id.value()));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  return account_json(*reader, account);
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

std::vector<Route> sign_in_routes() {
  using net::Method;
  constexpr auto kLive = Freshness::live;
  return {
      {Permission::accounts,
       Method::post,
       "/api/v1/accounts/sign-in",
       "Begin signing in by the browser: gives the address to open",
       {},
       begin,
       200,
       kLive},
      {Permission::accounts,
       Method::post,
       "/api/v1/accounts/sign-in/finish",
       "Finish it with what the browser came back with",
       {},
       finish,
       200,
       kLive},
  };
}

}  // namespace linnet::api
