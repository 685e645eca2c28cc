#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "analyze/hashtag_json.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "model/instances.hpp"
#include "store/record/json.hpp"

namespace linnet::cli {
namespace {

struct TrendingOptions {
  std::string method = "growth", at, instance, window = "4h", baseline = "24h";
  std::size_t limit = 20;
  std::int64_t min_posts = 3;
};

Result<std::optional<InstanceId>> find_instance(store::Connection& connection, const std::string& url) {
  if (url.empty()) return std::optional<InstanceId>();
  LINNET_TRY(const auto id, model::instance_at(connection, url));
  if (!id)
    return not_found(
        fmt::format("--instance: \"{}\" is not known; give the address as it was imported or added", url));
  return id;
}

Status trending(Context& context, const TrendingOptions& options) {
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto reader, database->reader());
  analyze::TrendQuestion question;
  LINNET_TRY(question.method, analyze::parse_trend_method(options.method));
  question.at = context.clock.now();
  if (!options.at.empty()) {
    LINNET_TRY(question.at, parse_instant("--at", options.at));
  }
  LINNET_TRY(question.window, parse_duration("--window", options.window));
  LINNET_TRY(question.baseline, parse_duration("--baseline", options.baseline));
  question.limit = options.limit;
  question.min_posts = options.min_posts;
  LINNET_TRY(question.instance, find_instance(*reader, options.instance));
  LINNET_TRY(auto tags, analyze::trending_hashtags(*reader, question));
  if (context.options.json) {
    LINNET_TRY(const auto rising, analyze::with_sparklines(*reader, std::move(tags), question.at));
    print_json(record::to_json(rising));
    return {};
  }
  Table table({"hashtag", "recent", "baseline", "score", "accounts"});
  for (const auto& tag : tags)
    table.add({"#" + tag.name, with_separators(tag.recent), with_separators(tag.baseline),
               fmt::format("{:.2f}", tag.score), with_separators(tag.accounts)});
  table.print("nothing is rising at that time");
  return {};
}

Status related(Context& context, const std::string& name, const std::string& window) {
  LINNET_TRY(const auto length, parse_duration("--window", window));
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto reader, database->reader());
  LINNET_TRY(const auto tags, analyze::related_hashtags(*reader, name, context.clock.now(), length, 20));
  if (context.options.json) {
    print_json(record::to_json(tags));
    return {};
  }
  Table table({"hashtag", "posts", "lift"});
  for (const auto& tag : tags)
    table.add({"#" + tag.name, with_separators(tag.count), fmt::format("{:.2f}", tag.lift)});
  table.print("no other hashtag stands on the same posts");
  return {};
}

}  // namespace

void add_hashtags_command(CLI::App& program, Context& context) {
  auto* const hashtags = program.add_subcommand("hashtags", "What is rising, and what stands together");
  hashtags->require_subcommand(1);
  const auto options = std::make_shared<TrendingOptions>();
  auto* const command = hashtags->add_subcommand("trending", "Hashtags on the rise");
  command->add_option("--method", options->method, "growth, spike or burst")->capture_default_str();
  command->add_option("--at", options->at,
                      "As of this time, for example 2026-08-01T12:00:00Z (default: now)");
  command->add_option("--instance", options->instance, "Only this server");
  command->add_option("--window", options->window, "What counts as recent")->capture_default_str();
  command->add_option("--baseline", options->baseline, "What it is compared with, window included")
      ->capture_default_str();
  command->add_option("--min-posts", options->min_posts, "Fewest recent posts")->capture_default_str();
  command->add_option("--limit", options->limit, "Most rows")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000));
  command->callback(
      [&context, options] { context.action = [&context, options] { return trending(context, *options); }; });

  const auto name = std::make_shared<std::string>();
  const auto window = std::make_shared<std::string>("7d");
  auto* const related_command =
      hashtags->add_subcommand("related", "Hashtags on the same posts, with their lift");
  related_command->add_option("NAME", *name, "The hashtag, without #")->required();
  related_command->add_option("--window", *window, "How far back")->capture_default_str();
  related_command->callback([&context, name, window] {
    context.action = [&context, name, window] { return related(context, *name, *window); };
  });
}

}  // namespace linnet::cli
