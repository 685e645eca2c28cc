#include <CLI/CLI.hpp>

#include "analyze/hashtag_json.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "store/record/json.hpp"

namespace linnet::cli {
namespace {

using std::chrono::hours;

Status list(Context& context, std::int64_t window, std::int64_t limit) {
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto writer, store::Writer::start(*database));
  LINNET_TRY(auto reader, database->reader());
  const auto to = floor_hour(context.clock.now()) + hours(1);
  LINNET_TRY(const auto changed, analyze::refresh_domain_stats(*reader, *writer, to - hours(window), to));
  (void)changed;
  LINNET_TRY(const auto domains, analyze::busiest_domains(*reader, {}, to - hours(window), to, limit));
  if (context.options.json) {
    print_json(record::to_json(domains));
    return {};
  }
  Table table({"domain", "posts", "accounts", "engagement"});
  for (const auto& domain : domains)
    table.add({domain.domain, with_separators(domain.posts), with_separators(domain.accounts),
               with_separators(domain.engagement)});
  table.print("no posts in that time");
  return {};
}

}  // namespace

void add_domains_command(CLI::App& program, Context& context) {
  const auto window = std::make_shared<std::int64_t>(24);
  const auto limit = std::make_shared<std::int64_t>(50);
  auto* const command = program.add_subcommand("domains", "Which servers the posts come from");
  command->add_option("--hours", *window, "How far back")
      ->capture_default_str()
      ->check(CLI::Range(1, 24 * 366));
  command->add_option("--limit", *limit, "Most rows")->capture_default_str()->check(CLI::Range(1, 10'000));
  command->callback([&context, window, limit] {
    context.action = [&context, window, limit] { return list(context, *window, *limit); };
  });
}

}  // namespace linnet::cli
