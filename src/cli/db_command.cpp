#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "cli/context.hpp"
#include "cli/output.hpp"
#include "observe/check.hpp"
#include "observe/digest.hpp"
#include "store/migrations.hpp"

namespace linnet::cli {
namespace {

std::string_view name_of(store::Part part) {
  switch (part) {
    case store::Part::tables:
      return "tables";
    case store::Part::log:
      return "log";
    case store::Part::search:
      return "search";
  }
  return "tables";
}

Status show_status(Context& context) {
  LINNET_TRY(auto database, open_store_as_it_is(context.options));
  LINNET_TRY(const auto states, store::migration_states(*database));
  LINNET_TRY(const auto sizes, database->sizes());
  if (context.options.json) {
    boost::json::array migrations;
    for (const auto& state : states) {
      migrations.push_back(boost::json::object{
          {"part", name_of(state.part)},
          {"number", state.number},
          {"name", state.name},
          {"applied_at", state.applied_at ? boost::json::value(to_iso8601(*state.applied_at)) : nullptr}});
    }
    boost::json::object bytes;
    for (const auto& size : sizes) bytes[name_of(size.part)] = size.bytes;
    print_json(boost::json::object{
        {"database", database->description()}, {"migrations", migrations}, {"bytes", bytes}});
    return {};
  }
  fmt::print("{}\n\n", database->description());
  Table table({"part", "number", "migration", "applied"});
  for (const auto& state : states) {
    table.add({std::string(name_of(state.part)), std::to_string(state.number), state.name,
               state.applied_at ? to_iso8601(*state.applied_at) : "not yet"});
  }
  table.print("no migrations");
  fmt::print("\n");
  Table size_table({"part", "bytes"});
  for (const auto& size : sizes)
    size_table.add({std::string(name_of(size.part)), with_separators(size.bytes)});
  size_table.print("");
  return {};
}

void print_count(Context& context, std::string_view name, std::string_view sentence, int count) {
  if (context.options.json) {
    print_json(boost::json::object{{name, count}});
  } else {
    fmt::print("{}: {}\n", sentence, count);
  }
}

Status migrate(Context& context) {
  LINNET_TRY(auto database, open_store_as_it_is(context.options));
  LINNET_TRY(const int applied, store::migrate(*database));
  print_count(context, "applied", "migrations applied", applied);
  return {};
}

Status rollback(Context& context) {
  LINNET_TRY(auto database, open_store_as_it_is(context.options));
  LINNET_TRY(const int taken_back, store::rollback(*database));
  print_count(context, "taken_back", "migrations taken back", taken_back);
  return {};
}

Status reset(Context& context, bool yes) {
  if (!yes) return invalid("db reset: deletes everything in the database; say --yes to do it");
  LINNET_TRY(auto database, open_store_as_it_is(context.options));
  LINNET_CHECK(store::reset(*database));
  if (!context.options.json) fmt::print("the database is empty\n");
  return {};
}

Status check(Context& context) {
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto reader, database->reader());
  LINNET_TRY(const auto findings, observe::check_projections(*reader));
  std::int64_t differing = 0;
  boost::json::array list;
  Table table({"", "differing", "what must hold"});
  for (const auto& finding : findings) {
    differing += finding.differing;
    list.push_back(boost::json::object{{"name", finding.name}, {"differing", finding.differing}});
    table.add({finding.differing == 0 ? "ok" : "NOT", std::to_string(finding.differing), finding.name});
  }
  if (context.options.json) {
    print_json(boost::json::object{{"ok", differing == 0}, {"checks", list}});
  } else {
    table.print("");
  }
  if (differing == 0) return {};
  return Error::of(ErrorKind::corrupt,
                   "db check: figures differ from what they are made of; linnet events replay "
                   "rebuilds them from the log");
}

Status digest(Context& context) {
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto reader, database->reader());
  LINNET_TRY(const auto digest, observe::digest_projections(*reader));
  if (!context.options.json) {
    fmt::print("{}\n", digest.sha256);
    return {};
  }
  boost::json::object tables;
  for (const auto& table : digest.tables) tables[table.table] = table.rows;
  print_json(boost::json::object{{"digest", digest.sha256}, {"rows", tables}});
  return {};
}

struct BackupOptions {
  std::string file;
  bool overwrite = false;
};

// The last good copy is not what a new one that fails may destroy.
Status check_place(const BackupOptions& options) {
  namespace fs = std::filesystem;
  const fs::path file(options.file);
  std::error_code error;
  const auto folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  if (!fs::is_directory(folder, error))
    return invalid(fmt::format("FILE: there is no folder {}; make it first", folder.string()));
  if (fs::is_directory(file, error))
    return invalid(fmt::format("FILE: {} is a folder; expected a file, such as {}", options.file,
                               (file / "linnet-backup.db").string()));
  if (fs::exists(file, error) && !options.overwrite)
    return invalid(fmt::format("FILE: {} is there already; take another name, or --overwrite", options.file));
  return {};
}

Status backup(Context& context, const BackupOptions& options) {
  LINNET_CHECK(check_place(options));
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_CHECK(database->backup(options.file));
  if (context.options.json) {
    print_json(boost::json::object{{"file", options.file}});
    return {};
  }
  fmt::print(
      "copied to {}{}\n", options.file,
      database->engine() == store::Engine::sqlite ? " and what stands beside it under the same name" : "");
  if (!context.options.quiet)
    fmt::print(
        stderr,
        "The key is not in it: keep a copy of {}/secret.key in another place. Without the key, sign-ins "
        "and messages in the copy cannot be read.\n",
        context.options.data);
  return {};
}

}  // namespace

void add_db_command(CLI::App& program, Context& context) {
  auto* const db = program.add_subcommand("db", "Look after the database");
  db->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, Status (*act)(Context&)) {
    db->add_subcommand(name, help)->callback([&context, act] {
      context.action = [&context, act] { return act(context); };
    });
  };
  add("status", "Which migrations are applied, and how large the parts are", show_status);
  add("migrate", "Apply the migrations that are missing (every command that needs it does so by itself)",
      migrate);
  add("rollback", "Take back the newest migration of each part", rollback);
  add("check", "Recompute every derived figure and compare; exit status 3 when one differs", check);
  add("digest", "A SHA-256 over every projection's rows in key order: equal digests mean equal data", digest);

  const auto yes = std::make_shared<bool>(false);
  auto* const reset_command =
      db->add_subcommand("reset", "Delete everything and begin with an empty database");
  reset_command->add_flag("--yes", *yes, "Really do it");
  reset_command->callback(
      [&context, yes] { context.action = [&context, yes] { return reset(context, *yes); }; });

  const auto options = std::make_shared<BackupOptions>();
  auto* const backup_command = db->add_subcommand(
      "backup",
      "Copy the database while it is in use: with SQLite three files, with PostgreSQL one of pg_dump\n\n"
      "  linnet db backup /media/disk/linnet-backup.db");
  backup_command->add_option("FILE", options->file, "Where to")->required();
  backup_command->add_flag("--overwrite", options->overwrite, "Also when there is one already");
  backup_command->callback(
      [&context, options] { context.action = [&context, options] { return backup(context, *options); }; });
}

}  // namespace linnet::cli
