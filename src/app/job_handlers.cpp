#include "app/job_handlers.hpp"

#include <map>

#include "app/rooms/rooms.hpp"
#include "base/log.hpp"
#include "jobs/known_kinds.hpp"

namespace linnet::app {
namespace {

// With what the settings say of it.
jobs::Kind as_set(jobs::Kind kind, const JobParts& parts) {
  if (kind.name == "backup" && !parts.backups.schedule.empty()) {
    kind.schedule = parts.backups.schedule;
    kind.zone = parts.backups.zone;
  }
  return kind;
}

}  // namespace

std::vector<jobs::BoundKind> job_handlers(const JobParts& parts) {
  std::map<std::string_view, decltype(RoomJob::does)> handlers;
  for (const auto& room : rooms()) {
    for (const auto& job : room.jobs) handlers.emplace(job.kind, job.does);
  }
  std::vector<jobs::BoundKind> bound;
  for (const auto& kind : jobs::known_kinds()) {
    const auto found = handlers.find(kind.name);
    // One without a handler is known to this version and run by none: it would wait for ever, unseen.
    if (found == handlers.end()) {
      log::error("jobs: nothing is known of how to do {}", kind.name);
      continue;
    }
    bound.push_back({as_set(kind, parts), [parts, does = found->second](jobs::JobContext& context) {
                       return does(parts, context);
                     }});
  }
  return bound;
}

}  // namespace linnet::app
