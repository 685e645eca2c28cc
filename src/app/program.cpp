// The command line. What the program consists of is in rooms/rooms.cpp.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <sys/stat.h>
#include "app/commands.hpp"

#include "app/daemon.hpp"
#include "app/repeat_filter.hpp"
#include "app/rooms/rooms.hpp"
#include "app/route_commands.hpp"
#include "app/test_clock.hpp"
#include "app/usage_error.hpp"
#include "base/log_lines.hpp"
#include "base/visible.hpp"
#include "cli/visible_output.hpp"
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

// Each room's commands under their heading, and those that are made of its routes.
void add_commands(CLI::App& program, cli::Context& context) {
  const auto all = [](const CLI::App*) { return true; };
  const auto of_rooms = rooms();
  for (const auto& room : of_rooms) {
    for (const auto& command : room.commands) {
      const auto before = program.get_subcommands(all).size();
      command.add(program, context);
      const auto added = program.get_subcommands(all);
      for (std::size_t i = before; i < added.size(); ++i) added[i]->group(command.heading);
    }
  }
  for (const auto& room : of_rooms) {
    const auto* const heading = room.commands.empty() ? room.heading : room.commands.front().heading;
    for (const auto family : room.routes) add_route_commands(program, context, family(), heading);
  }
}

// Sample data has nothing to do with the user's own settings, and broken ones can still be looked at.
bool has_own_settings(const CLI::App& program) {
  return program.got_subcommand("demo") || program.got_subcommand("sample") ||
         program.got_subcommand("settings");
}

// An error may quote a server or a stranger.
void say_error(const Error& error) {
  fmt::print(stderr, "linnet: {}\n", visible(error.safe));
}

// Whoever has to stop everything does not look for a typing error first.
bool is_stop(const CLI::App& program) {
  return program.got_subcommand("stop");
}

bool take_db_setting(cli::Context& context) {
  if (!context.options.db.empty()) return true;
  const auto db = cli::load_db_setting(context.options.data);
  if (!db) {
    say_error(db.error());
    return false;
  }
  context.settings.db = *db;
  return true;
}

// What programs read stays as it is: JSON has no control characters in its texts.
Status run_action(const cli::Context& context) {
  if (context.options.json) return context.action();
  const cli::VisibleOutput output;
  return context.action();
}

}  // namespace

int run_program(int argc, char** argv) {
  ::umask(077);  // databases, copies and exports are nobody else's
  spdlog::set_default_logger(std::make_shared<spdlog::logger>(
      "linnet", std::make_shared<RepeatFilter>(std::make_shared<spdlog::sinks::stderr_color_sink_mt>())));
  spdlog::set_formatter(log::line_formatter());
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
  add_commands(program, context);
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
      say_error(loaded.error());
      if (!is_stop(program) || !take_db_setting(context)) return 3;
    } else {
      context.settings = loaded->settings;
    }
    if (context.options.db.empty()) context.options.db = context.settings.db;
    net::allow_networks(context.settings.allowed_networks);
    spdlog::set_level(spdlog::level::from_str(context.settings.log_level));
  }
  if (context.options.quiet) spdlog::set_level(spdlog::level::warn);
  if (const auto followed = follow_test_clock(context); !followed) {
    say_error(followed.error());
    return 2;
  }
  const auto status = run_action(context);
  if (status) return 0;
  log::debug("{}", status.error().message);
  say_error(status.error());
  return cli::exit_status(status.error());
}

}  // namespace linnet::app
