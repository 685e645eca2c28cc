#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "app/commands.hpp"
#include "app/daemon.hpp"
#include "base/log.hpp"

namespace linnet::app {
namespace {

Status serve(cli::Context& context, DaemonOptions options) {
  block_stop_signals();
  LINNET_TRY(auto database, cli::open_store(context.options));
  options.data = context.options.data;
  LINNET_TRY(auto daemon, Daemon::start(*database, context.clock, options));
  fmt::print("Linnet runs on {}\nOpen it in a browser; stop with Ctrl-C.\n", daemon->url());
  std::fflush(stdout);
  wait_for_stop_signal();
  return {};
}

}  // namespace

void add_serve_command(CLI::App& program, cli::Context& context) {
  const auto options = std::make_shared<DaemonOptions>();
  auto* const command =
      program.add_subcommand("serve", "Start on your own data: connectors, API and web app");
  command->add_option("--port", options->port, "Port to listen on; 0 is any that is free")
      ->capture_default_str();
  command->callback(
      [&context, options] { context.action = [&context, options] { return serve(context, *options); }; });
}

}  // namespace linnet::app
