#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/instant_words.hpp"
#include "cli/acting_context.hpp"
#include "cli/option_names.hpp"
#include "cli/output.hpp"
#include "govern/audit.hpp"

namespace linnet::cli {
namespace {

namespace json = boost::json;

struct AuditOptions {
  govern::AuditQuery query;
  std::string event;
  std::string since;
  std::string expected;
};

Status list(Context& context, AuditOptions options) {
  if (!options.event.empty()) {
    options.query.event = govern::parse_audit_event(options.event);
    if (!options.query.event) return invalid(fmt::format("--event: \"{}\" is none", options.event));
  }
  if (!options.since.empty()) {
    LINNET_TRY(options.query.since, parse_instant("--since", options.since));
  }
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto reader, database->reader());
  LINNET_TRY(const auto entries, govern::list_audit(*reader, options.query));
  json::array items;
  Table table({"number", "when", "event", "outcome", "who", "target", "details"});
  for (const auto& entry : entries) {
    items.push_back(to_json(entry));
    table.add({std::to_string(entry.number), in_words(entry.timestamp), std::string(to_string(entry.event)),
               std::string(to_string(entry.outcome)), entry.actor, entry.target_id,
               shortened(json::serialize(entry.details), 60)});
  }
  if (context.options.json) {
    print_json(items);
  } else {
    table.print("nothing was done yet");
  }
  return {};
}

Status verify(Context& context, const std::string& expected) {
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto reader, database->reader());
  LINNET_TRY(const auto verdict, with_options(govern::verify_audit(*reader, expected), {{"head", "--head"}}));
  if (context.options.json) {
    print_json(json::object{{"is_whole", verdict.is_whole},
                            {"rows", verdict.rows},
                            {"first_bad", verdict.first_bad},
                            {"problem", verdict.problem},
                            {"head", verdict.head},
                            {"removed", verdict.removed}});
  } else if (verdict.is_whole && verdict.rows == 0) {
    fmt::print("Nothing is in the audit trail yet.\n");
  } else if (verdict.is_whole) {
    fmt::print("{}, each as it was written. The newest is {}\n", counted(verdict.rows, "row"), verdict.head);
    if (verdict.removed > 0)
      fmt::print("Before them retention took {} away, as the trail says\n", with_separators(verdict.removed));
  }
  if (verdict.is_whole) return {};
  return Error::of(ErrorKind::corrupt, fmt::format("the audit trail is damaged: {}", verdict.problem));
}

// JSON Lines, oldest first, as long as the trail is.
Status export_all(Context& context) {
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto reader, database->reader());
  LINNET_TRY(const auto last, govern::newest_audit_number(*reader));
  constexpr std::int64_t kPage = 1'000;
  for (std::int64_t number = 0; number < last; number += kPage) {
    govern::AuditQuery query;
    query.before = number + kPage + 1;
    query.limit = kPage;
    LINNET_TRY(const auto entries, govern::list_audit(*reader, query));
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
      if (entry->number > number) print_json(to_json(*entry));
    }
  }
  return {};
}

}  // namespace

void add_audit_command(CLI::App& program, Context& context) {
  auto* const audit = program.add_subcommand("audit", "What was done, by whom, with what outcome");
  audit->require_subcommand(1);
  const auto options = std::make_shared<AuditOptions>();
  auto* const list_command = audit->add_subcommand("list", "Newest first");
  list_command->add_option("--event", options->event,
                           "action_attempt, action_complete, verification, policy_block …");
  list_command->add_option("--run", options->query.run_id, "Of one run");
  list_command->add_option("--account", options->query.account_id, "Of one account");
  list_command->add_option("--target", options->query.target_id, "Of one post or person");
  list_command->add_option("--since", options->since, "From this moment");
  list_command->add_option("--limit", options->query.limit, "How many")->capture_default_str();
  list_command->callback(
      [&context, options] { context.action = [&context, options] { return list(context, *options); }; });
  auto* const verify_command = audit->add_subcommand(
      "verify",
      "Check that no row was changed, removed or reordered\n\nNote the hash it prints; --head with that hash "
      "later shows that nothing was cut off or rewritten since.");
  verify_command->add_option("--head", options->expected, "A hash noted earlier");
  verify_command->callback([&context, options] {
    context.action = [&context, options] { return verify(context, options->expected); };
  });
  audit->add_subcommand("export", "Everything as JSON Lines, oldest first")->callback([&context] {
    context.action = [&context] { return export_all(context); };
  });
}

}  // namespace linnet::cli
