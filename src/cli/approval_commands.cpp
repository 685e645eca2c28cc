// approvals, approve, reject, stop, resume.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/acting_context.hpp"
#include "cli/output.hpp"

namespace linnet::cli {
namespace {

namespace json = boost::json;

Status list(Context& context) {
  LINNET_TRY(auto open, open_acting(context));
  LINNET_TRY(auto reader, open.database->reader());
  LINNET_TRY(const auto approvals, act::list_approvals(*reader, "open", 1'000));
  json::array items;
  Table table({"id", "what", "for", "text", "because", "until"});
  for (const auto& approval : approvals) {
    LINNET_TRY(const auto attempt, act::find_attempt(*reader, approval.attempt.value()));
    LINNET_TRY(const auto draft, open.gate->draft_of(attempt));
    auto item = to_json(approval);
    item["action"] = to_json(attempt);
    item["text"] = draft.text;
    items.push_back(std::move(item));
    table.add({approval.id, std::string(model::to_string(attempt.type)), attempt.target_name,
               shortened(draft.text, 40), shortened(approval.reason, 40), to_iso8601(approval.expires_at)});
  }
  if (context.options.json) {
    print_json(items);
  } else {
    table.print("nothing waits for your word");
  }
  return {};
}

Status decide(Context& context, const std::string& id, act::Word word, const std::optional<std::string>& text,
              const std::string& comment) {
  LINNET_TRY(auto open, open_acting(context));
  LINNET_TRY(const auto attempt, open.gate->decide(id, word, text, comment, person_at_terminal()));
  if (context.options.json) {
    print_json(to_json(attempt));
  } else {
    fmt::print("{}  {}\n", attempt.id.value(), word == act::Word::approve ? "goes out" : "rejected");
  }
  return {};
}

struct StopOptions {
  bool all = false;
  bool cancel = false;
  std::string reason;
};

Status stop(Context& context, const StopOptions& options) {
  if (!options.all) return invalid("--all: say it, so that nobody stops everything by mistake");
  LINNET_TRY(auto open, open_acting(context));
  LINNET_CHECK(open.gate->stop_all(person_at_terminal(), options.reason, options.cancel));
  fmt::print("Everything is stopped. linnet resume lets it go on.\n");
  return {};
}

}  // namespace

void add_approval_commands(CLI::App& program, Context& context) {
  program.add_subcommand("approvals", "What waits for a person's word")->callback([&context] {
    context.action = [&context] { return list(context); };
  });
  const auto id = std::make_shared<std::string>();
  const auto text = std::make_shared<std::optional<std::string>>();
  const auto comment = std::make_shared<std::string>();
  auto* const approve =
      program.add_subcommand("approve", "Let an action go out, as it is or with another text");
  approve->add_option("ID", *id, "Id of the request, as linnet approvals shows it")->required();
  approve->add_option("--text", *text, "The text to send instead");
  approve->callback([&context, id, text] {
    context.action = [&context, id, text] { return decide(context, *id, act::Word::approve, *text, ""); };
  });
  auto* const reject = program.add_subcommand("reject", "Do not let an action go out");
  reject->add_option("ID", *id, "Id of the request")->required();
  reject->add_option("--because", *comment, "Why");
  reject->callback([&context, id, comment] {
    context.action = [&context, id, comment] {
      return decide(context, *id, act::Word::reject, {}, *comment);
    };
  });
  const auto options = std::make_shared<StopOptions>();
  auto* const stop_command =
      program.add_subcommand("stop", "Emergency stop: nothing leaves until linnet resume");
  stop_command->add_flag("--all", options->all, "Everything, of every account");
  stop_command->add_flag("--cancel", options->cancel, "And cancel what waits");
  stop_command->add_option("--because", options->reason, "Why");
  stop_command->callback(
      [&context, options] { context.action = [&context, options] { return stop(context, *options); }; });
  program.add_subcommand("resume", "Lift the emergency stop")->callback([&context] {
    context.action = [&context]() -> Status {
      LINNET_TRY(auto open, open_acting(context));
      return open.gate->resume_all(person_at_terminal());
    };
  });
}

}  // namespace linnet::cli
