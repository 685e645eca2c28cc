#pragma once

#include "cli/context.hpp"

namespace linnet::app {

// Reads the command line and does what it says; returns the exit status.
int run_program(int argc, char** argv);

void add_serve_command(CLI::App& program, cli::Context& context);
void add_sample_command(CLI::App& program, cli::Context& context);
void add_demo_command(CLI::App& program, cli::Context& context);

}  // namespace linnet::app
