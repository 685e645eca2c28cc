#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/context.hpp"
#include "cli/output.hpp"
#include "observe/event_log.hpp"
#include "observe/replay.hpp"

namespace linnet::cli {
namespace {

struct ListOptions {
  bool failed = false;
  std::int64_t limit = 20;
};

Status list_events(Context& context, const ListOptions& options) {
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto reader, database->reader());
  Table table({"id", "received", "kind", "status", "error"});
  const auto sql = fmt::format(
      "SELECT e.id, e.received_at, e.event_type, e.payload_status_id, e.process_error, i.base_url "
      "FROM event_rows e LEFT JOIN instances i ON i.id = e.instance_id {} ORDER BY e.id DESC LIMIT $1",
      options.failed ? "WHERE e.process_error IS NOT NULL" : "");
  LINNET_CHECK(store::for_each_row(*reader, sql, {options.limit}, [&](const store::Statement& row) {
    const auto or_null = [&](int column) -> boost::json::value {
      if (row.is_null(column)) return nullptr;
      return boost::json::string(row.text(column));
    };
    if (context.options.json) {
      print_json(boost::json::object{{"id", row.integer(0)},
                                     {"received_at", to_iso8601(row.instant(1))},
                                     {"event_type", row.text(2)},
                                     {"status_id", or_null(3)},
                                     {"error", or_null(4)},
                                     {"instance", or_null(5)}});
    } else {
      table.add({std::to_string(row.integer(0)), to_iso8601(row.instant(1)), std::string(row.text(2)),
                 std::string(row.text(3)), shortened(row.text(4), 70)});
    }
  }));
  if (!context.options.json) table.print(options.failed ? "no event failed" : "the log is empty");
  return {};
}

Status show_event(Context& context, std::int64_t id) {
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto reader, database->reader());
  bool found = false;
  LINNET_CHECK(observe::read_events(*reader, EventId(id), EventId(id),
                                    [&](const observe::LoggedEvent& event) -> Status {
                                      found = true;
                                      fmt::print("{}\n", event.line);
                                      return {};
                                    }));
  if (!found) return not_found(fmt::format("ID: the log has no event {}", id));
  return {};
}

Status replay(Context& context) {
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto writer, store::Writer::start(*database));
  Progress progress("Replaying", !context.options.quiet);
  LINNET_TRY(const auto outcome, observe::replay(*database, *writer, {context.settings.redact_on_delete},
                                                 [&](EventId done, EventId total) -> Status {
                                                   progress.show(static_cast<std::uint64_t>(done.value()),
                                                                 static_cast<std::uint64_t>(total.value()),
                                                                 "events");
                                                   return {};
                                                 }));
  if (context.options.json) {
    print_json(boost::json::object{
        {"events", outcome.events}, {"from_empty", outcome.from_empty}, {"digest", outcome.digest.sha256}});
  } else {
    fmt::print("{} events replayed{}\n{}\n", with_separators(outcome.events),
               outcome.from_empty ? "" : " over what the pruned log could not rebuild",
               outcome.digest.sha256);
  }
  return {};
}

// Events that are understood now belong where they stand in the log, so the tables are rebuilt from it.
Status retry(Context& context) {
  std::int64_t understood = 0;
  {
    LINNET_TRY(auto database, open_store(context.options));
    LINNET_TRY(auto log, database->connect(store::Part::log));
    LINNET_TRY(understood, observe::reread_failed(*log));
  }
  if (understood > 0) return replay(context);
  if (context.options.json) {
    print_json(boost::json::object{{"understood", 0}});
  } else {
    fmt::print("no failed event is understood now; linnet events list --failed shows why\n");
  }
  return {};
}

}  // namespace

void add_events_command(CLI::App& program, Context& context) {
  auto* const events = program.add_subcommand("events", "The log of everything that came in");
  events->require_subcommand(1);

  const auto list_options = std::make_shared<ListOptions>();
  auto* const list = events->add_subcommand("list", "The newest events");
  list->add_flag("--failed", list_options->failed, "Only those that could not be understood");
  list->add_option("--limit", list_options->limit, "Most rows")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000));
  list->callback([&context, list_options] {
    context.action = [&context, list_options] { return list_events(context, *list_options); };
  });

  const auto id = std::make_shared<std::int64_t>(0);
  auto* const show = events->add_subcommand("show", "One event as it came");
  show->add_option("ID", *id, "Number of the event")->required();
  show->callback([&context, id] { context.action = [&context, id] { return show_event(context, *id); }; });

  events->add_subcommand("retry", "Read failed events again, with what this version understands")
      ->callback([&context] { context.action = [&context] { return retry(context); }; });
  events->add_subcommand("replay", "Rebuild every table from the log and print their digest")
      ->callback([&context] { context.action = [&context] { return replay(context); }; });
}

}  // namespace linnet::cli
