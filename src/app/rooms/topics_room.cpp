#include "app/rooms/rooms.hpp"
#include "observe/salience/own_lines.hpp"

namespace linnet::app {
namespace {

// A day ends for the ledger by an event, so that a replay takes the same; by a clock that is doubted, none
// does.
Status end_days(const JobParts& parts, jobs::JobContext& context) {
  const auto now = parts.clock.now();
  LINNET_TRY(const auto doubt, parts.doubt_of_clock());
  if (!doubt.empty()) {
    context.put_off(now + std::chrono::minutes(10), doubt);
    return {};
  }
  LINNET_TRY(const auto days, salience::tell_days(parts.database, parts.ingest, now));
  if (days == 0) context.nothing_to_do();
  if (days > 0) context.set_result({{"days", days}});
  return {};
}

}  // namespace

Room topics_room() {
  return {.name = "topics",
          .commands =
              {
                  {"Understand", cli::add_topic_command},
              },
          .routes = {api::topic_routes, api::zos_routes},
          .jobs = {
              {"salience_days", end_days},
          }};
}

}  // namespace linnet::app
