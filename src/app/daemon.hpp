// The running program: ingest, what follows behind it, connectors, API and web app, wired together.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/api_server.hpp"
#include "base/clock.hpp"
#include "connect/platform_settings.hpp"
#include "govern/backup_copies.hpp"
#include "observe/ingest.hpp"
#include "observe/salience/numbers.hpp"
#include "store/writer.hpp"

namespace linnet::app {

struct DaemonOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 7450;
  std::string trusted_proxies = "127.0.0.1, ::1";
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> allowed_origins;
  bool is_demo = false;
  std::string data;  // the data folder, for the key of credentials
  bool connectors = true;
  bool redact_on_delete = false;
  bool keep_followers_only = true;
  govern::BackupSettings backups;
  std::optional<Duration> keep_posts_unengaged;  // absent: for ever
  connect::PlatformSettings platforms;
  salience::Settings salience_settings;
  // How far a test has moved the clock: so much time has passed by every clock.
  std::function<Duration()> let_pass = [] { return Duration(0); };
};

class Daemon {
 public:
  // `database` and `clock` outlive the daemon.
  static Result<std::unique_ptr<Daemon>> start(store::Database& database, Clock& clock,
                                               const DaemonOptions& options);
  virtual ~Daemon() = default;

  [[nodiscard]] virtual std::string url() const = 0;
  [[nodiscard]] virtual observe::Ingest& ingest() = 0;
  [[nodiscard]] virtual store::Writer& writer() = 0;
  // An error where the program cannot go on: ingest has stopped. It has asked itself to end then, as by
  // SIGTERM.
  [[nodiscard]] virtual Status outcome() const = 0;
};

// Waits for SIGINT or SIGTERM.
void wait_for_stop_signal();
// Blocks those signals in this thread and in the ones it starts; to be called first.
void block_stop_signals();

extern const char* const kVersion;

}  // namespace linnet::app
