#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>

#include "cli/context.hpp"
#include "cli/output.hpp"
#include "cli/serve_lock.hpp"
#include "store/migrations.hpp"

namespace linnet::cli {
namespace {

using store::Part;

struct RollbackOptions {
  std::string part = "tables";
  bool yes = false;
};

Result<Part> part_of(std::string_view name) {
  for (const auto part : {Part::tables, Part::log, Part::search})
    if (store::name_of(part) == name) return part;
  return invalid(fmt::format("--part: expected tables, log or search, got \"{}\"", name));
}

std::string rows_text(const store::TableRows& table) {
  return fmt::format("{} ({} {})", table.table, with_separators(table.rows),
                     table.rows == 1 ? "row" : "rows");
}

std::string what_goes(const store::RollbackLoss& loss) {
  std::vector<std::string> tables;
  for (const auto& table : loss.tables) tables.push_back(rows_text(table));
  return fmt::format("migration {} ({}) of the {} is taken back; {}", loss.migration.number,
                     loss.migration.name, store::name_of(loss.migration.part),
                     tables.empty() ? "no table goes, but columns may"
                                    : fmt::format("with it go {}", fmt::join(tables, ", ")));
}

// The tables hold how far they have read the log: without it, its numbers would begin again.
Status refuse_to_drop_log(const store::RollbackLoss& loss) {
  for (const auto& table : loss.tables) {
    if (table.table != "event_log_head" || table.rows == 0) continue;
    return Error::of(
        ErrorKind::conflict,
        "db rollback: this would take the whole event log, from which everything is rebuilt; to begin "
        "with an empty database say linnet db reset");
  }
  return {};
}

Status rollback(Context& context, const RollbackOptions& options) {
  LINNET_TRY(const auto part, part_of(options.part));
  LINNET_TRY(auto database, open_store_as_it_is(context.options));
  LINNET_TRY(const auto loss, store::rollback_loss(*database, part));
  if (loss) {
    LINNET_CHECK(refuse_to_drop_log(*loss));
    if (!options.yes)
      return invalid(
          fmt::format("db rollback: {}; back it up first (linnet db backup FILE), then say --yes to do it",
                      what_goes(*loss)));
    LINNET_TRY(const auto lock, keep_serve_out(context, *database, "so that it does not write to what goes"));
    LINNET_TRY(const int taken_back, store::rollback(*database, part));
    (void)taken_back;
  }
  const int count = loss ? 1 : 0;
  if (context.options.json) {
    print_json(boost::json::object{{"taken_back", count}});
  } else {
    fmt::print("migrations taken back: {}\n", count);
  }
  return {};
}

struct Named {
  std::string_view name;
  Part part;
  std::string_view table;
};
constexpr Named kNamed[] = {{"posts", Part::tables, "posts"},
                            {"events", Part::log, "event_rows"},
                            {"accounts", Part::tables, "accounts"},
                            {"actions", Part::tables, "action_attempts"},
                            {"direct messages", Part::tables, "dm_messages"},
                            {"entries of the blocklist", Part::tables, "blocklist_entries"},
                            {"entries of the audit trail", Part::tables, "audit_entries"},
                            {"people who use Linnet", Part::tables, "users"}};

// What cannot be counted, because the schema is an older one or damaged, is not named.
std::string what_is_there(store::Database& database) {
  std::vector<std::string> there;
  for (const auto& named : kNamed) {
    auto connection = database.connect(named.part);
    if (!connection) continue;
    const auto rows = store::count_rows(**connection, named.table);
    if (rows && *rows > 0) there.push_back(fmt::format("{} {}", with_separators(*rows), named.name));
  }
  return there.empty() ? "" : fmt::format(": {}", fmt::join(there, ", "));
}

Status reset(Context& context, bool yes) {
  LINNET_TRY(auto database, open_store_as_it_is(context.options));
  if (!yes)
    return invalid(fmt::format("db reset: deletes everything in {}{}; say --yes to do it",
                               database->description(), what_is_there(*database)));
  LINNET_TRY(const auto lock, keep_serve_out(context, *database, "so that it does not write to what goes"));
  LINNET_CHECK(store::reset(*database));
  if (!context.options.json) fmt::print("the database is empty\n");
  return {};
}

}  // namespace

void add_db_take_back_commands(CLI::App& db, Context& context) {
  const auto options = std::make_shared<RollbackOptions>();
  auto* const rollback_command = db.add_subcommand(
      "rollback", "Take back the newest migration, before going back to an older version of Linnet");
  rollback_command->add_option("--part", options->part, "Of which part: tables, log or search")
      ->capture_default_str();
  rollback_command->add_flag("--yes", options->yes, "Really do it; without it, what would go is named");
  rollback_command->callback(
      [&context, options] { context.action = [&context, options] { return rollback(context, *options); }; });

  const auto yes = std::make_shared<bool>(false);
  auto* const reset_command =
      db.add_subcommand("reset", "Delete everything and begin with an empty database");
  reset_command->add_flag("--yes", *yes, "Really do it; without it, what would go is named");
  reset_command->callback(
      [&context, yes] { context.action = [&context, yes] { return reset(context, *yes); }; });
}

}  // namespace linnet::cli
