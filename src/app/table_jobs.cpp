#include "app/table_jobs.hpp"

#include "act/erase_job.hpp"
#include "api/sealed_address.hpp"
#include "observe/event_log.hpp"
#include "observe/rebuild.hpp"

namespace linnet::app {
namespace {

using jobs::JobContext;

Status fill(const JobParts& parts, JobContext& context, boost::json::object& result) {
  LINNET_TRY(const auto rebuilt,
             observe::rebuild(parts.database, parts.writer, parts.ingest, {parts.redact_on_delete},
                              context.job().position == observe::kFilling, [&](EventId done, EventId total) {
                                context.keep_position(std::string(observe::kFilling));
                                context.progress(done.value(), total.value());
                                return context.check_stop();
                              }));
  result["events"] = rebuilt.events;
  result["digest"] = rebuilt.digest.sha256;
  parts.tag_activity.forget();
  return {};
}

}  // namespace

Status replay(const JobParts& parts, JobContext& context) {
  boost::json::object result;
  LINNET_CHECK(fill(parts, context, result));
  context.set_result(std::move(result));
  return {};
}

Status retry_events(const JobParts& parts, JobContext& context) {
  // What an earlier run understood before it was cut off is not failed any more, and not in the tables yet.
  const bool was_cut_off = context.job().claims > 1;
  boost::json::object result;
  std::int64_t understood = 0;
  {
    LINNET_TRY(auto log, parts.database.connect(store::Part::log));
    LINNET_TRY(understood, observe::reread_failed(*log));
  }
  if (understood > 0 || was_cut_off) LINNET_CHECK(fill(parts, context, result));
  result["understood"] = understood;
  context.set_result(std::move(result));
  return {};
}

// Beside ingest, which notices by itself that the tables were changed.
Status erase(const JobParts& parts, JobContext& context) {
  LINNET_TRY(const auto input, context.input());
  LINNET_TRY(const auto address, api::unseal_address(parts.acting.box(), context.job().id, input));
  auto done = act::erase_as_job(parts.database, parts.writer, parts.clock, parts.acting.blocklist(), address,
                                context);
  parts.tag_activity.forget();
  return done;
}

}  // namespace linnet::app
