#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <iterator>

#include "act/records.hpp"
#include "act/settle_names.hpp"
#include "base/file_kind.hpp"
#include "cli/acting_context.hpp"
#include "cli/action_words.hpp"
#include "cli/option_names.hpp"
#include "cli/output.hpp"
#include "cli/short_ids.hpp"
#include "net/curl_transport.hpp"
#include "store/record/json.hpp"

namespace linnet::cli {
namespace {

constexpr const char* kTypes =
    "publish, reply, comment, like, unlike, boost, unboost, follow, unfollow, dm_send, edit_post, "
    "delete_post, delete_comment, dm_read, extract_stats";

const OptionNames kOptionNames{{"due_at", "--at"},
                               {"expires_at", "--expires"},
                               {"post_id", "--post"},
                               {"person_id", "--person"},
                               {"thread_id", "--thread"},
                               {"text", "--text"},
                               {"thread", "--text"},
                               {"media", "--media"},
                               {"poll", "--poll"},
                               {"spoiler_text", "--warning"},
                               {"visibility", "--visibility"},
                               {"language", "--language"},
                               {"quoted_id", "--quote"},
                               {"quote_policy", "--quote-policy"},
                               {"link", "--link"},
                               {"channel", "--channel"},
                               {"sensitive", "--sensitive"},
                               {"request_key", "--key"}};

struct ActOptions {
  std::string type;
  std::string account;
  std::string target;
  std::string person;
  std::string thread;
  std::vector<std::string> texts;
  std::vector<std::string> media;
  std::vector<std::string> alt_texts;
  std::string spoiler;
  std::string visibility;
  std::string language;
  std::string quoted;
  std::string link;
  std::string quote_policy;
  std::string channel;
  std::vector<std::string> poll;
  std::int64_t poll_hours = 24;
  bool poll_multiple = false;
  bool sensitive = false;
  std::string at;
  std::string expires;
  std::string key;
  bool approve = false;
  bool dry_run = false;
};

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return invalid(fmt::format("--media: {} cannot be read", path));
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Result<std::vector<connect::Draft>> drafts_of(const ActOptions& options) {
  std::vector<connect::Draft> drafts;
  for (const auto& text : options.texts) {
    connect::Draft draft;
    draft.text = text;
    draft.spoiler_text = options.spoiler;
    draft.visibility = options.visibility;
    draft.language = options.language;
    draft.quote_policy = options.quote_policy;
    draft.channel = options.channel;
    draft.sensitive = options.sensitive;
    drafts.push_back(std::move(draft));
  }
  if (drafts.empty() && (!options.media.empty() || !options.poll.empty())) drafts.emplace_back();
  if (!drafts.empty() && !options.quoted.empty()) drafts.front().quoted_id = options.quoted;
  if (!drafts.empty() && !options.link.empty()) drafts.front().link = options.link;
  if (!drafts.empty() && !options.poll.empty())
    drafts.front().poll =
        connect::Poll{options.poll, std::chrono::hours(options.poll_hours), options.poll_multiple};
  if (options.alt_texts.size() > options.media.size()) return invalid("--alt: more descriptions than files");
  for (std::size_t i = 0; i < options.media.size(); ++i) {
    LINNET_TRY(auto bytes, read_file(options.media[i]));
    const auto name = options.media[i].substr(options.media[i].find_last_of('/') + 1);
    if (bytes.empty()) return invalid(fmt::format("--media: {} is empty, or no file", options.media[i]));
    const std::string type(media_type_of(bytes));
    drafts.front().media.push_back(
        {name, type, std::move(bytes), i < options.alt_texts.size() ? options.alt_texts[i] : std::string()});
  }
  return drafts;
}

// Before a name is looked for on a platform that the action could not be done to.
Status check_target_options(model::ActionType type, const ActOptions& options) {
  using enum model::ActionType;
  const bool has_post = !options.target.empty();
  const bool has_person = !options.person.empty();
  const bool has_thread = !options.thread.empty();
  const auto need = [&](bool has, std::string_view wanted) -> Status {
    const bool has_other = has_post || has_person || has_thread;
    if (has) return {};
    return invalid(fmt::format("{}: {} needs {}{}", wanted.substr(0, wanted.find(' ')),
                               model::to_string(type), wanted,
                               has_other ? ", got another target" : ", got no target"));
  };
  switch (type) {
    case publish:
    case extract_stats:
      return {};
    case follow:
    case unfollow:
      return need(has_person, "--person");
    case dm_send:
      return need(has_person || has_thread, "--person or --thread");
    case dm_read:
      return need(has_thread, "--thread");
    default:
      return need(has_post && !has_person, "--post");
  }
}

Result<act::NewAction> action_from(const ActOptions& options, OpenActing& open, Clock& clock) {
  act::NewAction action;
  const auto type = model::parse_action_type(options.type);
  if (!type) return invalid(fmt::format("TYPE: expected {}, got \"{}\"", kTypes, options.type));
  action.type = *type;
  LINNET_CHECK(check_target_options(*type, options));
  LINNET_TRY(const auto account, open.accounts->find(options.account));
  action.account = account.id;
  action.target_type = model::TargetType::post;
  action.target_id = options.target;
  if (!options.person.empty()) {
    action.target_type = model::TargetType::user;
    action.target_id = options.person;
  }
  if (!options.thread.empty()) {
    action.target_type = model::TargetType::dm_thread;
    action.target_id = options.thread;
  }
  LINNET_TRY(action.drafts, drafts_of(options));
  if (!options.at.empty()) {
    LINNET_TRY(action.due_at, parse_zoned_instant("--at", options.at));
  }
  if (!options.expires.empty()) {
    LINNET_TRY(action.expires_at, parse_zoned_instant("--expires", options.expires));
  }
  action.request_key = options.key;
  action.by_hand = isatty(STDIN_FILENO) == 1;  // a script's loop is no hand
  action.approve = options.approve;
  net::CurlTransport transport;
  connect::RequestBudgets budgets(clock);
  LINNET_CHECK(act::settle_names(*open.database, transport, budgets, *open.accounts, clock, account, action));
  return action;
}

void print_verdicts(const std::vector<act::Verdict>& verdicts) {
  Table table({"rule", "says", "because"});
  for (const auto& verdict : verdicts)
    table.add({rule_in_words(verdict.rule), std::string(says_in_words(verdict.decision)),
               with_options(verdict.reason, kOptionNames)});
  table.print("no rule stands in the way");
}

void print_dry_run(const act::Requested& requested) {
  fmt::print("\nDry run: nothing was written down. Without --dry-run it is: {}.\n",
             decision_in_words(requested.decision));
  if (requested.decision.decision == act::Decision::allow ||
      requested.decision.decision == act::Decision::hold)
    fmt::print("The target is looked at once more, on the platform, right before it goes out.\n");
}

Status print_requested(store::Connection& connection, const act::Requested& requested, bool is_dry_run,
                       Instant now) {
  print_verdicts(requested.verdicts);
  if (is_dry_run) {
    print_dry_run(requested);
    return {};
  }
  if (requested.is_repeat)
    fmt::print("This request was made before, under the same key; nothing new was written.\n");
  for (const auto& attempt : requested.attempts) {
    const auto reason = reason_of(attempt);
    fmt::print("{}  {}: {}{}\n", short_id(attempt.id.value()), kind_in_words(attempt),
               state_in_words(attempt, now), reason.empty() ? "" : fmt::format(" ({})", reason));
  }
  if (!requested.approval_id.empty()) {
    const bool is_thread = requested.attempts.size() > 1;
    fmt::print("linnet approve {}{} lets {} go.\n", short_id(requested.approval_id),
               is_thread ? " --thread" : "", is_thread ? "the whole thread" : "it");
  }
  LINNET_TRY(const auto stopped, stop_notice(connection));
  if (!stopped.empty()) fmt::print("{}\n", stopped);
  return {};
}

Status act_now(Context& context, const ActOptions& options) {
  LINNET_TRY(auto open, open_acting(context));
  LINNET_TRY(const auto action, with_options(action_from(options, open, context.clock), kOptionNames));
  auto asked = with_options(open.gate->request(action, person_at_terminal(), options.dry_run), kOptionNames);
  if (!asked) {
    LINNET_TRY(auto reader, open.database->reader());
    return with_short_ids(*reader, asked.error());
  }
  const auto requested = std::move(*asked);
  if (context.options.json) {
    LINNET_TRY(const auto shown, act::shown_request(*open.gate, requested, options.dry_run, kAtTerminal));
    auto object = record::to_json(shown);
    // Scripts compare it with a word; which rule it was is among the verdicts.
    object["decision"] = to_string(requested.decision.decision);
    print_json(object);
    return {};
  }
  LINNET_TRY(auto reader, open.database->reader());
  return print_requested(*reader, requested, options.dry_run, context.clock.now());
}

void add_do(CLI::App& action, Context& context) {
  const auto options = std::make_shared<ActOptions>();
  auto* const command =
      action.add_subcommand("do",
                            "Ask for an action; the gate judges it, linnet serve carries it out\n\n"
                            "  linnet action do publish --account ada --text \"Hello\" --dry-run\n"
                            "  linnet action do reply --account ada --post 1154 --text \"Thank you\"\n"
                            "  linnet action do publish --account ada --text One --text Two    a thread");
  command->add_option("TYPE", options->type, kTypes)->required();
  command->add_option("--account", options->account, "Which account acts: its id or username")->required();
  auto* const post = command->add_option("--post", options->target,
                                         "The address of the post, or its id on the account's server");
  auto* const person =
      command->add_option("--person", options->person,
                          "The person's address, their profile's, or their id on the account's server");
  command->add_option("--thread", options->thread, "The platform's id of the conversation")
      ->excludes(post, person);
  command->add_option("--text", options->texts, "What is written; several for a thread of posts");
  command->add_option("--media", options->media, "A picture or video; several times for more");
  command->add_option("--alt", options->alt_texts, "Description of each, in the same order");
  command->add_option("--warning", options->spoiler, "Content warning");
  command->add_option("--visibility", options->visibility, "public, unlisted, private");
  command->add_option("--language", options->language, "en, de …");
  command->add_option("--quote", options->quoted, "The address of a post that is quoted, or its id");
  command->add_option("--link", options->link, "A page that is shown as a card, where the platform has them");
  command->add_option("--quote-policy", options->quote_policy, "Who may quote it: public, followers, nobody");
  command->add_option("--channel", options->channel, "Where it is published on Discord: the channel's id");
  command->add_flag("--sensitive", options->sensitive, "The pictures are shown only to who asks for them");
  command->add_option("--poll", options->poll, "An answer of a poll; several times");
  command->add_option("--poll-hours", options->poll_hours, "How long the poll is open")
      ->check(CLI::Range(1, 24 * 366 * 10))
      ->capture_default_str();
  command->add_flag("--poll-multiple", options->poll_multiple, "Several answers may be chosen");
  command->add_option("--at", options->at,
                      "When: 2026-08-01T09:00:00Z, or with an offset as 2026-08-01T09:00:00+02:00");
  command->add_option("--expires", options->expires, "Not after this moment");
  command->add_option("--key", options->key, "Your own key: the same request again does nothing new");
  command->add_flag("--approve", options->approve, "Approve it at once (not a first message to somebody)");
  command->add_flag("--dry-run", options->dry_run, "Only show what each rule says");
  command->callback(
      [&context, options] { context.action = [&context, options] { return act_now(context, *options); }; });
}

}  // namespace

void add_action_command(CLI::App& program, Context& context) {
  auto* const action = program.add_subcommand("action", "What is done on the networks in your name");
  action->require_subcommand(1);
  add_do(*action, context);
  add_action_list_commands(*action, context);
}

}  // namespace linnet::cli
