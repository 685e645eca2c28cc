#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <limits>

#include "cli/context.hpp"
#include "cli/output.hpp"
#include "observe/salience/topic_list.hpp"
#include "store/record/json.hpp"

namespace linnet::cli {
namespace {

struct TopicListOptions {
  std::string category, server, at;
  std::size_t limit = 1'000;
};

std::string points(double amount) {
  return fmt::format("{:.2f}", amount);
}

Status list(Context& context, const TopicListOptions& options) {
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto reader, database->reader());
  salience::TopicFilter filter{options.category, options.server, {}, options.limit, {}};
  if (!options.at.empty()) {
    LINNET_TRY(filter.at, parse_instant("--at", options.at));
  }
  LINNET_TRY(const auto page, salience::list_topics(*reader, filter));
  if (context.options.json) {
    print_json(record::to_json(page.items));
    return {};
  }
  Table table({"topic", "category", "balance"});
  for (const auto& topic : page.items) table.add({topic.key, topic.category, points(topic.balance)});
  table.print("nothing has earned any attention yet");
  return {};
}

Status ledger(Context& context, const std::string& key) {
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto reader, database->reader());
  LINNET_TRY(const auto entries, salience::ledger_of(*reader, key, std::numeric_limits<std::int64_t>::max()));
  if (context.options.json) {
    print_json(record::to_json(entries));
    return {};
  }
  Table table({"when", "kind", "amount", "reason"});
  for (const auto& entry : entries)
    table.add({to_iso8601(entry.created_at), entry.kind, points(entry.amount), entry.reason});
  table.print("nothing stands in its ledger");
  return {};
}

Status show(Context& context, const std::string& key) {
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto reader, database->reader());
  LINNET_TRY(const auto topic, salience::find_topic(*reader, key));
  if (context.options.json) {
    print_json(record::to_json(topic));
    return {};
  }
  fmt::print("{}\n{} of at most {}, from {}\nfirst seen {}, earned last {}\n", topic.topic.key,
             points(topic.topic.balance), points(topic.cap), counted(topic.entries, "row"),
             to_iso8601(topic.created_at), topic.earned_at ? to_iso8601(*topic.earned_at) : "never");
  Table table({"shares with", "balance"});
  for (const auto& other : topic.related) table.add({other.key, points(other.balance)});
  table.print("it shares with no other topic");
  return {};
}

}  // namespace

void add_topic_command(CLI::App& program, Context& context) {
  auto* const topic = program.add_subcommand("topic", "What deserves attention, and how it came to that");
  topic->require_subcommand(1);
  const auto options = std::make_shared<TopicListOptions>();
  auto* const list_command = topic->add_subcommand("list", "Topics, the highest balance first");
  list_command->add_option("--category", options->category, "Only these: user, channel, dyad, hashtag …");
  list_command->add_option("--server", options->server, "Only of this server, by its id");
  list_command->add_option("--at", options->at,
                           "As of this time, for example 2026-08-01T12:00:00Z (default: now)");
  list_command->add_option("--limit", options->limit, "Most rows")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000'000));
  list_command->callback(
      [&context, options] { context.action = [&context, options] { return list(context, *options); }; });

  const auto key = std::make_shared<std::string>();
  auto* const ledger_command = topic->add_subcommand("ledger", "What it got and lost, oldest first");
  ledger_command->add_option("TOPIC", *key, "Such as hashtag:boats or server:S:user:U")->required();
  ledger_command->callback(
      [&context, key] { context.action = [&context, key] { return ledger(context, *key); }; });
  auto* const show_command = topic->add_subcommand("show", "One topic, and what it shares with");
  show_command->add_option("TOPIC", *key, "Such as hashtag:boats or server:S:user:U")->required();
  show_command->callback(
      [&context, key] { context.action = [&context, key] { return show(context, *key); }; });
}

}  // namespace linnet::cli
