#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <iterator>

#include "base/instant_words.hpp"
#include "base/visible.hpp"
#include "cli/acting_context.hpp"
#include "cli/option_names.hpp"
#include "cli/output.hpp"
#include "connect/every_platform.hpp"
#include "govern/blocklist_csv.hpp"
#include "model/platform.hpp"
#include "model/typed_name.hpp"
#include "store/record/json.hpp"

namespace linnet::cli {
namespace {

namespace json = boost::json;

const OptionNames kOptionNames{{"expires_at", "--expires"}, {"reason", "--because"},   {"value", "VALUE"},
                               {"platform", "--platform"},  {"match_type", "--match"}, {"entry_type", "TYPE"},
                               {"user_id", "VALUE"}};

// Whose word it was, for people.
std::string added_in_words(const govern::BlocklistEntry& entry) {
  switch (entry.added_by) {
    case govern::AddedBy::opt_out:
      return "asked for it";
    case govern::AddedBy::user:
      return entry.added_by_user.empty() ? "a person" : entry.added_by_user;
    default:
      return std::string(to_string(entry.added_by));
  }
}

struct BlockOptions {
  std::string type;
  std::string value;
  std::string match = "exact";
  std::string platform;  // of an entry; empty: all
  std::string tested_platform = std::string(connect::default_platform().name);
  std::string reason;
  std::string expires;
  std::string file;
  std::string id;
  std::string kind = "domains";
  std::string text;
  std::string user;
  std::vector<std::string> links;
  bool with_silenced = false;
  bool accounts = false;
};

void print_entries(const Context& context, const std::vector<govern::BlocklistEntry>& entries,
                   std::string_view none) {
  json::array items;
  Table table({"id", "type", "match", "value", "added by", "because"});
  for (const auto& entry : entries) {
    items.push_back(record::to_json(entry));
    table.add({entry.id, std::string(to_string(entry.type)), std::string(to_string(entry.match)),
               shortened(entry.address.empty() ? entry.value : "@" + entry.address, 40),
               added_in_words(entry), shortened(entry.reason, 40)});
  }
  if (context.options.json) {
    print_json(items);
  } else {
    table.print(none);
  }
}

Status add(Context& context, const BlockOptions& options) {
  govern::BlocklistEntry entry;
  const auto type = govern::parse_entry_type(options.type);
  if (!type)
    return invalid(fmt::format("TYPE: expected user, post, keyword or domain, got \"{}\"", options.type));
  const auto match = govern::parse_match_type(options.match);
  if (!match)
    return invalid(fmt::format("--match: expected exact, contains or regex, got \"{}\"", options.match));
  entry.type = *type;
  entry.match = *match;
  entry.value = options.value;
  entry.platform = options.platform;
  entry.reason = options.reason;
  entry.added_by_user = person_at_terminal().name;
  if (!options.expires.empty()) {
    LINNET_TRY(entry.expires_at, parse_instant("--expires", options.expires));
  }
  LINNET_TRY(auto open, open_acting(context));
  LINNET_TRY(const auto added, with_options(open.blocklist->add(entry), kOptionNames));
  if (context.options.json) {
    print_json(record::to_json(added));
  } else {
    fmt::print("{} is blocked{}. linnet block remove {} takes it back.\n", visible(added.value),
               added.expires_at ? fmt::format(" until {}", in_words(*added.expires_at)) : std::string(),
               added.id);
  }
  return {};
}

Result<std::string> read_file(const std::string& path) {
  if (path == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::ifstream file(path, std::ios::binary);
  if (!file) return invalid(fmt::format("FILE: {} cannot be read", path));
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// The form of the list is read by the API, too, which has fields for what are options here.
std::string named_options(std::string text) {
  const std::pair<std::string_view, std::string_view> words[] = {
      {"import with those that are limited to block it", "--with-silenced blocks it"},
      {"unless you say that its accounts are to be", "without --accounts"}};
  for (const auto& [said, option] : words) {
    if (const auto at = text.find(said); at != std::string::npos) text.replace(at, said.size(), option);
  }
  return text;
}

Status import_list(Context& context, const BlockOptions& options) {
  LINNET_TRY(const auto text, read_file(options.file));
  govern::BlocklistEntry like;
  like.reason = options.reason;
  like.added_by_user = person_at_terminal().name;
  auto import = govern::read_blocklist(
      text, like, options.with_silenced ? govern::Silenced::blocked : govern::Silenced::left_out,
      context.clock.now(), options.accounts ? govern::AccountLists::blocked : govern::AccountLists::refused);
  if (!import) return invalid(fmt::format("FILE: {}", named_options(import.error().safe)));
  LINNET_TRY(auto open, open_acting(context));
  LINNET_TRY(const auto added, open.blocklist->add_all(import->entries));
  for (const auto& problem : import->problems)
    fmt::print(stderr, "left out, {} {}: {}\n", import->is_json ? "entry" : "line", problem.line,
               visible(named_options(problem.what)));
  if (import->entries.empty() && !import->problems.empty())
    return invalid("FILE: nothing in it can be blocked; every line was left out, as said above");
  if (context.options.json) {
    print_json(json::object{{"read", import->entries.size() + import->problems.size()},
                            {"added", added},
                            {"left_out", import->problems.size()}});
  } else {
    fmt::print("{} added, {} already there, {} left out\n", added, import->entries.size() - added,
               import->problems.size());
  }
  return {};
}

Status test(Context& context, const BlockOptions& options) {
  LINNET_TRY(const auto platform,
             model::read_platform("--platform", options.tested_platform, ", the one to look at"));
  // As `add` reads it.
  const auto user = model::address_as_typed(options.user);
  if (model::parse_page_link(user))
    return invalid(
        "--user: expected an id, an address (ada@social.example) or the address of a profile, got another "
        "link");
  LINNET_CHECK(model::refuse_two_servers("--user", user));
  LINNET_TRY(auto open, open_acting(context));
  const govern::BlockSubject subject{platform, user, user, options.id, {options.text}, options.links, ""};
  LINNET_TRY(const auto entries, open.blocklist->check_all(subject));
  print_entries(context, entries, "nothing in the blocklist stands against it");
  return {};
}

}  // namespace

void add_block_command(CLI::App& program, Context& context) {
  auto* const block = program.add_subcommand("block", "Whom and what Linnet never deals with");
  block->require_subcommand(1);
  const auto options = std::make_shared<BlockOptions>();
  const auto on = [&context, options](CLI::App* command, Status (*work)(Context&, const BlockOptions&)) {
    command->callback([&context, options, work] {
      context.action = [&context, options, work] { return work(context, *options); };
    });
  };
  auto* const add_command = block->add_subcommand(
      "add",
      "Block a person, a post, a word or a server\n\n  linnet block add domain spam.example --because ads");
  add_command->add_option("TYPE", options->type, "user, post, keyword, domain")->required();
  add_command->add_option("VALUE", options->value, "Name or id, post id, word, domain; or a pattern")
      ->required();
  add_command->add_option("--match", options->match, "exact, contains, regex (RE2, in any case)")
      ->capture_default_str();
  add_command->add_option("--platform", options->platform, "Only there: bluesky, discord or mastodon");
  add_command->add_option("--because", options->reason, "Why")->required();
  add_command->add_option("--expires", options->expires, "Until this moment");
  on(add_command, add);
  auto* const list = block->add_subcommand("list", "The entries");
  list->add_option("--find", options->text, "Within the value");
  on(list, [](Context& c, const BlockOptions& o) -> Status {
    LINNET_TRY(auto open, open_acting(c));
    govern::BlocklistQuery query;
    query.text = o.text;
    query.limit = 10'000;
    LINNET_TRY(const auto entries, open.blocklist->list(query));
    print_entries(c, entries, "the blocklist is empty");
    return {};
  });
  auto* const remove = block->add_subcommand("remove", "Take an entry away; opt-outs stay");
  remove->add_option("ID", options->id, "Id of the entry")->required();
  on(remove, [](Context& c, const BlockOptions& o) -> Status {
    LINNET_TRY(auto open, open_acting(c));
    LINNET_CHECK(open.blocklist->remove(o.id, person_at_terminal().name));
    if (!c.options.quiet) fmt::print("removed\n");
    return {};
  });
  auto* const import = block->add_subcommand(
      "import", "A server's CSV or JSON of domains, or CSV of accounts; - is standard input");
  import->add_option("FILE", options->file, "The file")->required();
  import->add_option("--because", options->reason, "Why, where the file does not say")
      ->default_val("imported");
  import->add_flag("--with-silenced", options->with_silenced,
                   "Also block domains that the list only limits (severity silence or limit)");
  import->add_flag(
      "--accounts", options->accounts,
      "Block the accounts of a list that does not say what it is; servers write their followers alike");
  on(import, import_list);
  auto* const export_command = block->add_subcommand("export", "As Mastodon's CSV");
  export_command->add_option("WHAT", options->kind, "domains or users; exact entries alone")
      ->check(CLI::IsMember({"domains", "users"}))
      ->capture_default_str();
  on(export_command, [](Context& c, const BlockOptions& o) -> Status {
    LINNET_TRY(auto open, open_acting(c));
    LINNET_TRY(const auto entries, open.blocklist->all());
    fmt::print("{}", o.kind == "users" ? govern::users_to_csv(entries) : govern::domains_to_csv(entries));
    return {};
  });
  auto* const test_command =
      block->add_subcommand("test", "What would stand against a person, a post, a text");
  test_command->add_option("--platform", options->tested_platform, "bluesky, discord or mastodon")
      ->capture_default_str();
  test_command->add_option("--user", options->user, "ada@example.social");
  test_command->add_option("--post", options->id, "Id of a post");
  test_command->add_option("--text", options->text, "Its text");
  test_command->add_option("--link", options->links, "A link in it");
  on(test_command, test);
}

}  // namespace linnet::cli
