// What every command has: the global options, and the database they name.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/steered_clock.hpp"
#include "cli/settings.hpp"
#include "observe/ingest.hpp"
#include "store/writer.hpp"

namespace CLI {
class App;
}

namespace linnet::cli {

struct GlobalOptions {
  std::string data;  // the data folder
  std::string db;    // sqlite:PATH or postgres://…; empty: DIR/linnet.db
  bool json = false;
  bool quiet = false;
};

struct Context {
  GlobalOptions options;
  Settings settings;  // loaded before the action, except where it has nothing to do with the data folder
  SteeredClock clock;
  // What the command line asked for; set by the command it named.
  std::function<Status()> action;
};

// The data folder when none is given: $LINNET_DATA, else the XDG data folder.
std::string default_data_folder();

// The database as `--db` or the data folder has it.
std::string database_location(const GlobalOptions& options);

// Opens the database, makes the data folder if needed, and brings the schema up to date.
Result<std::unique_ptr<store::Database>> open_store(const GlobalOptions& options);
// The same without touching the schema.
Result<std::unique_ptr<store::Database>> open_store_as_it_is(const GlobalOptions& options);

// How ingest works under the user's settings.
observe::IngestOptions ingest_options_of(const Context& context);

// The error with the option or argument it is about in front.
Error named(std::string_view option, Error error);
template <typename T>
Result<T> named(std::string_view option, Result<T> result) {
  return result ? std::move(result) : Result<T>(named(option, result.error()));
}

// 0 done, 1 the request failed, 2 the command line is wrong, 3 the environment is.
int exit_status(const Error& error);

// Adds each command to the program; `app/main.cpp` lists them.
void add_import_command(CLI::App& program, Context& context);
void add_events_command(CLI::App& program, Context& context);
void add_db_command(CLI::App& program, Context& context);
void add_job_command(CLI::App& program, Context& context);
// What takes data away: part of `db`.
void add_db_take_back_commands(CLI::App& db, Context& context);
void add_hashtags_command(CLI::App& program, Context& context);
void add_topic_command(CLI::App& program, Context& context);
void add_layer_command(CLI::App& program, Context& context);
void add_posts_command(CLI::App& program, Context& context);
void add_summaries_command(CLI::App& program, Context& context);
void add_domains_command(CLI::App& program, Context& context);
void add_settings_command(CLI::App& program, Context& context);
void add_retention_command(CLI::App& program, Context& context);
void add_account_command(CLI::App& program, Context& context);
void add_account_list_commands(CLI::App& account, Context& context);
void add_watch_command(CLI::App& program, Context& context);
void add_action_command(CLI::App& program, Context& context);
void add_policy_command(CLI::App& program, Context& context);
// list, show, cancel, retry and what settles an outcome: part of `action`.
void add_action_list_commands(CLI::App& action, Context& context);
void add_approval_commands(CLI::App& program, Context& context);
void add_audit_command(CLI::App& program, Context& context);
void add_block_command(CLI::App& program, Context& context);
void add_key_command(CLI::App& program, Context& context);
void add_user_command(CLI::App& program, Context& context);
void add_token_command(CLI::App& program, Context& context);
void add_consent_command(CLI::App& program, Context& context);
void add_person_command(CLI::App& program, Context& context);
void add_platform_command(CLI::App& program, Context& context);
void add_platform_credential_commands(CLI::App& platform, Context& context);
void add_account_settings_commands(CLI::App& account, Context& context);
void add_account_read_commands(CLI::App& account, Context& context);

}  // namespace linnet::cli
