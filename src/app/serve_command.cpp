#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <optional>

#include "app/commands.hpp"
#include "app/daemon.hpp"
#include "base/guarded.hpp"
#include "base/log.hpp"
#include "base/memory.hpp"
#include "cli/serve_lock.hpp"
#include "net/descriptors.hpp"
#include "store/database_hold.hpp"

namespace linnet::app {
namespace {

Status serve(cli::Context& context, const std::optional<std::uint16_t>& port) {
  block_stop_signals();
  LINNET_TRY(const auto lock, cli::ServeLock::take(context.options));
  // Before anything is migrated underneath another that works on it.
  Guarded<std::optional<Error>> lost;
  LINNET_TRY(const auto held, cli::open_store_as_it_is(context.options));
  const auto on_lost = [&](const Error& why) {
    lost.with([&](auto& reason) { reason = why; });
    ::kill(::getpid(), SIGTERM);
  };
  LINNET_TRY(const auto hold, store::DatabaseHold::join(*held, context.clock, on_lost, [&]() -> Status {
               LINNET_TRY(const auto brought_up_to_date, cli::open_store(context.options));
               return {};
             }));
  net::raise_descriptor_limit();
  keep_little_memory();
  LINNET_TRY(auto database, cli::open_store(context.options));
  DaemonOptions options;
  options.data = context.options.data;
  options.address = context.settings.listen;
  options.port = port.value_or(context.settings.port);
  options.trusted_proxies = context.settings.trusted_proxies;
  options.allowed_hosts = context.settings.allowed_hosts;
  options.allowed_origins = context.settings.allowed_origins;
  options.redact_on_delete = context.settings.redact_on_delete;
  options.keep_followers_only = context.settings.keep_followers_only;
  options.backups = {context.settings.backups, context.settings.backups_zone, context.settings.keep_backups};
  options.keep_posts_unengaged = context.settings.keep_posts_unengaged;
  options.platforms = context.settings.platforms;
  options.salience_settings = context.settings.salience_settings;
  options.let_pass = [&clock = context.clock] { return clock.let_pass(); };
  LINNET_TRY(auto daemon, Daemon::start(*database, context.clock, options));
  fmt::print("Linnet runs on {}\nOpen it in a browser; stop with Ctrl-C.\n", daemon->url());
  std::fflush(stdout);
  wait_for_stop_signal();
  const auto reason = lost.with([](const auto& why) { return why; });
  return reason ? Status(*reason) : daemon->outcome();
}

}  // namespace

void add_serve_command(CLI::App& program, cli::Context& context) {
  const auto port = std::make_shared<std::optional<std::uint16_t>>();
  auto* const command =
      program.add_subcommand("serve", "Start on your own data: connectors, API and web app");
  command->add_option("--port", *port,
                      "Port to listen on; 0 is any that is free (default: 7450, or the setting)");
  command->callback(
      [&context, port] { context.action = [&context, port] { return serve(context, *port); }; });
}

}  // namespace linnet::app
