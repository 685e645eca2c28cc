#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/context.hpp"
#include "cli/output.hpp"
#include "cli/retention_jobs.hpp"

namespace linnet::cli {
namespace {

struct RetentionOptions {
  bool dry_run = false;
  std::string log;    // empty: as the setting has it
  std::string posts;  // the same
};

Status run(Context& context, const RetentionOptions& options) {
  Duration log_age = context.settings.keep_events;
  if (!options.log.empty()) {
    LINNET_TRY(log_age, parse_duration("--log", options.log));
  }
  auto post_age = context.settings.keep_posts_unengaged;
  if (!options.posts.empty()) {
    LINNET_TRY(post_age, parse_keep_posts("--posts", options.posts));
  }
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto writer, store::Writer::start(*database));
  const auto now = context.clock.now();
  std::unique_ptr<observe::Ingest> ingest;
  if (post_age && !options.dry_run) {
    LINNET_TRY(ingest, observe::Ingest::start(*database, *writer, context.clock, ingest_options_of(context)));
  }
  LINNET_TRY(const auto lines, run_retention(*database, *writer, now, {true, log_age, post_age, ingest.get()},
                                             options.dry_run));
  if (context.options.json) {
    boost::json::object report{{"dry_run", options.dry_run}, {"now", to_iso8601(now)}};
    for (const auto& line : lines)
      report[line.what == "events of the log" ? "events" : line.what] = line.count;
    print_json(report);
    return {};
  }
  // By a clock that is wrong too much goes: the dates show it.
  Table table({options.dry_run ? "would go" : "gone", "what", "kept", "of before"});
  for (const auto& line : lines)
    table.add({with_separators(line.count), line.what, line.rule,
               line.before ? to_iso8601(*line.before).substr(0, 10) : ""});
  table.print("");
  return {};
}

}  // namespace

void add_retention_command(CLI::App& program, Context& context) {
  auto* const retention = program.add_subcommand("retention", "How long what is kept");
  retention->require_subcommand(1);
  const auto options = std::make_shared<RetentionOptions>();
  auto* const command = retention->add_subcommand(
      "run", "Remove what the rules no longer keep; linnet serve does it each night, but for the event log");
  command->add_flag("--dry-run", options->dry_run, "Only say what would go");
  command->add_option("--log", options->log,
                      "How long events stay in the log (default: the setting keep_events)");
  command->add_option("--posts", options->posts,
                      "How long posts stay that are not engaged, or forever (default: the setting "
                      "keep_posts_unengaged)");
  command->callback(
      [&context, options] { context.action = [&context, options] { return run(context, *options); }; });
}

}  // namespace linnet::cli
