#include "connect/renewing_credentials.hpp"

#include <fmt/format.h>

namespace linnet::connect {

bool RenewingCredentials::end_within(Duration time) const {
  return credentials_.expires_at && *credentials_.expires_at - clock_.now() < time;
}

bool RenewingCredentials::take_from_others() {
  if (before_ || !keeping_.load) return false;
  auto kept = keeping_.load();
  if (!kept || kept->token == credentials_.token) return false;
  credentials_ = std::move(kept).value();
  return !credentials_.expires_at || *credentials_.expires_at > clock_.now();
}

Status RenewingCredentials::renew(const Ask& ask, const std::stop_token& stop) {
  std::unique_lock<std::mutex> renewing;
  if (keeping_.renewing) renewing = std::unique_lock(*keeping_.renewing);
  std::unique_ptr<RenewalTurn> turn;
  if (keeping_.alone) {
    LINNET_TRY(turn, keeping_.alone(stop));
  }
  if (take_from_others()) return {};
  if (credentials_.refresh_token.empty())
    return Error::of(ErrorKind::denied,
                     fmt::format("{}: the session has ended: sign in again", credentials_.service));
  const auto still_wanted = [&]() -> Status {
    if (turn == nullptr || turn->is_held()) return {};
    return unavailable("another process may renew the sign-in of this account by now; it is tried again");
  };
  auto renewed = ask(credentials_, still_wanted);
  // Refused, perhaps, as another process has used the token up: then it has what it got for it.
  if (!renewed && renewed.error().kind == ErrorKind::denied && take_from_others()) return {};
  if (!renewed) return renewed.error();
  if (!before_) before_ = credentials_;
  credentials_ = std::move(renewed).value();
  return keep();
}

Status RenewingCredentials::keep() {
  if (!before_ || !keeping_.keep) return {};
  LINNET_TRY(const bool is_kept, keeping_.keep(*before_, credentials_));
  if (!is_kept && keeping_.load) {
    LINNET_TRY(auto kept, keeping_.load());
    if (kept.token == before_->token) return unavailable("the renewed sign-in could not be kept");
    credentials_ = std::move(kept);
  }
  before_.reset();
  return {};
}

}  // namespace linnet::connect
