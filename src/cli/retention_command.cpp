#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "analyze/snapshot_retention.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "govern/retention.hpp"
#include "observe/event_log.hpp"
#include "observe/projector.hpp"
#include "observe/retention.hpp"

namespace linnet::cli {
namespace {

struct RetentionOptions {
  bool dry_run = false;
  std::string log;  // empty: as the setting has it
};

std::vector<bool> keep_rule(std::span<const Instant> captured_at, Instant now) {
  return analyze::snapshots_to_keep(captured_at, now);
}

Status run_retention(Context& context, const RetentionOptions& options) {
  using std::chrono::days;
  Duration log_age = context.settings.keep_events;
  if (!options.log.empty()) {
    LINNET_TRY(log_age, parse_duration("--log", options.log));
  }
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto writer, store::Writer::start(*database));
  const Instant now = context.clock.now();
  LINNET_TRY(const auto snapshots,
             observe::thin_snapshots(*database, *writer, keep_rule, now - days(7), now, options.dry_run));
  LINNET_TRY(auto log, database->connect(store::Part::log));
  EventId applied;
  {
    LINNET_TRY(auto reader, database->reader());
    LINNET_TRY(applied, observe::read_mark(*reader));
  }
  LINNET_TRY(const auto events, observe::prune_log(*log, now - log_age, applied, options.dry_run));
  LINNET_TRY(const auto governed, govern::apply_retention(*database, *writer, now, options.dry_run));
  if (context.options.json) {
    boost::json::object report{{"dry_run", options.dry_run}, {"snapshots", snapshots}, {"events", events}};
    for (const auto& result : governed) report[result.what] = result.count;
    print_json(report);
    return {};
  }
  Table table({options.dry_run ? "would go" : "gone", "what", "rule"});
  table.add({with_separators(snapshots), "snapshots",
             "all for 7 days, the newest of each hour for 30 days, of each day for ever"});
  table.add({with_separators(events), "events of the log",
             fmt::format("received in the last {} hours", log_age / std::chrono::hours(1))});
  for (const auto& result : governed)
    table.add({with_separators(result.count), std::string(result.what), std::string(result.rule)});
  table.print("");
  return {};
}

}  // namespace

void add_retention_command(CLI::App& program, Context& context) {
  auto* const retention = program.add_subcommand("retention", "How long what is kept");
  retention->require_subcommand(1);
  const auto options = std::make_shared<RetentionOptions>();
  auto* const command = retention->add_subcommand("run", "Remove what the rules no longer keep");
  command->add_flag("--dry-run", options->dry_run, "Only say what would go");
  command->add_option("--log", options->log,
                      "How long events stay in the log (default: 30d, or the setting keep_events)");
  command->callback([&context, options] {
    context.action = [&context, options] { return run_retention(context, *options); };
  });
}

}  // namespace linnet::cli
