#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <span>

#include "act/media_store.hpp"
#include "base/instant_words.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "cli/private_file.hpp"
#include "observe/check.hpp"
#include "observe/digest.hpp"
#include "observe/lost_tables.hpp"
#include "store/migrations.hpp"

namespace linnet::cli {
namespace {

Status show_status(Context& context) {
  LINNET_TRY(auto database, open_store_as_it_is(context.options));
  LINNET_TRY(const auto states, store::migration_states(*database));
  LINNET_TRY(const auto sizes, database->sizes());
  if (context.options.json) {
    boost::json::array migrations;
    for (const auto& state : states) {
      migrations.push_back(boost::json::object{
          {"part", store::name_of(state.part)},
          {"number", state.number},
          {"name", state.name},
          {"applied_at", state.applied_at ? boost::json::value(to_iso8601(*state.applied_at)) : nullptr}});
    }
    boost::json::object bytes;
    for (const auto& size : sizes) bytes[store::name_of(size.part)] = size.bytes;
    print_json(boost::json::object{
        {"database", database->description()}, {"migrations", migrations}, {"bytes", bytes}});
    return {};
  }
  fmt::print("{}\n\n", database->description());
  Table table({"part", "number", "migration", "applied"});
  for (const auto& state : states) {
    table.add({std::string(store::name_of(state.part)), std::to_string(state.number), state.name,
               state.applied_at ? in_words(*state.applied_at) : "not yet"});
  }
  table.print("no migrations");
  fmt::print("\n");
  Table size_table({"part", "bytes"});
  for (const auto& size : sizes)
    size_table.add({std::string(store::name_of(size.part)), with_separators(size.bytes)});
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
  LINNET_CHECK(observe::refuse_lost_tables(*database));
  LINNET_TRY(const int applied, store::migrate(*database));
  print_count(context, "applied", "migrations applied", applied);
  return {};
}

// Only what helps, and takes nothing away, is advised.
std::string advice_for(std::span<const observe::CheckFinding> findings) {
  using observe::Remedy;
  const auto differs = [&](Remedy remedy) {
    return std::any_of(findings.begin(), findings.end(), [&](const observe::CheckFinding& finding) {
      return finding.differing > 0 && finding.remedy == remedy;
    });
  };
  std::string advice;
  for (const auto& finding : findings)
    if (finding.differing > 0 && !finding.details.empty()) advice += fmt::format("\n{}", finding.details);
  if (differs(Remedy::restore)) return "a file is damaged" + advice;
  if (differs(Remedy::put_log_back)) return "the log does not belong to the tables" + advice;
  if (differs(Remedy::put_tables_back)) return "the tables are older than the log" + advice;
  if (differs(Remedy::none))
    return "some of the log cannot be read; what the tables hold of it stays, also in a replay" + advice;
  return "figures differ from what they are made of; linnet events replay rebuilds them from the log";
}

Status check(Context& context) {
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto reader, database->reader());
  LINNET_TRY(auto findings, observe::check_files(*reader));
  const auto add = [&findings](std::vector<observe::CheckFinding> more) {
    findings.insert(findings.end(), std::make_move_iterator(more.begin()),
                    std::make_move_iterator(more.end()));
  };
  const bool are_files_whole = std::all_of(findings.begin(), findings.end(),
                                           [](const auto& finding) { return finding.differing == 0; });
  if (are_files_whole) {
    LINNET_TRY(auto figures, observe::check_projections(*reader));
    add(std::move(figures));
    LINNET_TRY(auto log, observe::check_log(*reader));
    add(std::move(log));
  }
  std::int64_t differing = 0;
  boost::json::array list;
  Table table({"", "differing", "what must hold"});
  for (const auto& finding : findings) {
    differing += finding.differing;
    list.push_back(boost::json::object{
        {"name", finding.name}, {"differing", finding.differing}, {"details", finding.details}});
    table.add({finding.differing == 0 ? "ok" : "NOT", std::to_string(finding.differing), finding.name});
  }
  if (context.options.json) {
    print_json(boost::json::object{{"ok", differing == 0}, {"checks", list}});
  } else {
    table.print("");
  }
  if (differing == 0) return {};
  return Error::of(ErrorKind::corrupt, "db check: " + advice_for(findings));
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
Status check_place(const GlobalOptions& own, const BackupOptions& options) {
  namespace fs = std::filesystem;
  if (options.file.empty()) return invalid("FILE: expected the name of a file");
  const fs::path file(options.file);
  std::error_code error;
  const auto folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  if (!fs::is_directory(folder, error))
    return invalid(fmt::format("FILE: there is no folder {}; make it first", folder.string()));
  if (fs::is_directory(file, error))
    return invalid(fmt::format("FILE: {} is a folder; expected a file, such as {}", options.file,
                               (file / "linnet-backup.db").string()));
  return check_output_file("FILE", options.file, own, options.overwrite);
}

Status backup(Context& context, const BackupOptions& options) {
  LINNET_CHECK(check_place(context.options, options));
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_CHECK(
      act::back_up(*database, act::MediaStore(act::media_folder(context.options.data)), options.file));
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
  add("check", "Recompute every derived figure and compare; exit status 3 when one differs", check);
  add("digest", "A SHA-256 over every projection's rows in key order: equal digests mean equal data", digest);

  add_db_take_back_commands(*db, context);
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
