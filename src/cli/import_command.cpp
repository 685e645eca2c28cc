#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <fstream>

#include "base/hash.hpp"
#include "base/log.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "connect/archive/archive_import.hpp"
#include "connect/archive/line_reader.hpp"
#include "net/url.hpp"
#include "observe/import_events.hpp"

namespace linnet::cli {
namespace {

struct ImportOptions {
  std::vector<std::string> files;
  std::string instance;
  std::string platform = "mastodon";
  std::size_t batch = 10'000;
  bool restart = false;
};

boost::json::object figures_json(const observe::IngestFigures& figures) {
  return {{"read", figures.read},   {"applied", figures.applied}, {"unchanged", figures.unchanged},
          {"stale", figures.stale}, {"failed", figures.failed},   {"ignored", figures.ignored}};
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
  if (figures.failed > 0)
    fmt::print("linnet events list --failed shows what could not be understood, and why\n");
}

std::string name_of_import(InstanceId instance, const std::string& file) {
  if (file == "-") return "";
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
                                    line.assign(next.text);
                                    progress.show(reader.file_bytes_read(), reader.file_size().value_or(0),
                                                  "bytes");
                                    return has_line;
                                  },
                                  std::min<std::size_t>(options.batch, 1'000), from));
  (void)read;
  return {};
}

Status import_events(Context& context, const ImportOptions& options) {
  if (options.platform != "mastodon") {
    return invalid(fmt::format("--platform: expected mastodon, got \"{}\"", options.platform));
  }
  LINNET_TRY(const auto base_url, net::normalise_instance_url(options.instance));
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto writer, store::Writer::start(*database));
  LINNET_TRY(const auto instance,
             observe::find_or_add_instance(*writer, base_url, options.platform, context.clock.now()));
  auto ingest_options = ingest_options_of(context);
  ingest_options.batch_events = options.batch;
  ingest_options.queue_events = options.batch * 2;
  ingest_options.linger = std::chrono::milliseconds(200);
  LINNET_TRY(auto ingest, observe::Ingest::start(*database, *writer, context.clock, ingest_options));
  for (const auto& file : options.files) {
    Progress progress("Importing " + file, !context.options.quiet);
    LINNET_CHECK(import_file(*database, *ingest, instance, file, options, progress));
  }
  print_figures(ingest->figures(), context.options.json);
  return {};
}

// Hands the posts of an archive to ingest.
class ArchiveSink final : public connect::EventSink {
 public:
  ArchiveSink(observe::Ingest& ingest, InstanceId instance, std::string name)
      : ingest_(ingest), instance_(instance), name_(std::move(name)) {}

  Status accept(std::vector<std::string> lines, std::optional<std::string> cursor) override {
    std::vector<observe::RawEvent> events;
    events.reserve(lines.size());
    for (auto& line : lines) events.push_back({instance_, std::move(line)});
    if (!cursor) return ingest_.submit(std::move(events));
    return ingest_.submit_durably(std::move(events), observe::Cursor{name_, std::move(*cursor)});
  }

 private:
  observe::Ingest& ingest_;
  InstanceId instance_;
  std::string name_;
};

// An import that was broken off goes on after the last item that is on disk.
Result<std::uint64_t> items_taken(store::Database& database, const std::string& name) {
  LINNET_TRY(auto reader, database.reader());
  LINNET_TRY(const auto cursor, observe::load_cursor(*reader, name));
  return cursor ? std::strtoull(cursor->c_str(), nullptr, 10) : 0;
}

Status import_archive(Context& context, const std::string& path) {
  LINNET_TRY(auto owner, connect::inspect_archive(path));
  LINNET_TRY(const auto base_url, net::normalise_instance_url(owner.instance_url));
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto writer, store::Writer::start(*database));
  LINNET_TRY(const auto instance,
             observe::find_or_add_instance(*writer, base_url, "mastodon", context.clock.now()));
  {
    LINNET_TRY(auto reader, database->reader());
    LINNET_TRY(
        const auto known,
        store::query_text(*reader, "SELECT id FROM platform_users WHERE instance_id = $1 AND acct = $2",
                          {instance.value(), std::string_view(owner.username)}));
    if (known) owner.account_id = *known;
  }
  LINNET_TRY(auto ingest,
             observe::Ingest::start(*database, *writer, context.clock, ingest_options_of(context)));
  const auto name = fmt::format("archive {} {}", base_url, path);
  ArchiveSink sink(*ingest, instance, name);
  connect::ArchiveOptions options;
  LINNET_TRY(options.skip_items, items_taken(*database, name));
  Progress progress("Importing " + path, !context.options.quiet);
  LINNET_TRY(const auto outcome, connect::import_archive(
                                     path, owner, sink, options,
                                     [&](const connect::ArchiveProgress& now) {
                                       progress.show(now.packed_bytes_read, now.packed_bytes, "bytes");
                                     },
                                     std::stop_token()));
  LINNET_CHECK(ingest->drain());
  print_figures(ingest->figures(), context.options.json);
  if (!context.options.json && !context.options.quiet) {
    fmt::print("left out: {} boosts of others, {} direct messages\n", outcome.boosts_of_others,
               outcome.direct_messages);
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
                             "Importing a file again, or files that overlap, changes nothing.\n\n"
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
