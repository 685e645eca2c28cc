#include "app/rooms/rooms.hpp"

#include "act/media_store.hpp"
#include "api/media_uploads.hpp"
#include "base/log.hpp"
#include "cli/retention_jobs.hpp"
#include "govern/backup_copies.hpp"

namespace linnet::app {
namespace {

using jobs::JobContext;
using std::chrono::minutes;

// The event log is thinned by hand: while events come in, that would hold them up.
Status retention(const JobParts& parts, JobContext& context) {
  const auto now = parts.clock.now();
  LINNET_TRY(const auto doubt, parts.doubt_of_clock());
  if (!doubt.empty()) {
    context.put_off(now + minutes(10), doubt);
    return {};
  }
  LINNET_TRY(const auto lines,
             cli::run_retention(parts.database, parts.writer, now,
                                {true, {}, parts.keep_posts_unengaged, &parts.ingest}, false));
  boost::json::object removed;
  for (const auto& line : lines) {
    if (line.count == 0) continue;
    log::info("retention: {} {} removed", line.count, line.what);
    removed[line.what] = line.count;
  }
  context.set_result(std::move(removed));
  return {};
}

Status uploads(const JobParts& parts, JobContext& context) {
  context.nothing_to_do();
  LINNET_TRY(const auto doubt, parts.doubt_of_clock());
  if (doubt.empty()) api::remove_old_uploads(parts.uploads, parts.clock.now());
  return {};
}

// Into a folder of its own.
Status back_up(const JobParts& parts, JobContext& context) {
  const auto& job = context.job();
  const bool is_by_schedule = job.asked_by.empty();
  LINNET_TRY(const auto folder, govern::backups_folder(parts.data));
  const auto name = govern::name_of_copy(job.started_at.value_or(parts.clock.now()), is_by_schedule);
  const auto* const ending = parts.database.engine() == store::Engine::sqlite ? ".db" : ".sql";
  LINNET_CHECK(act::back_up(parts.database, act::MediaStore(act::media_folder(parts.data)),
                            (folder / (name + ending)).string()));
  context.set_result({{"file", "backups/" + name + ending}});
  if (!is_by_schedule) return {};
  LINNET_TRY(const auto doubt, parts.doubt_of_clock());
  if (!doubt.empty()) return {};  // by which the copies are named
  // The copy is made, whatever becomes of the older ones.
  const auto removed = govern::remove_old_copies(folder, name, parts.backups.most);
  if (!removed) log::error("backup: older copies stay: {}", removed.error().message);
  if (removed && *removed > 0) log::info("backup: {} older copies removed", *removed);
  return {};
}

}  // namespace

Room upkeep_room() {
  return {.name = "upkeep",
          .commands =
              {
                  {"Look after it", cli::add_db_command},
                  {"Look after it", cli::add_job_command},
                  {"Look after it", cli::add_retention_command},
                  {"Look after it", cli::add_settings_command},
              },
          .routes = {api::job_routes},
          .jobs = {
              {"backup", back_up},
              {"retention", retention},
              {"uploads", uploads},
          }};
}

}  // namespace linnet::app
