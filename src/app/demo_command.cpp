#include <fmt/format.h>
#include <stdlib.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

#include "app/commands.hpp"
#include "app/daemon.hpp"
#include "app/sample_stream.hpp"
#include "base/log.hpp"
#include "connect/every_platform.hpp"

namespace linnet::app {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSampleServer = "https://social.example";

// A folder that is gone when the demo ends.
class ThrowAwayFolder {
 public:
  static Result<std::unique_ptr<ThrowAwayFolder>> make() {
    auto path = (fs::temp_directory_path() / "linnet-demo-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr)
      return unavailable("the demo needs a temporary folder, and none can be made");
    return std::unique_ptr<ThrowAwayFolder>(new ThrowAwayFolder(path));
  }
  ~ThrowAwayFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  ThrowAwayFolder(const ThrowAwayFolder&) = delete;
  ThrowAwayFolder& operator=(const ThrowAwayFolder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit ThrowAwayFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

SampleOptions day_until(Instant now, Duration step, std::int64_t events) {
  SampleOptions options;
  options.accounts = 4'000;
  options.hashtags = 1'500;
  options.step = step;
  options.start = now - step * events;
  return options;
}

// A day up to this minute at once, then on, a little faster than life.
Status feed(Daemon& daemon, Clock& clock, const std::stop_token& stop) {
  constexpr std::int64_t kPastEvents = 24'000;  // 26 hours
  constexpr Duration kStep = std::chrono::milliseconds(3'900);
  LINNET_TRY(const auto instance,
             observe::find_or_add_instance(daemon.writer(), kSampleServer, connect::default_platform().name,
                                           clock.now()));
  SampleStream stream(day_until(clock.now(), kStep, kPastEvents));
  std::string line;
  std::vector<observe::RawEvent> events;
  for (std::int64_t i = 0; i < kPastEvents && !stop.stop_requested(); ++i) {
    stream.next(line);
    events.push_back({instance, line});
    if (events.size() == 1'000) LINNET_CHECK(daemon.ingest().submit(std::exchange(events, {})));
  }
  LINNET_CHECK(daemon.ingest().submit(std::exchange(events, {})));
  stream.set_step(std::chrono::milliseconds(250));
  while (clock.sleep_for(std::chrono::milliseconds(250), stop)) {
    stream.next(line);
    LINNET_CHECK(daemon.ingest().submit({{instance, line}}));
  }
  return {};
}

// The recordings beside the sources, where they are: real posts among the made-up ones.
Status add_recordings(Daemon& daemon, Clock& clock, const std::string& path) {
  std::ifstream file(path);
  if (!file) return {};
  LINNET_TRY(const auto instance,
             observe::find_or_add_instance(daemon.writer(), "http://localhost:3000",
                                           connect::default_platform().name, clock.now()));
  std::string line;
  std::vector<observe::RawEvent> events;
  while (std::getline(file, line)) events.push_back({instance, line});
  return daemon.ingest().submit(std::move(events));
}

Status demo(cli::Context& context, DaemonOptions options, const std::string& recordings) {
  block_stop_signals();
  LINNET_TRY(const auto folder, ThrowAwayFolder::make());
  cli::GlobalOptions place = context.options;
  place.data = folder->path();
  place.db.clear();
  LINNET_TRY(auto database, cli::open_store(place));
  options.is_demo = true;
  options.connectors = false;
  options.data = place.data;
  LINNET_TRY(auto daemon, Daemon::start(*database, context.clock, options));
  fmt::print(
      "Linnet runs on {}\n"
      "Open it in a browser: a made-up network is moving there, in a folder that is thrown away when you "
      "stop.\n"
      "Stop with Ctrl-C. Your own data is not touched; linnet serve starts on it.\n",
      daemon->url());
  std::fflush(stdout);
  if (auto added = add_recordings(*daemon, context.clock, recordings); !added)
    log::warn("{}", added.error().safe);
  std::jthread feeder([&](const std::stop_token& stop) {
    if (auto fed = feed(*daemon, context.clock, stop); !fed) log::error("demo: {}", fed.error().safe);
  });
  wait_for_stop_signal();
  feeder.request_stop();
  feeder.join();
  return {};
}

}  // namespace

void add_demo_command(CLI::App& program, cli::Context& context) {
  const auto options = std::make_shared<DaemonOptions>();
  const auto recordings = std::make_shared<std::string>("../shared/data/mastodon/statuses.jsonl");
  auto* const command = program.add_subcommand(
      "demo", "Start with sample data in a throw-away folder, and print the address to open");
  command->add_option("--port", options->port, "Port to listen on; 0 is any that is free")
      ->capture_default_str();
  command
      ->add_option("--recordings", *recordings, "Recorded statuses to show as well, one JSON object a line")
      ->capture_default_str();
  command->callback([&context, options, recordings] {
    context.action = [&context, options, recordings] { return demo(context, *options, *recordings); };
  });
}

}  // namespace linnet::app
