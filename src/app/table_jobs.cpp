#include "app/table_jobs.hpp"

#include <algorithm>

#include "act/person_json.hpp"
#include "api/sealed_address.hpp"
#include "app/without_names.hpp"
#include "base/text.hpp"
#include "observe/catch_up.hpp"
#include "observe/digest.hpp"
#include "observe/event_log.hpp"
#include "observe/person.hpp"
#include "observe/replay.hpp"

namespace linnet::app {
namespace {

using jobs::JobContext;

// From the moment that the tables are empty, what is left to do is to fill them: whoever comes after does not
// begin anew.
constexpr std::string_view kFilling = "filling";

Status fill(const JobParts& parts, JobContext& context, boost::json::object& result) {
  const auto on_progress = [&](EventId done, EventId total) -> Status {
    context.keep_position(std::string(kFilling));
    context.progress(done.value(), total.value());
    return context.check_stop();
  };
  const auto goes_on = context.job().position == kFilling;
  LINNET_CHECK(parts.ingest.while_paused([&]() -> Status {
    const observe::ProjectorOptions options{parts.redact_on_delete};
    if (!goes_on) {
      LINNET_TRY(const auto outcome, observe::replay(parts.database, parts.writer, options, on_progress));
      result["events"] = outcome.events;
      result["digest"] = outcome.digest.sha256;
      return {};
    }
    LINNET_TRY(const auto last, observe::catch_up(parts.database, parts.writer, options, on_progress));
    LINNET_TRY(auto reader, parts.database.reader());
    LINNET_TRY(const auto digest, observe::digest_projections(*reader));
    LINNET_TRY(const auto first, observe::first_logged(*reader));
    result["events"] = last.value() - std::max<std::int64_t>(first.value() - 1, 0);
    result["digest"] = digest.sha256;
    return {};
  }));
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
  std::vector<std::string> names{address, std::string(trim(address)), observe::address_as_kept(address)};
  const auto run = [&]() -> Status {
    std::optional<observe::Person> person;
    {
      LINNET_TRY(auto reader, parts.database.reader());
      auto found = act::find_person_to_erase(*reader, address);
      // A run before this one came so far that nobody is found any more: the rest is to be done.
      const bool is_gone = !found && found.error().kind == ErrorKind::not_found && context.job().claims > 1;
      if (is_gone) {
        context.note("an earlier run took out what was found; the rest is done now");
        return act::finish_erasures(parts.database, parts.writer, parts.clock);
      }
      LINNET_TRY(person, std::move(found));
    }
    names.push_back(person->address);
    for (const auto& account : person->accounts) names.push_back(account.acct);
    LINNET_TRY(const auto erased,
               act::erase_person(parts.database, parts.writer, parts.clock, parts.acting.blocklist(), *person,
                                 context.job().asked_by));
    context.set_result(act::to_json(erased));
    return {};
  };
  const auto done = run();
  parts.tag_activity.forget();
  if (done) return {};
  // The job stays in the list, and names nobody.
  return without_names(done.error(), std::move(names));
}

}  // namespace linnet::app
