// policy list, limits.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/acting_context.hpp"
#include "cli/output.hpp"

namespace linnet::cli {
namespace {

namespace json = boost::json;

Status list(Context& context) {
  json::array items;
  Table table({"", "rule", "asks"});
  for (const auto& rule : act::all_rules()) {
    items.push_back(json::object{{"rule", rule.name}, {"asks", rule.asks}});
    table.add({std::to_string(items.size()), std::string(rule.name), std::string(rule.asks)});
  }
  if (context.options.json) {
    print_json(items);
  } else {
    table.print("");
  }
  return {};
}

Status limits(Context& context, const std::string& name) {
  LINNET_TRY(auto open, open_acting(context));
  LINNET_TRY(const auto found, open.accounts->find(name));
  LINNET_TRY(auto reader, open.database->reader());
  LINNET_TRY(const auto account, act::load_acting_account(*reader, found.id));
  act::Attempt any;
  any.account = found.id;
  any.platform = found.platform;
  LINNET_TRY(const auto situation, act::gather(*reader, account, any, {}, {}, context.clock.now()));
  json::array items;
  Table table({"what", "sent within the hour", "allowed"});
  for (const auto& pace : act::paces(situation)) {
    items.push_back(json::object{{"kind", pace.kind}, {"sent", pace.sent}, {"allowed", pace.allowed}});
    table.add({std::string(pace.kind), std::to_string(pace.sent), std::to_string(pace.allowed)});
  }
  if (context.options.json) {
    print_json(items);
  } else {
    table.print("");
  }
  return {};
}

}  // namespace

void add_policy_command(CLI::App& program, Context& context) {
  auto* const policy = program.add_subcommand("policy", "The rules that every action has to pass");
  policy->require_subcommand(1);
  policy->add_subcommand("list", "Each rule and what it asks, in their order")->callback([&context] {
    context.action = [&context] { return list(context); };
  });
  const auto name = std::make_shared<std::string>();
  auto* const limits_command = policy->add_subcommand(
      "limits",
      "What an account has sent within the last hour, and what it may (linnet account settings sets it)");
  limits_command->add_option("ACCOUNT", *name, "Its id or username")->required();
  limits_command->callback(
      [&context, name] { context.action = [&context, name] { return limits(context, *name); }; });
}

}  // namespace linnet::cli
