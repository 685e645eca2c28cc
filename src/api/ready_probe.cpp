#include "api/ready_probe.hpp"

#include <fmt/format.h>

#include "observe/lost_tables.hpp"
#include "observe/projector.hpp"

namespace linnet::api {
namespace {

Result<Readiness> look(store::Database& database) {
  const store::ReadsWithoutWaiting behind_nobody_who_reads;
  LINNET_TRY(auto reader, database.reader());
  Readiness found;
  LINNET_TRY(found.applied, observe::read_mark(*reader));
  // What is damaged in the log is told by whoever needs it.
  const auto behind = observe::find_tables_behind(*reader);
  if (behind && *behind) found.tables_behind = (*behind)->in_words;
  return found;
}

bool has_ended(const std::shared_future<Result<Readiness>>& look) {
  return look.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

}  // namespace

Result<Readiness> ReadyProbe::ask(store::Database& database) {
  std::shared_future<Result<Readiness>> under_way;
  {
    const std::scoped_lock lock(mutex_);
    if (!look_.valid() || has_ended(look_))
      look_ = std::async(std::launch::async, [&database] { return look(database); }).share();
    under_way = look_;
  }
  if (under_way.wait_for(patience_) == std::future_status::ready) return under_way.get();
  return unavailable(fmt::format("the database has not answered for {} seconds: another program may hold it",
                                 std::chrono::duration_cast<std::chrono::seconds>(patience_).count()));
}

}  // namespace linnet::api
