#include "cli/context.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "govern/platforms.hpp"
#include "store/migrations.hpp"

namespace linnet::cli {

std::string default_data_folder() {
  const auto variable = [](const char* name) {
    const char* const value = std::getenv(name);
    return std::string(value != nullptr ? value : "");
  };
  if (auto own = variable("LINNET_DATA"); !own.empty()) return own;
  if (const auto xdg = variable("XDG_DATA_HOME"); !xdg.empty()) return xdg + "/linnet";
  const auto home = variable("HOME");
  return (home.empty() ? std::string(".") : home) + "/.local/share/linnet";
}

std::string database_location(const GlobalOptions& options) {
  return options.db.empty() ? "sqlite:" + options.data + "/linnet.db" : options.db;
}

Result<std::unique_ptr<store::Database>> open_store_as_it_is(const GlobalOptions& options) {
  const auto location = database_location(options);
  if (options.db.empty()) {
    std::error_code error;
    std::filesystem::create_directories(options.data, error);
    if (error) {
      return unavailable(fmt::format("--data: cannot make the folder {}: {}", options.data, error.message()));
    }
  }
  return store::open_database(location);
}

Result<std::unique_ptr<store::Database>> open_store(const GlobalOptions& options) {
  LINNET_TRY(auto database, open_store_as_it_is(options));
  LINNET_TRY(const int applied, store::migrate(*database));
  (void)applied;
  LINNET_CHECK(govern::fill_platforms(*database, SystemClock().now()));
  return database;
}

observe::IngestOptions ingest_options_of(const Context& context) {
  observe::IngestOptions options;
  options.redact_on_delete = context.settings.redact_on_delete;
  return options;
}

int exit_status(const Error& error) {
  switch (error.kind) {
    case ErrorKind::unavailable:
    case ErrorKind::corrupt:
      return 3;
    default:
      return 1;
  }
}

}  // namespace linnet::cli
