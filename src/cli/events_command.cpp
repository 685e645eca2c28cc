#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/instant_words.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "cli/serve_lock.hpp"
#include "observe/event_page.hpp"
#include "observe/log_survey.hpp"
#include "observe/lost_tables.hpp"
#include "observe/projector.hpp"
#include "observe/replay.hpp"
#include "store/record/json.hpp"

namespace linnet::cli {
namespace {

struct ListOptions {
  bool failed = false;
  std::int64_t limit = 20;
};

Status list_events(Context& context, const ListOptions& options) {
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto reader, database->reader());
  Table table({"id", "received", "kind", "status", "what is wrong"});
  observe::LogQuery query;
  query.only_failed = options.failed;
  query.limit = options.limit;
  LINNET_TRY(const auto items, observe::list_log(*reader, query));
  for (const auto& item : items) {
    if (context.options.json) {
      print_json(record::to_json(item));
    } else {
      const auto wrong =
          item.left_out ? fmt::format("left out: {}", *item.left_out) : item.error.value_or("");
      table.add({std::to_string(item.id.value()), in_words(item.received_at), item.event_type,
                 item.status_id.value_or(""), shortened(wrong, 70)});
    }
  }
  if (!context.options.json) table.print(options.failed ? "no event failed" : "the log is empty");
  return {};
}

Status show_event(Context& context, std::int64_t id) {
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto reader, database->reader());
  if (context.options.json) {
    LINNET_TRY(const auto page,
               named("ID", observe::event_page(*reader, EventId(id), observe::EventSight::all)));
    print_json(record::to_json(page));
    return {};
  }
  bool found = false;
  LINNET_TRY(const auto last, observe::last_logged(*reader));
  if (id <= last.value())
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
    print_json(boost::json::object{{"events", outcome.events},
                                   {"from_empty", outcome.from_empty},
                                   {"unread", observe::in_words(outcome.unread)},
                                   {"digest", outcome.digest.sha256}});
  } else {
    fmt::print("{} replayed{}\n{}\n", counted(static_cast<std::int64_t>(outcome.events), "event"),
               outcome.from_empty ? "" : " over what the log alone could not rebuild", outcome.digest.sha256);
  }
  if (!outcome.unread.empty())
    fmt::print(stderr, "linnet: the log is damaged: {}. What the tables held of it stays.\n",
               observe::in_words(outcome.unread));
  return {};
}

// Of tables that were lost beside a log that is there.
Status make_tables_anew(Context& context, bool yes) {
  {
    LINNET_TRY(auto database, open_store_as_it_is(context.options));
    if (!yes) {
      auto refusal = observe::refuse_lost_tables(*database);
      return refusal ? Status()
                     : Status(invalid("events continue: " + refusal.error().safe +
                                      ". Look for the file first; then say --yes to do it"));
    }
    LINNET_TRY(const auto lock, keep_serve_out(context, *database, "so that both do not fill them"));
    LINNET_TRY(const auto servers, observe::begin_tables_anew(*database, context.clock.now()));
    if (!context.options.json)
      fmt::print(
          "the tables are made anew; {} servers are called https://lost-1.invalid and so on: nothing tells "
          "which they were\n",
          servers);
  }
  return replay(context);
}

// For a log that was lost, or is older than the tables; and for tables that were lost.
Status go_on(Context& context, bool yes) {
  {
    LINNET_TRY(auto database, open_store_as_it_is(context.options));
    LINNET_TRY(const bool are_lost, observe::are_tables_lost(*database));
    if (are_lost) return make_tables_anew(context, yes);
  }
  LINNET_TRY(auto database, open_store(context.options));
  observe::LogSurvey survey;
  {
    LINNET_TRY(auto reader, database->reader());
    LINNET_TRY(survey.applied, observe::read_mark(*reader));
    LINNET_TRY(survey.last, observe::last_logged(*reader));
  }
  if (survey.is_behind() && !yes)
    return invalid(fmt::format(
        "events continue: events {} to {} are not in the log, which would go on without them; their posts "
        "stay, but "
        "cannot be rebuilt from it any more. Look for the log's file first; then say --yes to do it",
        survey.last.value() + 1, survey.applied.value()));
  LINNET_TRY(const auto lock, keep_serve_out(context, *database, "so that numbers are not given out twice"));
  LINNET_TRY(const auto gap, observe::go_on_after_loss(*database, context.clock.now()));
  if (context.options.json) {
    print_json(boost::json::object{{"lost", gap ? gap->count() : 0}});
  } else {
    fmt::print("{}\n", gap ? fmt::format("the log goes on after event {}", gap->last.value())
                           : std::string("nothing is missing: the log goes as far as the tables"));
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
  const auto yes = std::make_shared<bool>(false);
  auto* const continue_command =
      events->add_subcommand("continue",
                             "Go on after the log was lost or an older one was put back: posts stay as they "
                             "are; or after the tables "
                             "were lost: they are made anew from the log");
  continue_command->add_flag("--yes", *yes, "Really do it; without it, what is missing is named");
  continue_command->callback(
      [&context, yes] { context.action = [&context, yes] { return go_on(context, *yes); }; });

  events->add_subcommand("replay", "Rebuild every table from the log and print their digest")
      ->callback([&context] { context.action = [&context] { return replay(context); }; });
}

}  // namespace linnet::cli
