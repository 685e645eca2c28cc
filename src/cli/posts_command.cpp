#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "analyze/post_json.hpp"
#include "base/instant_words.hpp"
#include "base/visible.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "store/record/json.hpp"

namespace linnet::cli {
namespace {

struct ListOptions {
  std::string query, author, tag, since, until, sort = "new";
  std::size_t limit = 20;
  bool followers_only = false;
};

struct VelocityOptions {
  std::string window = "1h", by = "favourites", at;
  std::int64_t min = 50;
};

Status list(Context& context, const ListOptions& options) {
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto reader, database->reader());
  analyze::PostFilter filter;
  // Said here alone: a page that searches while one types sees each quotation before it is closed.
  if (std::count(options.query.begin(), options.query.end(), '"') % 2 == 1)
    return invalid("--query: the quotation is not closed; expected two quotation marks around the words");
  filter.query = options.query;
  filter.author = options.author;
  filter.tag = options.tag;
  filter.limit = options.limit;
  filter.followers_only = options.followers_only;
  filter.by_engagement = options.sort == "engagement";
  if (!options.since.empty()) {
    LINNET_TRY(filter.since, parse_instant("--since", options.since));
  }
  if (!options.until.empty()) {
    LINNET_TRY(filter.until, parse_instant("--until", options.until));
  }
  LINNET_TRY(auto page, analyze::list_posts(*reader, filter));
  if (context.options.json) {
    LINNET_CHECK(analyze::add_media(*reader, page.items));
    print_json(record::to_json(page.items));
    return {};
  }
  Table table({"id", "created", "author", "score", "text"});
  for (const auto& post : page.items) {
    table.add({post.id, in_words(post.created_at), shortened(post.author.acct, 24),
               with_separators(post.engagement_score), shortened(post.content_text, 60)});
  }
  table.print("no posts");
  return {};
}

Result<analyze::PostView> find_anywhere(store::Connection& connection, const std::string& id,
                                        const std::string& instance) {
  LINNET_TRY(const auto number, analyze::instance_of_post(connection, id, instance));
  if (!number) return not_found(fmt::format("ID: no post {} was seen", id));
  return analyze::find_post(connection, *number, id);
}

Status show(Context& context, const std::string& id, const std::string& instance) {
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto reader, database->reader());
  LINNET_TRY(auto found, find_anywhere(*reader, id, instance));
  LINNET_TRY(const auto page, analyze::post_detail(*reader, std::move(found)));
  if (context.options.json) {
    print_json(record::to_json(page));
    return {};
  }
  const auto& post = page.post;
  Table version_table({"version", "from", "text"});
  for (const auto& [version, diff] : page.versions)
    version_table.add(
        {std::to_string(version.seq), in_words(version.valid_from), shortened(version.content_text, 80)});
  Table snapshot_table({"captured", "replies", "reblogs", "favourites", "score"});
  for (const auto& snapshot : page.snapshots)
    snapshot_table.add({in_words(snapshot.captured_at), std::to_string(snapshot.replies),
                        std::to_string(snapshot.reblogs), std::to_string(snapshot.favourites),
                        std::to_string(snapshot.engagement_score)});
  fmt::print("{}  {}  {}\n{}\n\n", visible(post.author.acct), in_words(post.created_at),
             visible(post.url.value_or("")), post.content_text);
  version_table.print("a boost has no versions");
  fmt::print("\n");
  snapshot_table.print("");
  return {};
}

