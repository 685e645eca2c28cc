#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "app/commands.hpp"
#include "app/sample_stream.hpp"

namespace linnet::app {

void add_sample_command(CLI::App& program, cli::Context& context) {
  const auto events = std::make_shared<std::int64_t>(1'000);
  const auto seed = std::make_shared<std::uint64_t>(1);
  auto* const sample =
      program.add_subcommand("sample", "Print a made-up stream of events, for trying things out");
  sample->footer("  linnet sample --events 20000 > sample.jsonl");
  sample->add_option("--events", *events, "How many")->capture_default_str();
  sample->add_option("--seed", *seed, "The same seed gives the same events")->capture_default_str();
  sample->callback([&context, events, seed] {
    context.action = [events, seed]() -> Status {
      SampleOptions options;
      options.seed = *seed;
      options.start = *parse_iso8601("2026-08-01T00:00:00Z");
      SampleStream stream(options);
      std::string line;
      for (std::int64_t i = 0; i < *events; ++i) {
        stream.next(line);
        line += '\n';
        if (std::fwrite(line.data(), 1, line.size(), stdout) != line.size())
          return unavailable("standard output: cannot be written to");
      }
      return {};
    };
  });
}

}  // namespace linnet::app
