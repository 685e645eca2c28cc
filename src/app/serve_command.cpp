#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "app/commands.hpp"
#include "app/daemon.hpp"
#include "app/serve_lock.hpp"
#include "base/log.hpp"

namespace linnet::app {
namespace {

Status serve(cli::Context& context, const std::optional<std::uint16_t>& port) {
  block_stop_signals();
  LINNET_TRY(auto database, cli::open_store(context.options));
  LINNET_TRY(const auto lock, ServeLock::take(context.options.data));
  DaemonOptions options;
  options.data = context.options.data;
  options.address = context.settings.listen;
  options.port = port.value_or(context.settings.port);
  options.trusted_proxies = context.settings.trusted_proxies;
  options.redact_on_delete = context.settings.redact_on_delete;
  options.jetstream = {context.settings.jetstream, context.settings.jetstream_dictionary};
  options.bluesky_chat = context.settings.bluesky_chat;
  options.plc_directory = context.settings.plc_directory;
  LINNET_TRY(auto daemon, Daemon::start(*database, context.clock, options));
  fmt::print("Linnet runs on {}\nOpen it in a browser; stop with Ctrl-C.\n", daemon->url());
  std::fflush(stdout);
  wait_for_stop_signal();
  return {};
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
