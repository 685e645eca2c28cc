#include "connect/browser_sign_ins.hpp"

#include <algorithm>

#include "connect/every_platform.hpp"
#include "net/url.hpp"

namespace linnet::connect {
namespace {

std::string value_of(const BrowserSignIns::Answer& answer, const char* name) {
  const auto place = answer.find(name);
  return place == answer.end() ? std::string() : place->second;
}

Error not_under_way() {
  return invalid(
      "state: this sign-in is not under way any more, or was begun by somebody else: begin it again");
}

}  // namespace

BrowserSignIns::BrowserSignIns(net::HttpTransport& transport, Clock& clock, RequestBudgets& budgets,
                               PlatformSettings settings, Doors doors)
    : transport_(transport),
      clock_(clock),
      budgets_(budgets),
      settings_(std::move(settings)),
      doors_(std::move(doors)) {}

Result<BrowserSignIns::Begun> BrowserSignIns::begin(const Wanted& wanted) {
  LINNET_TRY(const auto* const door, platform_named("platform", wanted.platform));
  LINNET_TRY(const auto address, net::normalise_instance_url(wanted.address));
  LINNET_TRY(const auto page, net::parse_url(wanted.origin));
  LINNET_CHECK(door->sign_in.check_way_back(page));
  LINNET_CHECK(doors_.may_add(wanted.platform, address));
  LINNET_TRY(auto started,
             door->sign_in.begin(request_for(wanted, address, door->sign_in.registers_apps), {}));
  const auto now = clock_.now();
  under_way_.with([&](Table& table) {
    make_room(table, now);
    table[started.state] = {wanted.pass, wanted.actor, now + kPatience, wanted.expected,
                            std::move(started.finish)};
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

SignInRequest BrowserSignIns::request_for(const Wanted& wanted, const std::string& address,
                                          bool registers_apps) {
  SignInRequest request{{transport_, budgets_.of(address, ""), clock_, address},
                        settings_,
                        wanted.acts,
                        wanted.name,
                        wanted.origin + std::string(kPage),
                        {}};
  if (registers_apps && doors_.kept_apps)
    request.kept_apps = doors_.kept_apps(wanted.platform, address, wanted.acts);
  return request;
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
  account.actor = mine->actor;
  return doors_.keep(account);
}

}  // namespace linnet::connect
