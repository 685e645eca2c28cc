#include "connect/browser_sign_ins.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/text.hpp"
#include "connect/bluesky/oauth.hpp"
#include "connect/request_budget.hpp"
#include "net/url.hpp"

namespace linnet::connect {
namespace {

std::string value_of(const BrowserSignIns::Answer& answer, const char* name) {
  const auto place = answer.find(name);
  return place == answer.end() ? std::string() : place->second;
}

// The answer holds what lets Linnet in: it comes back by https, or does not leave the machine.
Status check_way_back(std::string_view platform, const net::Url& page) {
  const bool is_here = net::is_loopback_host(page.host);
  if (platform == "mastodon") {
    if (page.scheme == "https" || is_here) return {};
    return invalid(fmt::format(
        "the server could send the browser back to {} only in the clear: open Linnet by https or on "
        "its own machine, or paste an access token",
        page.origin()));
  }
  // atproto.com/specs/oauth, «localhost client development»: the one way without an address of its own.
  if (page.scheme == "http" && (page.host == "127.0.0.1" || page.host == "[::1]")) return {};
  if (is_here) {
    return invalid(
        fmt::format("Bluesky sends the browser back to no other name of this machine: open Linnet at "
                    "http://127.0.0.1:{}, or use an app password",
                    page.port));
  }
  return invalid(fmt::format(
      "Bluesky sends the browser back only to the machine that it runs on, and {} is elsewhere: open "
      "Linnet on its own machine, or use an app password",
      page.origin()));
}

Error not_under_way() {
  return invalid(
      "state: this sign-in is not under way any more, or was begun by somebody else: begin it again");
}

}  // namespace

BrowserSignIns::BrowserSignIns(net::HttpTransport& transport, Clock& clock, std::string plc_directory,
                               Doors doors)
    : transport_(transport),
      clock_(clock),
      plc_directory_(std::move(plc_directory)),
      doors_(std::move(doors)) {}

Result<BrowserSignIns::Begun> BrowserSignIns::begin(const Wanted& wanted) {
  if (wanted.platform != "mastodon" && wanted.platform != "bluesky") {
    return invalid(
        fmt::format("platform: expected mastodon or bluesky, got \"{}\"", wanted.platform.substr(0, 40)));
  }
  LINNET_TRY(const auto address, net::normalise_instance_url(wanted.address));
  LINNET_TRY(const auto page, net::parse_url(wanted.origin));
  LINNET_CHECK(check_way_back(wanted.platform, page));
  LINNET_CHECK(doors_.may_add(wanted.platform, address));
  LINNET_TRY(auto started, wanted.platform == "mastodon" ? start_mastodon(wanted, address)
                                                         : start_bluesky(wanted, address));
  const auto now = clock_.now();
  under_way_.with([&](Table& table) {
    make_room(table, now);
    table[started.state] = {wanted.pass, now + kPatience, wanted.expected, std::move(started.finish)};
  });
  return Begun{std::move(started.authorize_url), now + kPatience};
}

void BrowserSignIns::make_room(Table& table, Instant now) {
  std::erase_if(table, [&](const auto& entry) { return entry.second.expires_at <= now; });
  if (table.size() < kMostUnderWay) return;
  table.erase(std::min_element(table.begin(), table.end(), [](const auto& one, const auto& other) {
    return one.second.expires_at < other.second.expires_at;
  }));
}

Result<BrowserSignIns::Started> BrowserSignIns::start_mastodon(const Wanted& wanted,
                                                               const std::string& address) {
  struct Parts {
    Parts(net::HttpTransport& transport, Clock& clock, const std::string& server, std::string_view scopes,
          mastodon::KeptApps kept)
        : budget(clock), oauth(transport, budget, server, scopes, std::move(kept)) {}
    RequestBudget budget;
    mastodon::OAuth oauth;
  };
  const std::string scopes(wanted.acts ? mastodon::kActingScopes : mastodon::kScopes);
  auto kept = doors_.kept_apps ? doors_.kept_apps(address, scopes) : mastodon::KeptApps{};
  const auto parts = std::make_shared<Parts>(transport_, clock_, address, scopes, std::move(kept));
  LINNET_TRY(const auto pending, parts->oauth.begin(wanted.origin + std::string(kPage), {}));
  const auto finish = [parts, pending, address, scopes](const Answer& answer) -> Result<SignedInAccount> {
    if (value_of(answer, "code").empty()) {
      const auto said = value_of(answer, "error_description");
      return Error::of(ErrorKind::denied,
                       fmt::format("{} did not let Linnet in{}{}", address, said.empty() ? "" : ": ",
                                   to_valid_utf8(truncate_utf8(said, 200))));
    }
    LINNET_TRY(const auto signed_in, parts->oauth.finish(pending, value_of(answer, "code"), {}));
    SignedInAccount account{
        "mastodon", address, signed_in.account.id, signed_in.account.username, signed_in.account.display_name,
        {}};
    account.credentials.token = signed_in.token;
    account.credentials.client_id = signed_in.app.client_id;
    account.credentials.client_secret = signed_in.app.client_secret;
    account.scopes = scopes;
    return account;
  };
  return Started{pending.authorize_url, pending.state, finish};
}

Result<BrowserSignIns::Started> BrowserSignIns::start_bluesky(const Wanted& wanted,
                                                              const std::string& address) {
  const auto budget = std::make_shared<RequestBudget>(clock_);
  LINNET_TRY(auto made, bluesky::OAuth::start(transport_, *budget, clock_, address, plc_directory_));
  const auto oauth = std::make_shared<bluesky::OAuth>(std::move(made));
  LINNET_TRY(const auto pending, oauth->begin(wanted.origin + std::string(kPage), wanted.name, {}));
  const auto finish = [budget, oauth, pending, address](const Answer& answer) -> Result<SignedInAccount> {
    LINNET_TRY(const auto signed_in, oauth->finish(pending, answer, {}));
    return SignedInAccount{"bluesky", address, signed_in.did, signed_in.handle, "", signed_in.credentials};
  };
  return Started{pending.authorize_url, pending.state, finish};
}

Result<AccountId> BrowserSignIns::finish(const Answer& answer, const std::string& pass) {
  const auto now = clock_.now();
  const auto state = value_of(answer, "state");
  auto mine = under_way_.with([&](Table& table) -> std::optional<UnderWay> {
    const auto place = table.find(state);
    // Whoever did not begin it cannot use it up either.
    if (place == table.end() || place->second.pass != pass) return {};
    auto taken = std::move(place->second);
    table.erase(place);
    return taken;
  });
  if (!mine || mine->expires_at <= now) return not_under_way();
  LINNET_TRY(auto account, mine->finish(answer));
  account.expected = mine->expected;
  return doors_.keep(account);
}

}  // namespace linnet::connect
