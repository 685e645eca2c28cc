#include "observe/catch_up.hpp"

#include "observe/event_log.hpp"
#include "observe/log_survey.hpp"
#include "observe/table_updater.hpp"

namespace linnet::observe {

Result<EventId> catch_up(store::Database& database, store::Writer& writer, const ProjectorOptions& options,
                         const Progress& progress) {
  EventId applied;
  EventId total;
  {
    LINNET_TRY(auto reader, database.reader());
    LINNET_TRY(applied, read_mark(*reader));
    LINNET_TRY(total, last_logged(*reader));
    LINNET_CHECK(refuse_log_behind(total, applied));
  }
  TableUpdater updater(database, writer, options);
  while (applied < total) {
    LINNET_TRY(const auto step, updater.advance(total));
    applied = step.up_to;
    if (progress) LINNET_CHECK(progress(applied, total));
  }
  return applied;
}

}  // namespace linnet::observe
