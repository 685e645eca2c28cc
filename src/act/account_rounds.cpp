#include "act/account_rounds.hpp"

#include <fmt/format.h>

#include "act/block_check.hpp"
#include "act/carry_out.hpp"
#include "base/log.hpp"
#include "govern/platforms.hpp"

namespace linnet::act {
namespace {

Result<bool> has_turn(const AccountRounds& rounds, const connect::Account& account) {
  if (!account.is_active) return false;
  LINNET_TRY(auto reader, rounds.database.reader());
  return govern::is_platform_on(*reader, account.platform);
}

using Turn = std::function<Status(const connect::Account&, std::shared_ptr<connect::ActingConnector>)>;

Status go_round(const AccountRounds& rounds, std::string_view what, const std::stop_token& stop,
                const Turn& turn) {
  LINNET_TRY(const auto all, rounds.accounts.list());
  for (const auto& account : all) {
    if (stop.stop_requested()) return Error::of(ErrorKind::cancelled, "asked to stop");
    LINNET_TRY(const bool is_on, has_turn(rounds, account));
    if (!is_on) continue;
    auto connector = rounds.connector_for(account.id);
    const auto done = connector ? turn(account, std::move(*connector)) : Status(connector.error());
    if (!done && !stop.stop_requested()) log::warn("{} of {}: {}", what, account.username, done.error().safe);
  }
  return {};
}

Status note_what_it_takes(const AccountRounds& rounds, const connect::AccountId& account,
                          connect::ActingConnector& connector, const std::stop_token& stop) {
  LINNET_TRY(const auto limits, connector.limits(stop));
  return rounds.writer.write([&](store::Connection& connection) -> Status {
    LINNET_TRY(const auto acting, load_acting_account(connection, account));
    return note_limits(connection, acting, limits, connector.capabilities(), rounds.clock.now());
  });
}

}  // namespace

OnOptOut opt_out_into(govern::Blocklist& blocklist, std::string_view where) {
  return
      [&blocklist, how = fmt::format("asked for it {}", where)](const govern::PersonKey& person) -> Status {
        LINNET_TRY(const auto cancelled, blocklist.opt_out(person, how, "the person"));
        (void)cancelled;
        return {};
      };
}

Status read_messages(const AccountRounds& rounds, const std::stop_token& stop) {
  const auto on_opt_out = opt_out_into(rounds.blocklist, "in a message");
  return go_round(rounds, "messages", stop, [&](const auto& account, const auto& connector) -> Status {
    LINNET_TRY(const auto fresh, sync_messages(rounds.database, rounds.writer, rounds.clock, rounds.box,
                                               *connector, account.id, on_opt_out, stop));
    (void)fresh;
    return {};
  });
}

Status check_sign_ins(const AccountRounds& rounds, const std::stop_token& stop) {
  RequestEnds nothing_is_sent;
  const DispatcherOptions options;
  const auto check = block_check(rounds.blocklist);
  return go_round(rounds, "sign-in", stop, [&](const auto& account, auto connector) {
    Lane lane{rounds.database, rounds.writer,   rounds.clock, rounds.box,          check,
              options,         nothing_is_sent, "",           std::move(connector)};
    return check_credentials(lane, account.id, stop);
  });
}

Status learn_all_limits(const AccountRounds& rounds, const std::stop_token& stop) {
  return go_round(rounds, "limits", stop, [&](const auto& account, const auto& connector) -> Status {
    const auto learnt = note_what_it_takes(rounds, account.id, *connector, stop);
    if (!learnt && !stop.stop_requested()) log::info("limits: {}", learnt.error().safe);
    return {};
  });
}

void learn_limits(const AccountRounds& rounds, const connect::AccountId& account,
                  const std::stop_token& stop) {
  const auto learn = [&]() -> Status {
    LINNET_TRY(const auto found, rounds.accounts.find(account.value()));
    LINNET_TRY(const bool is_on, has_turn(rounds, found));
    if (!is_on) return {};
    LINNET_TRY(const auto connector, rounds.connector_for(account));
    return note_what_it_takes(rounds, account, *connector, stop);
  };
  const auto learnt = learn();
  if (!learnt && !stop.stop_requested()) log::info("limits: {}", learnt.error().safe);
}

}  // namespace linnet::act
