// approvals, approve, reject, stop, resume.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>

#include "base/instant_words.hpp"
#include "base/visible.hpp"
#include "base/without_secrets.hpp"
#include "cli/acting_context.hpp"
#include "cli/action_words.hpp"
#include "cli/option_names.hpp"
#include "cli/output.hpp"
#include "cli/short_ids.hpp"
#include "govern/emergency_stop.hpp"
#include "store/record/json.hpp"

namespace linnet::cli {
namespace {

Status list(Context& context) {
  LINNET_TRY(auto open, open_acting(context));
  LINNET_TRY(const auto names, account_names(*open.accounts));
  LINNET_TRY(auto reader, open.database->reader());
  LINNET_TRY(const auto approvals, act::list_approvals(*reader, "open", 1'000));
  if (context.options.json) {
    LINNET_TRY(const auto shown, act::shown_approvals(*reader, *open.gate, approvals, kAtTerminal));
    print_json(record::to_json(shown));
    return {};
  }
  const auto now = context.clock.now();
  Table table({"id", "account", "what", "for", "text", "when", "because", "decide until"});
  for (const auto& approval : approvals) {
    LINNET_TRY(const auto attempt, act::find_attempt(*reader, approval.attempt.value()));
    const auto draft = open.gate->draft_of(attempt);
    if (!draft && draft.error().kind != ErrorKind::corrupt) return draft.error();
    const auto text = draft ? draft->text : "(cannot be read: " + draft.error().safe + ")";
    LINNET_TRY(const auto target, target_in_words(*reader, attempt, ""));
    table.add({short_id(approval.id), names.at(attempt.account.value()), kind_in_words(attempt),
               shortened(target, 30), shortened(text, 40),
               attempt.planned_at > now ? in_words(attempt.planned_at) : "at once",
               shortened(approval.reason, 40), in_words(approval.expires_at)});
  }
  table.print("nothing waits for your word");
  return {};
}

const OptionNames kOptionNames{{"comment", "--because"}, {"text", "--text"}};

struct Decision {
  std::string id;
  act::Word word{};
  std::optional<std::string> text;
  std::string comment;
  bool whole_thread = false;
};

Status print_decided(Context& context, OpenActing& open, const std::vector<act::Attempt>& attempts) {
  for (const auto& attempt : attempts) {
    fmt::print("{}  {}: {}\n", short_id(attempt.id.value()), kind_in_words(attempt),
               state_in_words(attempt, context.clock.now()));
  }
  LINNET_TRY(auto reader, open.database->reader());
  LINNET_TRY(const auto stopped, stop_notice(*reader));
  if (!stopped.empty()) fmt::print("{}\n", stopped);
  return {};
}

Status decide(Context& context, const Decision& decision) {
  if (decision.text && decision.whole_thread)
    return invalid("--text: cannot take the place of a whole thread; approve its posts one by one");
  LINNET_TRY(auto open, open_acting(context));
  std::string id;
  {
    LINNET_TRY(auto reader, open.database->reader());
    LINNET_TRY(id, whole_approval_id(*reader, decision.id));
  }
  std::vector<act::Attempt> decided;
  if (decision.whole_thread) {
    LINNET_TRY(decided, with_options(open.gate->decide_thread(id, decision.word, decision.comment,
                                                              person_at_terminal()),
                                     kOptionNames));
  } else {
    LINNET_TRY(auto attempt, with_options(open.gate->decide(id, decision.word, decision.text,
                                                            decision.comment, person_at_terminal()),
                                          kOptionNames));
    decided.push_back(std::move(attempt));
  }
  if (!context.options.json) return print_decided(context, open, decided);
  LINNET_TRY(const auto shown, act::shown_actions(*open.gate, decided, kAtTerminal));
  if (decision.whole_thread) {
    print_json(record::to_json(shown));
  } else {
    print_json(record::to_json(shown.front()));
  }
  return {};
}

struct StopOptions {
  bool all = false;
  bool cancel = false;
  std::string reason;
};

constexpr std::string_view kStopped = "Everything is stopped. linnet resume lets it go on.";

// Nothing is stopped by a stop beside a database that nobody works on, and none is made for its sake.
bool is_there(const std::string& location) {
  constexpr std::string_view kSqlite = "sqlite:";
  std::error_code ignored;
  return !location.starts_with(kSqlite) || std::filesystem::exists(location.substr(kSqlite.size()), ignored);
}

// Needs no key, and no schema that is up to date.
Status note_stop(Context& context) {
  constexpr auto kPatience = std::chrono::seconds(2);
  LINNET_TRY(const auto database, open_store_as_it_is(context.options));
  LINNET_TRY(const auto writer, store::Writer::start(*database));
  return govern::note_stop(*database, *writer, context.clock.now(), kPatience);
}

// Takes effect before anything is opened: no key, log, index, setting or lock that is in the way of the rest
// is in the way of this.
Status stop(Context& context, const StopOptions& options) {
  if (!options.all) return invalid("--all: say it, so that nobody stops everything by mistake");
  const auto location = database_location(context.options);
  const auto raised =
      govern::raise_stop_at(location, person_at_terminal().name, options.reason, context.clock.now());
  if (!raised) {
    // A disk that is full, for one: then it goes the way of everything else.
    if (!is_there(location)) return raised;
    LINNET_TRY(auto open, open_acting(context));
    LINNET_CHECK(open.gate->stop_all(person_at_terminal(), options.reason, options.cancel));
    fmt::print("{}\n", kStopped);
    return {};
  }
  if (!is_there(location))
    return unavailable(
        fmt::format("there is no database at {}. A stop stands there now; where linnet serve works on "
                    "another, nothing is "
                    "stopped yet: name that one by --data or --db",
                    without_secrets(location)));
  fmt::print("{}\n", kStopped);
  std::fflush(stdout);
  if (const auto noted = note_stop(context); !noted)
    fmt::print(
        stderr,
        "linnet: it is not in the audit trail yet, which linnet serve or linnet resume makes good: {}\n",
        visible(noted.error().safe));
  if (!options.cancel) return {};
  LINNET_TRY(auto open, open_acting(context));
  return open.gate->cancel_all(person_at_terminal());
}

void add_decisions(CLI::App& program, Context& context) {
  const auto decision = std::make_shared<Decision>();
  const auto add = [&](const char* name, const char* help, act::Word word) {
    auto* const command = program.add_subcommand(name, help);
    command
        ->add_option("ID", decision->id,
                     "Of the request, as linnet approvals shows it, or of the action; or how it begins")
        ->required();
    command->callback([&context, decision, word] {
      decision->word = word;
      context.action = [&context, decision] { return decide(context, *decision); };
    });
    return command;
  };
  auto* const approve =
      add("approve", "Let an action go out, as it is or with another text", act::Word::approve);
  approve->footer(
      "  linnet approve 3f2a91c0\n"
      "  linnet approve 3f2a91c0 --text \"Another text\"\n"
      "  linnet approve 3f2a91c0 --thread      with all posts behind it");
  approve->add_option("--text", decision->text, "The text to send instead");
  approve->add_flag("--thread", decision->whole_thread, "With all that follows in its thread, or none of it");
  auto* const reject = add(
      "reject", "Do not let an action go out; what follows in its thread does not either", act::Word::reject);
  reject->add_option("--because", decision->comment, "Why");
}

Status resume(Context& context) {
  LINNET_TRY(auto open, open_acting(context));
  std::string was;
  {
    LINNET_TRY(auto reader, open.database->reader());
    LINNET_TRY(was, stop_notice(*reader));
  }
  LINNET_CHECK(open.gate->resume_all(person_at_terminal()));
  if (!context.options.quiet)
    fmt::print("{}\n", was.empty() ? "Nothing was stopped." : "Actions go out again.");
  return {};
}

}  // namespace

void add_approval_commands(CLI::App& program, Context& context) {
  program.add_subcommand("approvals", "What waits for a person's word")->callback([&context] {
    context.action = [&context] { return list(context); };
  });
  add_decisions(program, context);
  const auto options = std::make_shared<StopOptions>();
  auto* const stop_command =
      program.add_subcommand("stop", "Emergency stop: nothing leaves until linnet resume");
  stop_command->add_flag("--all", options->all, "Everything, of every account");
  stop_command->add_flag("--cancel", options->cancel, "And cancel what waits");
  stop_command->add_option("--because", options->reason, "Why");
  stop_command->callback(
      [&context, options] { context.action = [&context, options] { return stop(context, *options); }; });
  program.add_subcommand("resume", "Lift the emergency stop")->callback([&context] {
    context.action = [&context] { return resume(context); };
  });
}

}  // namespace linnet::cli
