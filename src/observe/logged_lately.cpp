#include "observe/logged_lately.hpp"

#include "connect/lately_seen.hpp"

namespace linnet::observe {
namespace {

// A stream remembers no more.
constexpr std::int64_t kMostLookedAt = connect::LatelySeen::kMost;
// A stream is read again from five minutes before its place.
constexpr auto kBeforePlace = std::chrono::minutes(10);

}  // namespace

Status each_logged_lately(store::Connection& connection, InstanceId instance, std::string_view connector,
                          const OnEvent& on_event) {
  LINNET_TRY(const auto saved_at,
             store::query_integer(connection, "SELECT saved_at FROM connector_cursors WHERE connector = $1",
                                  {connector}));
  if (!saved_at) return {};
  LINNET_TRY(const auto last, last_logged(connection));
  LINNET_TRY(
      const auto first,
      store::query_integer(connection, "SELECT min(id) FROM event_rows WHERE id > $1 AND received_at >= $2",
                           {last.value() - kMostLookedAt, to_micros(from_micros(*saved_at) - kBeforePlace)}));
  if (!first) return {};
  const auto take = [&](const LoggedEvent& event) {
    return event.instance == instance ? on_event(event) : Status();
  };
  return read_around_damage(connection, EventId(*first), last, take,
                            [](const LogDamage&) { return Status(); });
}

}  // namespace linnet::observe
