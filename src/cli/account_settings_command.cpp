#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "act/situation.hpp"
#include "cli/acting_context.hpp"
#include "cli/output.hpp"
#include "govern/account_changes.hpp"

namespace linnet::cli {
namespace {

namespace json = boost::json;

govern::AccountChange by_hand(const Context& context, const connect::Account& account) {
  return {account.id.value(), account.platform, person_at_terminal().name, context.clock.now()};
}

Status settings(Context& context, const std::string& name, const std::string& change) {
  LINNET_TRY(auto open, open_acting(context));
  LINNET_TRY(const auto account, open.accounts->find(name));
  LINNET_TRY(const auto before, govern::parse_account_settings(account.settings, account.platform));
  auto parsed = before;
  if (!change.empty()) {
    LINNET_TRY(parsed, govern::parse_account_settings(change, account.platform, before));
    LINNET_CHECK(
        open.accounts->set_settings(account.id, json::serialize(to_json(parsed)),
                                    govern::settings_changed(by_hand(context, account), before, parsed)));
  }
  print_json(to_json(parsed));
  return {};
}

void add_switch(CLI::App& account, Context& context, const std::string& verb, const std::string& help,
                bool is_on) {
  const auto name = std::make_shared<std::string>();
  auto* const command = account.add_subcommand(verb, help);
  command->add_option("ACCOUNT", *name, "Its id or username")->required();
  command->callback([&context, name, is_on] {
    context.action = [&context, name, is_on]() -> Status {
      LINNET_TRY(auto open, open_acting(context));
      LINNET_TRY(const auto found, open.accounts->find(*name));
      LINNET_CHECK(open.accounts->set_active(found.id, is_on,
                                             govern::account_switched(by_hand(context, found), is_on)));
      if (!context.options.quiet) fmt::print("{} is {}.\n", found.username, is_on ? "on" : "off");
      return {};
    };
  });
}

}  // namespace

void add_account_settings_commands(CLI::App& account, Context& context) {
  const auto name = std::make_shared<std::string>();
  const auto change = std::make_shared<std::string>();
  auto* const command = account.add_subcommand(
      "settings",
      "Limits, quiet hours, what needs no approval\n\n"
      "  linnet account settings ada --set '{\"rateLimit\":{\"likesPerHour\":10}}'\n"
      "  linnet account settings ada --set "
      "'{\"quietHours\":{\"startHour\":23,\"endHour\":7,\"timezone\":\"Europe/Berlin\"}}'");
  command->add_option("ACCOUNT", *name, "Its id or username")->required();
  command->add_option("--set", *change, "A JSON object with what is to change");
  command->callback([&context, name, change] {
    context.action = [&context, name, change] { return settings(context, *name, *change); };
  });
  auto* const resume =
      account.add_subcommand("resume", "Let an account act again after trouble, having looked at it");
  resume->add_option("ACCOUNT", *name, "Its id or username")->required();
  resume->callback([&context, name] {
    context.action = [&context, name]() -> Status {
      LINNET_TRY(auto open, open_acting(context));
      LINNET_TRY(const auto found, open.accounts->find(*name));
      LINNET_CHECK(open.accounts->resume(found.id, govern::account_resumed(by_hand(context, found))));
      if (!context.options.quiet) fmt::print("{} may act again.\n", found.username);
      return {};
    };
  });
  add_switch(account, context, "off", "Let nothing more be done in its name; it stays signed in", false);
  add_switch(account, context, "on", "Let an account that was switched off act again", true);
}

}  // namespace linnet::cli
