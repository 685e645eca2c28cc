// What can be set: in linnet.toml of the data folder, or by an environment variable, which wins.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "connect/platform_settings.hpp"
#include "net/network_guard.hpp"
#include "observe/salience/numbers.hpp"

namespace linnet::cli {

struct Settings {
  std::string db;  // sqlite:PATH or postgres://…; empty: linnet.db in the data folder
  std::string listen = "127.0.0.1";
  std::uint16_t port = 7450;
  std::string trusted_proxies = "127.0.0.1, ::1";
  std::vector<std::string> allowed_hosts;    // names of proxies in front
  std::vector<std::string> allowed_origins;  // other sites whose pages may ask
  std::string log_level = "info";
  bool redact_on_delete = false;
  bool keep_followers_only = true;
  Duration keep_events = std::chrono::days(30);
  std::string backups;  // when, as cron writes it; empty: when asked for
  std::string backups_zone = "UTC";
  std::int64_t keep_backups = 7;                 // of those
  std::optional<Duration> keep_posts_unengaged;  // absent: for ever
  std::vector<net::Network> allowed_networks;    // beside the public internet
  connect::PlatformSettings platforms;
  salience::Settings salience_settings;
};

// One setting as `linnet settings` shows it.
struct SettingView {
  std::string_view name;
  std::string_view help;
  std::string variable;  // LINNET_NAME
  std::string value;     // a secret in it is made unreadable
  std::string origin;    // "default", "LINNET_PORT", "/home/ada/.local/share/linnet/linnet.toml:3"
};

struct LoadedSettings {
  Settings settings;
  std::vector<SettingView> views;
};

// `db` alone, by whoever cannot wait until the rest is put right: damage beside it does not count. Empty: the
// default.
Result<std::string> load_db_setting(const std::string& data_folder);

// Reads the file, if there is one, and the environment. Errors name where the setting stands, what was
// expected and what was given; unknown names are errors too, so that a misspelt one is noticed.
Result<LoadedSettings> load_settings(const std::string& data_folder);

}  // namespace linnet::cli
