#include "cli/context.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "base/log.hpp"
#include "base/without_secrets.hpp"
#include "govern/platforms.hpp"
#include "observe/lost_tables.hpp"
#include "observe/upkeep.hpp"
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
  auto opened = store::open_database(location);
  if (opened) return opened;
  // Who types a command may know where the database is, and what its server says; who asks the API may not.
  auto error = opened.error();
  if (error.kind == ErrorKind::unavailable || error.kind == ErrorKind::corrupt)
    error.safe = fmt::format(
        "{}: {}", without_secrets(location),
        error.safe == error.message ? error.safe : fmt::format("{} ({})", error.safe, error.message));
  return error;
}

namespace {

// Goes on all the same: the log brings the posts back, and nothing else can be brought back from here.
Status tell_tables_behind(store::Database& database) {
  LINNET_TRY(auto reader, database.reader());
  const auto behind = observe::find_tables_behind(*reader);
  // What is damaged in the log is told by whoever needs it.
  if (behind && *behind) log::warn("{}", (*behind)->in_words);
  return {};
}

}  // namespace

Result<std::unique_ptr<store::Database>> open_store(const GlobalOptions& options) {
  LINNET_TRY(auto database, open_store_as_it_is(options));
  LINNET_CHECK(observe::refuse_lost_tables(*database));
  LINNET_TRY(const int applied, store::migrate(*database));
  (void)applied;
  LINNET_CHECK(tell_tables_behind(*database));
  if (database->is_read_only()) return database;
  LINNET_CHECK(govern::fill_platforms(*database, SystemClock().now()));
  LINNET_CHECK(observe::put_right_once(*database, [&] {
    const auto loaded = load_settings(options.data);
    return observe::ProjectorOptions{loaded && loaded->settings.redact_on_delete};
  }));
  return database;
}

observe::IngestOptions ingest_options_of(const Context& context) {
  observe::IngestOptions options;
  options.redact_on_delete = context.settings.redact_on_delete;
  options.keep_followers_only = context.settings.keep_followers_only;
  options.patience = std::chrono::minutes(5);  // a command ends sooner or later, and says why
  return options;
}

Error named(std::string_view option, Error error) {
  error.message = fmt::format("{}: {}", option, error.message);
  error.safe = fmt::format("{}: {}", option, error.safe);
  return error;
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
