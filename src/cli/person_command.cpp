#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "act/person_json.hpp"
#include "act/person_record.hpp"
#include "cli/acting_context.hpp"
#include "cli/output.hpp"
#include "cli/private_file.hpp"
#include "govern/key_guard.hpp"

namespace linnet::cli {
namespace {

namespace json = boost::json;

struct PersonOptions {
  std::string address;
  std::optional<std::string> file;
  bool overwrite = false;
  bool dry_run = false;
  bool yes = false;
};

Status export_person(Context& context, const PersonOptions& options) {
  if (options.file)
    LINNET_CHECK(check_output_file("--out", *options.file, context.options, options.overwrite));
  LINNET_TRY(auto open, open_acting(context));
  LINNET_TRY(const auto box, govern::open_secret_box(*open.database, context.options.data));
  observe::Person person;
  json::object record;
  {
    LINNET_TRY(auto reader, open.database->reader());
    LINNET_TRY(person, act::find_person(*reader, options.address));
    LINNET_TRY(record, act::person_record(*reader, box, person, context.clock.now()));
  }
  LINNET_CHECK(open.writer->write([&](store::Connection& connection) {
    return act::audit_export(connection, person, person_at_terminal().name, context.clock.now());
  }));
  if (!options.file) {
    print_json(record);
    return {};
  }
  LINNET_CHECK(write_private_file(*options.file, json::serialize(record) + "\n"));
  const auto counted_of = [&](const char* list, const char* one) {
    return counted(static_cast<std::int64_t>(record.at(list).as_array().size()), one);
  };
  if (!context.options.quiet)
    fmt::print("{}: {}, {}, {}\n", *options.file, counted_of("posts", "post"),
               counted_of("messages", "message"), counted_of("actions", "action"));
  return {};
}

void print_report(const Context& context, const act::PersonErasure& report, bool is_dry_run) {
  const auto& observed = report.observed;
  const std::pair<std::string_view, std::int64_t> lines[] = {
      {"posts", observed.posts},
      {"earlier versions of posts", observed.versions},
      {"boosts by others", observed.boosts},
      {"replies by others", observed.replies},
      {"mentions by others", observed.mentions},
      {"events of the log", observed.events},
      {"direct messages", report.messages},
      {"insights", report.insights},
      {"actions", report.actions},
      {"actions cancelled", report.cancelled},
      {"consents", report.consents()},
      {"blocklist entries", report.blocks()},
      {"daily summaries", report.summaries},
  };
  if (context.options.json) {
    print_json(act::to_json(report));
    return;
  }
  Table table({is_dry_run ? "would change" : "changed", "what"});
  for (const auto& [name, count] : lines) {
    if (is_dry_run && name == "events of the log") continue;
    table.add({with_separators(count), std::string(name)});
  }
  table.print("");
  if (report.under_way > 0)
    fmt::print("{} under way or of unknown outcome: linnet serve forgets what is settled.\n",
               report.under_way == 1 ? "1 action is" : with_separators(report.under_way) + " actions are");
}

Status erase_person(Context& context, const PersonOptions& options) {
  if (!options.yes && !options.dry_run)
    return invalid("person erase: cannot be undone; look with --dry-run, then say --yes to do it");
  LINNET_TRY(auto open, open_acting(context));
  // Whoever was erased but for the end is not found any more.
  if (!options.dry_run) LINNET_CHECK(act::finish_erasures(*open.database, *open.writer, context.clock));
  observe::Person person;
  {
    LINNET_TRY(auto reader, open.database->reader());
    LINNET_TRY(person, act::find_person_to_erase(*reader, options.address));
  }
  if (options.dry_run) {
    LINNET_TRY(auto reader, open.database->reader());
    LINNET_TRY(const auto report, act::count_person(*reader, person));
    print_report(context, report, true);
    return {};
  }
  LINNET_TRY(const auto report, act::erase_person(*open.database, *open.writer, context.clock,
                                                  *open.blocklist, person, person_at_terminal().name));
  print_report(context, report, false);
  if (!context.options.quiet && !context.options.json)
    fmt::print("They are not dealt with any more. Backups made before still hold them.\n");
  return {};
}

}  // namespace

void add_person_command(CLI::App& program, Context& context) {
  auto* const person = program.add_subcommand("person", "What is kept of somebody: hand it out, or erase it");
  person->require_subcommand(1);
  const auto options = std::make_shared<PersonOptions>();
  auto* const exporting = person->add_subcommand(
      "export", "Write down everything that is kept of a person, as JSON, for them to have");
  exporting->add_option("ADDRESS", options->address, "ada@example.social, or the address of their profile")
      ->required();
  exporting->add_option("--out", options->file,
                        "Into this file, which only you can read (default: print it)");
  exporting->add_flag("--overwrite", options->overwrite, "Also when there is one already");
  exporting->callback([&context, options] {
    context.action = [&context, options] { return export_person(context, *options); };
  });
  auto* const erasing = person->add_subcommand(
      "erase",
      "Erase a person from the event log, the tables, messages and actions\n\n"
      "Their posts go; others' posts stay without what points at them. Figures are made again. They are not "
      "dealt\n"
      "with any more: a salted fingerprint of their id remains. The audit trail keeps ids, never content.");
  erasing->add_option("ADDRESS", options->address, "ada@example.social, or the address of their profile")
      ->required();
  erasing->add_flag("--dry-run", options->dry_run, "Only say what would go");
  erasing->add_flag("--yes", options->yes, "Really do it");
  erasing->callback([&context, options] {
    context.action = [&context, options] { return erase_person(context, *options); };
  });
}

}  // namespace linnet::cli
