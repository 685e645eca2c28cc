#include "store/clock_difference.hpp"

#include <fmt/format.h>

#include "store/lease.hpp"

namespace linnet::store {
namespace {

constexpr auto kMostApart = std::chrono::seconds(30);

}  // namespace

Status refuse_clocks_apart(Connection& connection, Instant own) {
  if (connection.engine() == Engine::sqlite) return {};
  LINNET_TRY(const auto theirs, database_now(connection));
  const auto ahead = own - theirs;
  if (ahead <= kMostApart && ahead >= -kMostApart) return {};
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(ahead < Duration{} ? -ahead : ahead);
  return unavailable(fmt::format(
      "the clock of this machine is {} seconds {} the database's, and what is due would be done at the wrong "
      "time: set both right (an NTP service does), then start again",
      seconds.count(), ahead < Duration{} ? "behind" : "ahead of"));
}

}  // namespace linnet::store
