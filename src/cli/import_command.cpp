#include <fmt/format.h>

#include <CLI/CLI.hpp>

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

Status import_file(observe::Ingest& ingest, InstanceId instance, const std::string& file, std::size_t batch,
                   Progress& progress) {
  LINNET_TRY(auto reader, connect::LineReader::open(file));
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
                                  std::min<std::size_t>(batch, 1'000)));
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
  observe::IngestOptions ingest_options;
  ingest_options.batch_events = options.batch;
  ingest_options.queue_events = options.batch * 2;
  ingest_options.linger = std::chrono::milliseconds(200);
  LINNET_TRY(auto ingest, observe::Ingest::start(*database, *writer, context.clock, ingest_options));
  for (const auto& file : options.files) {
    Progress progress("Importing " + file, !context.options.quiet);
    LINNET_CHECK(import_file(*ingest, instance, file, options.batch, progress));
  }
  print_figures(ingest->figures(), context.options.json);
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
  events->callback([&context, options] {
    context.action = [&context, options] { return import_events(context, *options); };
  });
}

}  // namespace linnet::cli
