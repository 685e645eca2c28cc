#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "analyze/daily_summary_json.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "model/instances.hpp"

namespace linnet::cli {
namespace {

void print(const Context& context, const std::vector<analyze::StoredSummary>& summaries, bool whole) {
  if (context.options.json) {
    boost::json::array items;
    for (const auto& summary : summaries) items.push_back(analyze::to_json(summary));
    print_json(items);
    return;
  }
  if (whole) {
    for (const auto& summary : summaries)
      fmt::print("{}, {} ({})\n\n{}\n\n", summary.date, summary.base_url, summary.provider, summary.text);
    if (summaries.empty()) fmt::print("no summary of that day; linnet summaries make makes one\n");
    return;
  }
  Table table({"date", "server", "mood", "summary"});
  for (const auto& summary : summaries)
    table.add({summary.date, summary.base_url, summary.mood, shortened(summary.text, 72)});
  table.print("no day has been summarised yet; linnet summaries make does it");
}

Status list(Context& context, std::int64_t limit) {
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto reader, database->reader());
  analyze::SummaryFilter filter;
  filter.limit = limit;
  LINNET_TRY(const auto summaries, analyze::list_daily_summaries(*reader, filter));
  print(context, summaries, false);
  return {};
}

Status show(Context& context, const std::string& date) {
  LINNET_TRY(const auto day, analyze::parse_day("DATE", date));
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto reader, database->reader());
  analyze::SummaryFilter filter;
  filter.first_date = filter.last_date = to_iso8601(day).substr(0, 10);
  LINNET_TRY(const auto summaries, analyze::list_daily_summaries(*reader, filter));
  print(context, summaries, true);
  return {};
}

Status make(Context& context, const std::string& date) {
  Instant day = floor_day(context.clock.now()) - std::chrono::days(1);
  if (!date.empty()) {
    LINNET_TRY(day, analyze::parse_day("DATE", date));
  }
  if (day > context.clock.now()) return invalid("DATE: that day has not begun; give one that has");
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto writer, store::Writer::start(*database));
  {
    LINNET_TRY(auto reader, database->reader());
    LINNET_TRY(const auto instances, model::list_instances(*reader));
    if (instances.empty())
      return not_found(
          "there is no server yet whose posts could be summarised; linnet account add, linnet watch add or "
          "linnet import bring one");
    LINNET_TRY(const auto made,
               analyze::make_daily_summaries(*reader, *writer, std::nullopt, day, context.clock.now(),
                                             [](std::int64_t, std::int64_t) { return Status(); }));
    (void)made;
  }
  return show(context, to_iso8601(day).substr(0, 10));
}

}  // namespace

void add_summaries_command(CLI::App& program, Context& context) {
  auto* const summaries = program.add_subcommand("summaries", "What each day was, counted and told");
  summaries->require_subcommand(1);
  const auto limit = std::make_shared<std::int64_t>(30);
  auto* const list_command = summaries->add_subcommand("list", "The summaries there are, newest first");
  list_command->add_option("--limit", *limit, "Most rows")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
  list_command->callback(
      [&context, limit] { context.action = [&context, limit] { return list(context, *limit); }; });

  const auto date = std::make_shared<std::string>();
  auto* const show_command = summaries->add_subcommand("show", "One day's summary, whole");
  show_command->add_option("DATE", *date, "The day, for example 2026-08-01 (UTC)")->required();
  show_command->callback(
      [&context, date] { context.action = [&context, date] { return show(context, *date); }; });

  const auto wanted = std::make_shared<std::string>();
  auto* const make_command =
      summaries->add_subcommand("make", "Summarise a day, also one that was summarised before");
  make_command->add_option("DATE", *wanted, "The day (default: yesterday, UTC)");
  make_command->callback(
      [&context, wanted] { context.action = [&context, wanted] { return make(context, *wanted); }; });
}

}  // namespace linnet::cli
