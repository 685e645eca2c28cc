#include "connect/renewing_credentials.hpp"

#include <fmt/format.h>

namespace linnet::connect {

bool RenewingCredentials::end_within(Duration time) const {
  return credentials_.expires_at && *credentials_.expires_at - clock_.now() < time;
}

bool RenewingCredentials::take_from_others() {
  if (is_unkept_ || !keeping_.load) return false;
  auto kept = keeping_.load();
  if (!kept || kept->token == credentials_.token) return false;
  credentials_ = std::move(kept).value();
  return !credentials_.expires_at || *credentials_.expires_at > clock_.now();
}

Status RenewingCredentials::renew(const Ask& ask, const std::stop_token& stop) {
  std::unique_lock<std::mutex> renewing;
  if (keeping_.renewing) renewing = std::unique_lock(*keeping_.renewing);
  std::shared_ptr<void> alone;
  if (keeping_.alone) {
    LINNET_TRY(alone, keeping_.alone(stop));
  }
  if (take_from_others()) return {};
  if (credentials_.refresh_token.empty())
    return Error::of(ErrorKind::denied,
                     fmt::format("{}: the session has ended: sign in again", credentials_.service));
  LINNET_TRY(credentials_, ask(credentials_));
  is_unkept_ = true;
  return keep();
}

Status RenewingCredentials::keep() {
  if (!is_unkept_ || !keeping_.keep) return {};
  LINNET_CHECK(keeping_.keep(credentials_));
  is_unkept_ = false;
  return {};
}

}  // namespace linnet::connect
