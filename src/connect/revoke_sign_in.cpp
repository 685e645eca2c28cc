#include "connect/revoke_sign_in.hpp"

#include <fmt/format.h>

#include "connect/every_platform.hpp"

namespace linnet::connect {

Status revoke_sign_in(net::HttpTransport& transport, RequestBudget& budget, Clock& clock,
                      const std::string& platform, const std::string& base_url,
                      const Credentials& credentials, const std::stop_token& stop) {
  const auto* const door = find_platform(platform);
  if (door == nullptr) return invalid(fmt::format("{} has no way to end a sign-in", platform));
  return door->sign_in.revoke({transport, budget, clock, base_url}, credentials, stop);
}

}  // namespace linnet::connect
