// What signs Linnet itself in to a platform. Values come in by standard input, and never out.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/instant_words.hpp"
#include "cli/acting_context.hpp"
#include "cli/hidden_line.hpp"
#include "cli/option_names.hpp"
#include "cli/output.hpp"
#include "connect/every_platform.hpp"
#include "govern/key_guard.hpp"
#include "govern/platform_credentials.hpp"

namespace linnet::cli {
namespace {

namespace json = boost::json;

struct CredentialOptions {
  std::string platform;
  govern::CredentialKey key;
  std::string expires;
};

Status list(Context& context, const CredentialOptions& options) {
  LINNET_TRY(const auto database, open_store(context.options));
  LINNET_TRY(auto reader, database->reader());
  LINNET_TRY(const auto credentials, govern::list_platform_credentials(*reader, options.platform));
  json::array items;
  Table table({"type", "key", "active", "expires", "changed"});
  for (const auto& one : credentials) {
    items.push_back(to_json(one));
    table.add({one.key.type, one.key.key, one.is_active ? "yes" : "no",
               one.expires_at ? in_words(*one.expires_at) : "", in_words(one.updated_at)});
  }
  if (context.options.json) {
    print_json(items);
  } else {
    table.print("none yet; linnet account add keeps the registration that it makes with a server");
  }
  return {};
}

// As an address holds it: anything else would never be found again.
Status check_host(const std::string& key) {
  if (key.find_first_of("/@ ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string::npos) return {};
  return invalid(fmt::format(
      "KEY: expected the host of a server in small letters, such as social.example, got \"{}\"", key));
}

Status set(Context& context, const CredentialOptions& options) {
  LINNET_CHECK(check_host(options.key.key));
  std::optional<Instant> expires;
  if (!options.expires.empty()) {
    LINNET_TRY(expires, parse_instant("--expires", options.expires));
  }
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto writer, store::Writer::start(*database));
  LINNET_TRY(const auto box, govern::open_secret_box(*database, context.options.data));
  const auto value = read_hidden_line("Value");
  LINNET_CHECK(with_options(writer->write([&](store::Connection& connection) {
    return govern::set_platform_credential(connection, options.platform, options.key, value, expires, box,
                                           person_at_terminal().name, context.clock.now());
  }),
                            {{"expires_at", "--expires"}}));
  if (!context.options.json && !context.options.quiet)
    fmt::print("The {} of {} is kept; it is never shown.\n", options.key.type, options.key.key);
  return {};
}

Status remove(Context& context, const CredentialOptions& options) {
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto writer, store::Writer::start(*database));
  LINNET_CHECK(writer->write([&](store::Connection& connection) {
    return govern::remove_platform_credential(connection, options.platform, options.key,
                                              person_at_terminal().name, context.clock.now());
  }));
  if (!context.options.json && !context.options.quiet)
    fmt::print("The {} of {} is forgotten.\n", options.key.type, options.key.key);
  return {};
}

using Work = Status (*)(Context&, const CredentialOptions&);

std::pair<CLI::App*, std::shared_ptr<CredentialOptions>> add_command(CLI::App& parent, Context& context,
                                                                     const std::string& name,
                                                                     const std::string& help, Work work) {
  const auto options = std::make_shared<CredentialOptions>();
  auto* const command = parent.add_subcommand(name, help);
  command
      ->add_option("PLATFORM", options->platform,
                   connect::names_of_platforms(
                       [](const connect::PlatformDoor& door) { return door.sign_in.registers_apps; }))
      ->required();
  command->callback([&context, options, work] {
    context.action = [&context, options, work] { return work(context, *options); };
  });
  return {command, options};
}

void add_key(CLI::App& command, CredentialOptions& options) {
  command
      .add_option(
          "TYPE", options.key.type,
          "api_key (an app's client id), app_secret (its client secret), access_token (its own token)")
      ->required();
  command.add_option("KEY", options.key.key, "Host of the server: social.example")->required();
}

}  // namespace

void add_platform_credential_commands(CLI::App& platform, Context& context) {
  auto* const credential =
      platform.add_subcommand("credential", "What signs Linnet itself in: its registrations with servers");
  credential->require_subcommand(1);
  add_command(*credential, context, "list", "Which there are; values are never shown", list);
  const auto [set_command, wanted] =
      add_command(*credential, context, "set",
                  "Keep one; the value is read from standard input, or asked for\n\n"
                  "  linnet platform credential set mastodon api_key social.example < client-id\n"
                  "  linnet platform credential set mastodon app_secret social.example < client-secret",
                  set);
  add_key(*set_command, *wanted);
  set_command->add_option("--expires", wanted->expires, "Not used after this moment, 2027-01-01T00:00:00Z");
  const auto [remove_command, unwanted] =
      add_command(*credential, context, "remove", "Forget one; the next sign-in registers anew", remove);
  add_key(*remove_command, *unwanted);
}

}  // namespace linnet::cli
