#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>

#include "base/hash.hpp"
#include "base/log.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "connect/archive/archive_import.hpp"
#include "connect/archive/line_reader.hpp"
#include "connect/every_platform.hpp"
#include "model/address_lookup.hpp"
#include "net/url.hpp"
#include "observe/import_archive.hpp"
#include "observe/import_events.hpp"
#include "observe/salience/own_lines.hpp"

namespace linnet::cli {
namespace {

struct ImportOptions {
  std::vector<std::string> files;
  std::string instance;
  std::string platform = std::string(connect::default_platform().name);
  std::size_t batch = 10'000;
  bool restart = false;
};

// Those that another process, such as linnet serve, took from the log into the tables before this one did.
std::uint64_t taken_elsewhere(const observe::IngestFigures& figures) {
  const auto counted_here =
      figures.applied + figures.unchanged + figures.stale + figures.failed + figures.ignored;
  return figures.read > counted_here ? figures.read - counted_here : 0;
}

boost::json::object figures_json(const observe::IngestFigures& figures) {
  return {{"read", figures.read},
          {"applied", figures.applied},
          {"unchanged", figures.unchanged},
          {"stale", figures.stale},
          {"failed", figures.failed},
          {"ignored", figures.ignored},
          {"elsewhere", taken_elsewhere(figures)}};
}

void print_figures(const observe::IngestFigures& figures, bool json) {
  if (json) {
    print_json(figures_json(figures));
    return;
  }
  Table table({"read", "applied", "unchanged", "stale", "failed", "ignored"});
  table.add({with_separators(static_cast<std::int64_t>(figures.read)),
             with_separators(static_cast<std::int64_t>(figures.applied)),
             with_separators(static_cast<std::int64_t>(figures.unchanged)),
             with_separators(static_cast<std::int64_t>(figures.stale)),
             with_separators(static_cast<std::int64_t>(figures.failed)),
             with_separators(static_cast<std::int64_t>(figures.ignored))});
  table.print("");
  if (const auto elsewhere = static_cast<std::int64_t>(taken_elsewhere(figures)); elsewhere > 0)
    fmt::print("{} taken into the tables by another process: what became of them is not counted here\n",
               elsewhere == 1 ? "1 event was" : with_separators(elsewhere) + " events were");
  if (figures.failed > 0)
    fmt::print("linnet events list --failed shows what could not be understood, and why\n");
}

// What is read from a pipe, also one that has a name, is gone: only a file is looked into before it is taken.
bool is_a_pipe(const std::string& file) {
  std::error_code code;
  const auto there = std::filesystem::status(file, code);
  return file == "-" || (std::filesystem::exists(there) && !std::filesystem::is_regular_file(there) &&
                         !std::filesystem::is_directory(there));
}

std::string name_of_import(InstanceId instance, const std::string& file) {
  if (is_a_pipe(file)) return "";
  std::string beginning(64U << 10U, '\0');
  std::ifstream stream(file, std::ios::binary);
  stream.read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
  beginning.resize(static_cast<std::size_t>(stream.gcount()));
  return fmt::format("import {} {}", instance.value(), sha256_hex(beginning));
}

// A file is known again by how it begins and by the last line that was taken, so that one that was renamed,
// or has grown, goes on where it was broken off, and another one does not.
Result<std::uint64_t> lines_to_skip(store::Database& database, const std::string& name,
                                    const std::string& file) {
  LINNET_TRY(auto connection, database.reader());
  LINNET_TRY(const auto taken, observe::lines_taken(*connection, name));
  if (taken.lines == 0) return 0;
  LINNET_TRY(auto reader, connect::LineReader::open(file));
  connect::Line line;
  for (std::uint64_t i = 0; i < taken.lines; ++i) {
    LINNET_TRY(const bool has_line, reader.next(line));
    if (!has_line) return 0;
  }
  return observe::hash_of_line(line.text) == taken.last_hash ? taken.lines : 0;
}

Status import_file(store::Database& database, observe::Ingest& ingest, InstanceId instance,
                   const std::string& file, const ImportOptions& options, Progress& progress) {
  LINNET_TRY(auto reader, connect::LineReader::open(file));
  observe::ImportProgress from{name_of_import(instance, file), 0};
  if (!from.name.empty() && !options.restart) {
    LINNET_TRY(from.skip_lines, lines_to_skip(database, from.name, file));
  }
  if (from.skip_lines > 0)
    log::info("{}: going on after line {}; --restart begins again", file, from.skip_lines);
  connect::Line next;
  LINNET_TRY(const auto read, observe::import_lines(
                                  ingest, instance,
                                  [&](std::string& line) -> Result<bool> {
                                    LINNET_TRY(const bool has_line, reader.next(next));
                                    if (has_line) line.assign(next.text);
                                    progress.show(reader.file_bytes_read(), reader.file_size().value_or(0),
                                                  "bytes");
                                    return has_line;
                                  },
                                  std::min<std::size_t>(options.batch, 1'000), from));
  (void)read;
  return {};
}

// Looked at before a server is made that no command takes away again. What comes by a pipe is judged by its
// figures at the end.
Status refuse_other_files(const std::string& file) {
  constexpr int kLooked = 25;
  if (is_a_pipe(file)) return {};
  LINNET_TRY(auto reader, connect::LineReader::open(file));
  connect::Line line;
  int looked = 0;
  while (looked < kLooked) {
    LINNET_TRY(const bool has_line, reader.next(line));
    if (!has_line) break;
    const auto begin = line.text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) continue;
    if (line.text[begin] == '{' || line.text[begin] == '[') return {};
    ++looked;
  }
  if (looked == 0) return {};
  return invalid(
      fmt::format("FILE: {} is no stream dump: expected one JSON event or one status a line, and "
                  "none of its first lines is JSON; nothing was imported",
                  file));
}

Status import_events(Context& context, const ImportOptions& options) {
  if (options.platform != connect::default_platform().name)
    return invalid(fmt::format("--platform: expected {}, got \"{}\"", connect::default_platform().name,
                               options.platform));
  LINNET_TRY(const auto base_url, named("--instance", net::normalise_instance_url(options.instance)));
  for (const auto& file : options.files) LINNET_CHECK(refuse_other_files(file));
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto writer, store::Writer::start(*database));
  LINNET_TRY(const auto instance,
             observe::find_or_add_instance(*writer, base_url, options.platform, context.clock.now()));
  auto ingest_options = ingest_options_of(context);
  ingest_options.batch_events = options.batch;
  ingest_options.queue_events = options.batch * 2;
  ingest_options.linger = std::chrono::milliseconds(200);
  ingest_options.counts_own_alone = true;
  LINNET_TRY(auto ingest, observe::Ingest::start(*database, *writer, context.clock, ingest_options));
  LINNET_CHECK(
      salience::tell_settings(*database, *ingest, context.settings.salience_settings, context.clock.now()));
  for (const auto& file : options.files) {
    Progress progress("Importing " + file, !context.options.quiet);
    LINNET_CHECK(import_file(*database, *ingest, instance, file, options, progress));
  }
  const auto figures = ingest->figures();
  print_figures(figures, context.options.json);
  if (figures.read == 0 || figures.failed < figures.read) return {};
  // One document over all the file, such as an array, is in the log with a word on what to do about it.
  if (figures.read > 1) return invalid("FILE: nothing in it could be understood");
  if (!context.options.quiet)
    fmt::print(stderr, "Nothing in it could be understood; linnet events list --failed says why.\n");
  return {};
}

Status import_archive(Context& context, const std::string& path) {
  LINNET_TRY(auto owner, connect::inspect_archive(path));
  LINNET_TRY(const auto base_url, net::normalise_instance_url(owner.instance_url));
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto writer, store::Writer::start(*database));
  LINNET_TRY(const auto instance, observe::find_or_add_instance(*writer, base_url, connect::kArchivePlatform,
                                                                context.clock.now()));
  {
    LINNET_TRY(auto reader, database->reader());
    LINNET_TRY(const auto known, model::accounts_shown_as(*reader, instance, owner.username));
    if (!known.empty()) owner.account_id = known.front().id;
  }
  auto ingest_options = ingest_options_of(context);
  ingest_options.counts_own_alone = true;
  LINNET_TRY(auto ingest, observe::Ingest::start(*database, *writer, context.clock, ingest_options));
  LINNET_CHECK(
      salience::tell_settings(*database, *ingest, context.settings.salience_settings, context.clock.now()));
  Progress progress("Importing " + path, !context.options.quiet);
  LINNET_TRY(const auto outcome, observe::import_archive(
                                     *database, *ingest, instance, path, owner, {},
                                     [&](const connect::ArchiveProgress& now) {
                                       progress.show(now.packed_bytes_read, now.packed_bytes, "bytes");
                                     },
                                     std::stop_token()));
  print_figures(ingest->figures(), context.options.json);
  if (!context.options.json && !context.options.quiet) {
    fmt::print("left out: {} of others, {}\n",
               counted(static_cast<std::int64_t>(outcome.boosts_of_others), "boost"),
               counted(static_cast<std::int64_t>(outcome.direct_messages), "direct message"));
  }
  return {};
}

}  // namespace

void add_import_command(CLI::App& program, Context& context) {
  auto* const import = program.add_subcommand("import", "Bring in what was recorded or exported elsewhere");
  import->require_subcommand(1);

  const auto options = std::make_shared<ImportOptions>();
  auto* const events =
      import->add_subcommand("events",
                             "Import stream dumps: one JSON event, or one status, a line.\n"
                             "Importing events again, or files of them that overlap, changes nothing.\n\n"
                             "  linnet import events dump.jsonl.zst --instance https://mastodon.social\n"
                             "  zcat old.gz | linnet import events - --instance https://mastodon.social");
  events
      ->add_option("FILE", options->files,
                   "Files to read; - is standard input; .gz and .zst are read as they are")
      ->required();
  events->add_option("--instance", options->instance, "Address of the server the events came from")
      ->required();
  events->add_option("--platform", options->platform, "The network: mastodon")->capture_default_str();
  events->add_option("--batch", options->batch, "Most events in one commit")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000));
  events->add_flag("--restart", options->restart, "Begin again with files whose import was broken off");
  events->callback([&context, options] {
    context.action = [&context, options] { return import_events(context, *options); };
  });

  const auto path = std::make_shared<std::string>();
  auto* const archive = import->add_subcommand("archive",
                                               "Import the archive a network gave you: Mastodon's, as zip or "
                                               "tar\n\n  linnet import archive archive-20260801.zip");
  archive->add_option("PATH", *path, "The archive as it was downloaded")->required();
  archive->callback(
      [&context, path] { context.action = [&context, path] { return import_archive(context, *path); }; });
}

}  // namespace linnet::cli
