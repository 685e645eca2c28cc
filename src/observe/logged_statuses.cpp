#include "observe/logged_statuses.hpp"

#include "base/hash.hpp"
#include "connect/mastodon/raw_status.hpp"
#include "observe/event_log.hpp"

namespace linnet::observe {
namespace {

// A stream remembers no more (stream_connector.cpp).
constexpr std::int64_t kMostLookedAt = 20'000;
// A stream is read again from five minutes before its place.
constexpr auto kBeforePlace = std::chrono::minutes(10);
constexpr std::string_view kPayload = ",\"payload\":";

// As make_event_line() writes it.
std::string_view payload_of(std::string_view line) {
  const auto place = line.find(kPayload);
  if (place == std::string_view::npos || !line.ends_with('}')) return {};
  line.remove_prefix(place + kPayload.size());
  line.remove_suffix(1);
  return line;
}

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

}  // namespace

Result<std::vector<LoggedStatus>> statuses_logged_lately(store::Connection& connection, InstanceId instance,
                                                         std::string_view connector) {
  std::vector<LoggedStatus> statuses;
  LINNET_CHECK(each_logged_lately(connection, instance, connector, [&](const LoggedEvent& event) -> Status {
    if (event.type != "update" && event.type != "status.update") return {};
    auto status = connect::mastodon::read_raw_status(payload_of(event.line));
    if (status) statuses.push_back({std::move(status->id), std::move(status->edited_at)});
    return {};
  }));
  return statuses;
}

Result<std::vector<std::uint64_t>> lines_logged_lately(store::Connection& connection, InstanceId instance,
                                                       std::string_view connector) {
  std::vector<std::uint64_t> hashes;
  LINNET_CHECK(each_logged_lately(connection, instance, connector, [&](const LoggedEvent& event) -> Status {
    hashes.push_back(fast_hash(event.line));
    return {};
  }));
  return hashes;
}

}  // namespace linnet::observe
