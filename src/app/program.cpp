// What the program consists of: reading this tells every command there is.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include <spdlog/sinks/stdout_color_sinks.h>
#include "app/commands.hpp"

#include "app/daemon.hpp"
#include "app/usage_error.hpp"
#include "base/log.hpp"
#include "net/network_guard.hpp"

namespace linnet::app {
namespace {

void add_global_options(CLI::App& program, cli::GlobalOptions& options) {
  options.data = cli::default_data_folder();
  program.add_option("--data", options.data, "Folder that holds everything (also LINNET_DATA)")
      ->capture_default_str();
  program.add_option("--db", options.db,
                     "Database: sqlite:PATH or postgres://… (default: linnet.db in the data folder)");
  program.add_flag("--json", options.json, "Print JSON for programs instead of tables for people");
  program.add_flag("--quiet", options.quiet, "No progress, no notices");
  program.set_version_flag("--version", kVersion);
}

// Under which heading --help shows each command.
void sort_into_groups(CLI::App& program) {
  const std::pair<const char*, std::vector<const char*>> groups[] = {
      {"Start", {"demo", "serve", "account", "watch", "import", "platform", "sample"}},
      {"Understand", {"posts", "hashtags", "summaries", "domains", "events"}},
      {"Act", {"action", "approvals", "approve", "reject", "stop", "resume"}},
      {"Rules and evidence", {"policy", "block", "consent", "person", "audit"}},
      {"People and secrets", {"user", "token", "key"}},
      {"Look after it", {"db", "retention", "settings"}}};
  for (const auto& [heading, names] : groups)
    for (const auto* const name : names) program.get_subcommand(name)->group(heading);
}

// Sample data has nothing to do with the user's own settings, and broken ones can still be looked at.
bool has_own_settings(const CLI::App& program) {
  return program.got_subcommand("demo") || program.got_subcommand("sample") ||
         program.got_subcommand("settings");
}

}  // namespace

int run_program(int argc, char** argv) {
  spdlog::set_default_logger(spdlog::stderr_color_mt("linnet"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
  CLI::App program(
      "Linnet watches your social networks, shows what is rising, and acts there when you let it.\n\n"
      "  linnet demo                            look around with sample data\n"
      "  linnet account add mastodon ADDRESS    watch a server you have an account on\n"
      "  linnet watch add bluesky --stream …    watch hashtags or accounts of Bluesky\n"
      "  linnet serve                           start on your own data",
      "linnet");
  cli::Context context;
  add_global_options(program, context.options);
  program.require_subcommand(1);
  program.fallthrough();
  add_demo_command(program, context);
  add_serve_command(program, context);
  add_sample_command(program, context);
  cli::add_account_command(program, context);
  cli::add_watch_command(program, context);
  cli::add_import_command(program, context);
  cli::add_posts_command(program, context);
  cli::add_hashtags_command(program, context);
  cli::add_summaries_command(program, context);
  cli::add_domains_command(program, context);
  cli::add_events_command(program, context);
  cli::add_action_command(program, context);
  cli::add_approval_commands(program, context);
  cli::add_policy_command(program, context);
  cli::add_audit_command(program, context);
  cli::add_block_command(program, context);
  cli::add_consent_command(program, context);
  cli::add_person_command(program, context);
  cli::add_platform_command(program, context);
  cli::add_key_command(program, context);
  cli::add_user_command(program, context);
  cli::add_token_command(program, context);
  cli::add_db_command(program, context);
  cli::add_retention_command(program, context);
  cli::add_settings_command(program, context);
  sort_into_groups(program);
  if (argc == 1) {
    fmt::print(stderr, "{}", program.help());
    return 2;
  }
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return program.exit(help);
  } catch (const CLI::ParseError& error) {
    const std::vector<const char*> words(argv + 1, argv + argc);
    fmt::print(stderr, "linnet: {}\n", explain_usage(program, error, words));
    return 2;
  }
  if (!has_own_settings(program)) {
    const auto loaded = cli::load_settings(context.options.data);
    if (!loaded) {
      fmt::print(stderr, "linnet: {}\n", loaded.error().safe);
      return 3;
    }
    context.settings = loaded->settings;
    if (context.options.db.empty()) context.options.db = context.settings.db;
    net::allow_networks(context.settings.allowed_networks);
    spdlog::set_level(spdlog::level::from_str(context.settings.log_level));
  }
  if (context.options.quiet) spdlog::set_level(spdlog::level::warn);
  const auto status = context.action();
  if (status) return 0;
  log::debug("{}", status.error().message);
  fmt::print(stderr, "linnet: {}\n", status.error().safe);
  return cli::exit_status(status.error());
}

}  // namespace linnet::app