Status velocity(Context& context, const VelocityOptions& options) {
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto reader, database->reader());
  analyze::VelocityQuestion question;
  question.at = context.clock.now();
  if (!options.at.empty()) {
    LINNET_TRY(question.at, parse_instant("--at", options.at));
  }
  LINNET_TRY(question.window, parse_duration("--window", options.window));
  LINNET_TRY(question.by, analyze::parse_count_kind(options.by));
  question.more_than = options.min;
  LINNET_TRY(const auto found, analyze::found_fast(*reader, question));
  if (context.options.json) {
    print_json(record::to_json(found));
    return {};
  }
  Table table({"id", "instance", "gained", "from", "to"});
  for (const auto& [fast, post] : found)
    table.add({fast.id, fast.base_url, with_separators(fast.gained), with_separators(fast.from),
               with_separators(fast.to)});
  table.print("no post gained that much; try a smaller --min or a longer --window");
  return {};
}

Status edits(Context& context, bool sentiment_changed) {
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto reader, database->reader());
  LINNET_TRY(const auto edited, analyze::found_edited(*reader, sentiment_changed, 50));
  if (context.options.json) {
    print_json(record::to_json(edited));
    return {};
  }
  Table table({"id", "author", "versions", "last edited", "text now"});
  for (const auto& [post, versions] : edited)
    table.add({post.id, shortened(post.author.acct, 24), std::to_string(versions.size()),
               post.edited_at ? in_words(*post.edited_at) : "", shortened(post.content_text, 60)});
  table.print("no post was edited");
  return {};
}

}  // namespace

void add_posts_command(CLI::App& program, Context& context) {
  auto* const posts =
      program.add_subcommand("posts", "The posts that were seen, with every version and number");
  posts->require_subcommand(1);
  const auto list_options = std::make_shared<ListOptions>();
  auto* const list_command = posts->add_subcommand("list", "Posts, newest first or by engagement");
  list_command->add_option("--query", list_options->query,
                           "Words to search for; the index is made while linnet serve runs");
  list_command->add_option("--author", list_options->author,
                           "Address of the author, for example ada or ada@example.social");
  list_command->add_option("--tag", list_options->tag, "A hashtag");
  list_command->add_option("--since", list_options->since, "Not older than this time");
  list_command->add_option("--until", list_options->until, "Older than this time");
  list_command->add_option("--sort", list_options->sort, "new or engagement")
      ->check(CLI::IsMember({"new", "engagement"}))
      ->capture_default_str();
  list_command->add_flag("--followers-only", list_options->followers_only,
                         "Those that only the followers of their authors see, which are in no other list");
  list_command->add_option("--limit", list_options->limit, "Most rows")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  list_command->callback([&context, list_options] {
    context.action = [&context, list_options] { return list(context, *list_options); };
  });

  const auto id = std::make_shared<std::string>();
  const auto instance = std::make_shared<std::string>();
  auto* const show_command = posts->add_subcommand("show", "One post with its versions and counts over time");
  show_command->add_option("ID", *id, "The platform's id of the post")->required();
  show_command->add_option("--instance", *instance, "Where several servers have that id");
  show_command->callback([&context, id, instance] {
    context.action = [&context, id, instance] { return show(context, *id, *instance); };
  });

  const auto velocity_options = std::make_shared<VelocityOptions>();
  auto* const velocity_command = posts->add_subcommand("velocity", "Posts that gather counts fastest");
  velocity_command->add_option("--window", velocity_options->window, "Gained within")->capture_default_str();
  velocity_command->add_option("--min", velocity_options->min, "More than this")->capture_default_str();
  velocity_command->add_option("--by", velocity_options->by, "favourites, reblogs, replies or score")
      ->capture_default_str();
  velocity_command->add_option("--at", velocity_options->at, "As of this time (default: now)");
  velocity_command->callback([&context, velocity_options] {
    context.action = [&context, velocity_options] { return velocity(context, *velocity_options); };
  });

  const auto changed = std::make_shared<bool>(false);
  auto* const edits_command = posts->add_subcommand("edits", "Posts that were edited");
  edits_command->add_flag("--sentiment-changed", *changed, "Only where the edit changed the sentiment");
  edits_command->callback(
      [&context, changed] { context.action = [&context, changed] { return edits(context, *changed); }; });
}

}  // namespace linnet::cli
