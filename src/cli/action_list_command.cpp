// action list, show, cancel, retry, reschedule, happened, did-not-happen.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <map>

#include "act/shown_actions.hpp"
#include "base/instant_words.hpp"
#include "cli/acting_context.hpp"
#include "cli/action_words.hpp"
#include "cli/option_names.hpp"
#include "cli/output.hpp"
#include "cli/short_ids.hpp"
#include "store/record/json.hpp"

namespace linnet::cli {
namespace {

namespace json = boost::json;

constexpr const char* kStatuses =
    "pending (not sent yet), in_progress, success, failed, skipped (a rule said no), cancelled, unknown "
    "(sent, "
    "not known whether it took effect; it is being looked up)";

struct ListOptions {
  act::AttemptQuery query;
  std::string status;
  std::string type;
  std::string account;
};

Result<act::AttemptQuery> query_from(const ListOptions& options, OpenActing& open) {
  auto query = options.query;
  if (!options.status.empty()) {
    query.status = model::parse_action_status(options.status);
    if (!query.status)
      return invalid(fmt::format("--status: expected {}; got \"{}\"", kStatuses, options.status));
  }
  if (!options.type.empty()) {
    query.type = model::parse_action_type(options.type);
    if (!query.type)
      return invalid(fmt::format("--type: \"{}\" is none; linnet action do --help names them", options.type));
  }
  if (!options.account.empty()) {
    LINNET_TRY(const auto account, open.accounts->find(options.account));
    query.account_id = account.id.value();
  }
  return query;
}

Status list(Context& context, const ListOptions& options) {
  LINNET_TRY(auto open, open_acting(context));
  LINNET_TRY(const auto query, query_from(options, open));
  LINNET_TRY(const auto names, account_names(*open.accounts));
  LINNET_TRY(auto reader, open.database->reader());
  LINNET_TRY(const auto attempts, act::list_attempts(*reader, query));
  if (context.options.json) {
    LINNET_TRY(const auto shown, act::shown_actions(*open.gate, attempts, kAtTerminal));
    print_json(record::to_json(shown));
    return {};
  }
  Table table({"id", "account", "what", "text or target", "state", "why"});
  for (const auto& attempt : attempts) {
    // What cannot be read any more, or is a message, is told by whom it goes to.
    const bool is_own_post = attempt.type == model::ActionType::publish;
    const auto draft = is_own_post ? open.gate->draft_of(attempt) : Result<connect::Draft>(connect::Draft());
    LINNET_TRY(const auto target, target_in_words(*reader, attempt, draft ? draft->text : std::string()));
    table.add({short_id(attempt.id.value()), names.at(attempt.account.value()), kind_in_words(attempt),
               shortened(target, 40), state_in_words(attempt, context.clock.now()),
               shortened(reason_of(attempt), 60)});
  }
  table.print(options.query.run_id.empty() && options.status.empty() && options.type.empty() &&
                      options.account.empty()
                  ? "nothing was done yet; linnet action do --help shows how"
                  : "no action fits");
  LINNET_TRY(const auto stopped, stop_notice(*reader));
  if (!stopped.empty()) fmt::print("{}\n", stopped);
  return {};
}

std::string in_a_cell(const json::value& value) {
  return value.is_string() ? std::string(std::string_view(value.as_string())) : json::serialize(value);
}

void print_looks(const std::vector<act::Verification>& looks) {
  Table table({"looked at", "took effect", "how sure", "how"});
  for (const auto& look : looks)
    table.add({in_words(look.verified_at), look.is_verified ? "yes" : "not seen",
               fmt::format("{:.0f} %", look.confidence * 100), std::string(model::to_string(look.method))});
  table.print("nobody looked yet whether it took effect");
}

Status show(Context& context, const std::string& given) {
  LINNET_TRY(auto open, open_acting(context));
  LINNET_TRY(auto reader, open.database->reader());
  LINNET_TRY(const auto id, whole_action_id(*reader, given));
  LINNET_TRY(const auto page, act::action_page(*reader, *open.gate, id, kAtTerminal));
  if (context.options.json) {
    print_json(record::to_json(page));
    return {};
  }
  const auto& attempt = page.action.attempt;
  const auto& looks = page.verifications;
  const auto object = to_json(attempt);
  Table table({"", ""});
  for (const auto& member : object) {
    if (!member.value().is_null()) table.add({std::string(member.key()), in_a_cell(member.value())});
  }
  table.print("");
  fmt::print("\n");
  print_looks(looks);
  return {};
}

// A command that takes the id of an action and does one thing with the gate.
using Work = std::function<Status(OpenActing&, const std::string& id)>;
CLI::App* add_one(CLI::App& parent, Context& context, const std::string& name, const std::string& help,
                  const Work& work) {
  const auto given = std::make_shared<std::string>();
  auto* const command = parent.add_subcommand(name, help);
  command->add_option("ID", *given, "Id of the action, or how it begins")->required();
  command->callback([&context, given, work] {
    context.action = [&context, given, work]() -> Status {
      LINNET_TRY(auto open, open_acting(context));
      LINNET_TRY(auto reader, open.database->reader());
      LINNET_TRY(const auto id, whole_action_id(*reader, *given));
      LINNET_CHECK(with_options(work(open, id), {{"due_at", "--at"}, {"result_id", "--at"}}));
      LINNET_TRY(const auto page, act::action_page(*reader, *open.gate, id, kAtTerminal));
      const auto& attempt = page.action.attempt;
      if (context.options.json) {
        print_json(record::to_json(page));
      } else if (!context.options.quiet) {
        fmt::print("{}  {}: {}\n", short_id(id), kind_in_words(attempt),
                   state_in_words(attempt, context.clock.now()));
      }
      return {};
    };
  });
  return command;
}

Status retry(Context& context, const std::string& given) {
  LINNET_TRY(auto open, open_acting(context));
  LINNET_TRY(auto reader, open.database->reader());
  LINNET_TRY(const auto id, whole_action_id(*reader, given));
  const auto again = open.gate->retry(id, person_at_terminal(), isatty(STDIN_FILENO) == 1);
  if (!again) return with_short_ids(*reader, again.error());
  const auto& attempt = again->attempts.front();
  if (context.options.json) {
    LINNET_TRY(const auto shown, act::shown_action(*open.gate, attempt, kAtTerminal));
    print_json(record::to_json(shown));
  } else {
    fmt::print("{}  {}: {}\n", short_id(attempt.id.value()), kind_in_words(attempt),
               state_in_words(attempt, context.clock.now()));
  }
  return {};
}

void add_retry(CLI::App& action, Context& context) {
  const auto id = std::make_shared<std::string>();
  auto* const command = action.add_subcommand(
      "retry",
      "One that failed, was skipped or cancelled again, as a new action; in a thread with what follows");
  command->add_option("ID", *id, "Id of the action, or how it begins")->required();
  command->callback([&context, id] { context.action = [&context, id] { return retry(context, *id); }; });
}

void add_reschedule(CLI::App& action, Context& context) {
  const auto at = std::make_shared<std::string>();
  auto* const command = add_one(action, context, "reschedule", "Another time for what has not been sent",
                                [at](OpenActing& open, const std::string& id) -> Status {
                                  LINNET_TRY(const auto due, parse_zoned_instant("--at", *at));
                                  return open.gate->reschedule(id, due, person_at_terminal());
                                });
  command->add_option("--at", *at, "When: 2026-08-01T09:00:00Z, or with an offset")->required();
}

void add_list(CLI::App& action, Context& context) {
  const auto options = std::make_shared<ListOptions>();
  auto* const command = action.add_subcommand("list", "Actions, newest first");
  command->add_option("--status", options->status, kStatuses);
  command->add_option("--type", options->type, "publish, like, follow …");
  command->add_option("--account", options->account, "Of one account: its id or username");
  command->add_option("--run", options->query.run_id, "Of one run");
  command->add_option("--limit", options->query.limit, "How many")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
  command->callback(
      [&context, options] { context.action = [&context, options] { return list(context, *options); }; });
}

}  // namespace

void add_action_list_commands(CLI::App& action, Context& context) {
  add_list(action, context);
  const auto id = std::make_shared<std::string>();
  auto* const show_command = action.add_subcommand("show", "One action with its evidence");
  show_command->add_option("ID", *id, "Id of the action, or how it begins")->required();
  show_command->callback([&context, id] { context.action = [&context, id] { return show(context, *id); }; });
  add_one(action, context, "cancel", "Take back what has not been sent, in a thread with what follows",
          [](OpenActing& open, const std::string& which) {
            return open.gate->cancel(which, person_at_terminal());
          });
  add_retry(action, context);
  add_reschedule(action, context);
  const auto place = std::make_shared<std::string>();
  add_one(action, context, "happened", "You looked: it took effect",
          [place](OpenActing& open, const std::string& which) {
            return open.gate->confirm(which, true, person_at_terminal(), *place);
          })
      ->add_option("--at", *place, "The platform's id of what was made; unless told, it is looked for");
  add_one(action, context, "did-not-happen", "You looked: it did not take effect",
          [](OpenActing& open, const std::string& which) {
            return open.gate->confirm(which, false, person_at_terminal());
          });
}

}  // namespace linnet::cli
