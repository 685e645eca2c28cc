#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <iterator>

#include "act/records.hpp"
#include "act/settle_names.hpp"
#include "cli/acting_context.hpp"
#include "cli/output.hpp"
#include "net/curl_transport.hpp"

namespace linnet::cli {
namespace {

namespace json = boost::json;

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

// By its first bytes; the name may say anything.
std::string_view media_type_of(std::string_view bytes) {
  if (bytes.starts_with("\x89PNG")) return "image/png";
  if (bytes.starts_with("\xFF\xD8\xFF")) return "image/jpeg";
  if (bytes.starts_with("GIF8")) return "image/gif";
  if (bytes.substr(0, 4) == "RIFF" && bytes.substr(8, 4) == "WEBP") return "image/webp";
  if (bytes.substr(4, 4) == "ftyp") return "video/mp4";
  return "application/octet-stream";
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
    const std::string type(media_type_of(bytes));
    drafts.front().media.push_back(
        {name, type, std::move(bytes), i < options.alt_texts.size() ? options.alt_texts[i] : std::string()});
  }
  return drafts;
}

Result<act::NewAction> action_from(const ActOptions& options, OpenActing& open, Clock& clock) {
  act::NewAction action;
  const auto type = model::parse_action_type(options.type);
  if (!type) {
    return invalid(fmt::format(
        "TYPE: expected like, boost, comment, reply, publish, follow, dm_send …, got \"{}\"", options.type));
  }
  action.type = *type;
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
    LINNET_TRY(action.due_at, parse_instant("--at", options.at));
  }
  if (!options.expires.empty()) {
    LINNET_TRY(action.expires_at, parse_instant("--expires", options.expires));
  }
  action.request_key = options.key;
  action.by_hand = true;
  action.approve = options.approve;
  net::CurlTransport transport;
  LINNET_CHECK(act::settle_names(transport, clock, *open.accounts, account, action));
  return action;
}

void print_verdicts(const std::vector<act::Verdict>& verdicts) {
  Table table({"rule", "says", "because"});
  for (const auto& verdict : verdicts)
    table.add({std::string(verdict.rule), std::string(to_string(verdict.decision)), verdict.reason});
  table.print("no rule stands in the way");
}

Status act_now(Context& context, const ActOptions& options) {
  LINNET_TRY(auto open, open_acting(context));
  LINNET_TRY(const auto action, action_from(options, open, context.clock));
  LINNET_TRY(const auto requested, open.gate->request(action, person_at_terminal(), options.dry_run));
  if (context.options.json) {
    json::array attempts;
    json::array verdicts;
    for (const auto& attempt : requested.attempts) attempts.push_back(to_json(attempt));
    for (const auto& verdict : requested.verdicts) verdicts.push_back(to_json(verdict));
    print_json(json::object{
        {"dry_run", options.dry_run},
        {"decision", to_string(requested.decision.decision)},
        {"verdicts", std::move(verdicts)},
        {"actions", std::move(attempts)},
        {"approval_id", requested.approval_id.empty() ? json::value() : json::value(requested.approval_id)}});
    return {};
  }
  print_verdicts(requested.verdicts);
  if (options.dry_run) {
    fmt::print("Nothing was written down; without --dry-run the answer would be: {}.\n",
               to_string(requested.decision.decision));
    return {};
  }
  for (const auto& attempt : requested.attempts)
    fmt::print("{}  {}{}\n", attempt.id.value(), model::to_string(attempt.status),
               attempt.hold.empty() ? "" : fmt::format(", waits for {}", attempt.hold));
  if (!requested.approval_id.empty()) fmt::print("linnet approve {} lets it go.\n", requested.approval_id);
  return {};
}

Status list(Context& context, const act::AttemptQuery& query) {
  LINNET_TRY(auto open, open_acting(context));
  LINNET_TRY(auto reader, open.database->reader());
  LINNET_TRY(const auto attempts, act::list_attempts(*reader, query));
  json::array items;
  Table table({"id", "type", "target", "status", "due", "why"});
  for (const auto& attempt : attempts) {
    items.push_back(to_json(attempt));
    const auto error = items.back().at("error");
    const auto why = error.is_object() ? std::string(std::string_view(error.at("message").as_string())) : "";
    table.add({attempt.id.value(), std::string(model::to_string(attempt.type)),
               attempt.target_name.empty() ? attempt.target_id : attempt.target_name,
               attempt.hold.empty() ? std::string(model::to_string(attempt.status))
                                    : fmt::format("waits for {}", attempt.hold),
               to_iso8601(attempt.due_at), shortened(why, 50)});
  }
  if (context.options.json) {
    print_json(items);
  } else {
    table.print("nothing was done yet; linnet action do --help shows how");
  }
  return {};
}

Status show(Context& context, const std::string& id) {
  LINNET_TRY(auto open, open_acting(context));
  LINNET_TRY(auto reader, open.database->reader());
  LINNET_TRY(const auto attempt, act::find_attempt(*reader, id));
  auto object = to_json(attempt);
  json::array evidence;
  LINNET_TRY(const auto looks, act::verifications_of(*reader, attempt.id));
  for (const auto& look : looks) evidence.push_back(to_json(look));
  object["verifications"] = std::move(evidence);
  if (context.options.json) {
    print_json(object);
    return {};
  }
  Table table({"", ""});
  for (const auto& member : object) {
    if (member.value().is_null()) continue;
    const auto& value = member.value();
    table.add(
        {std::string(std::string_view(member.key())),
         value.is_string() ? std::string(std::string_view(value.as_string())) : json::serialize(value)});
  }
  table.print("");
  return {};
}

void add_do(CLI::App& action, Context& context) {
  const auto options = std::make_shared<ActOptions>();
  auto* const command =
      action.add_subcommand("do",
                            "Ask for an action; the gate judges it, linnet serve carries it out\n\n"
                            "  linnet action do publish --account ada --text \"Hello\" --dry-run\n"
                            "  linnet action do reply --account ada --post 1154 --text \"Thank you\"\n"
                            "  linnet action do publish --account ada --text One --text Two    a thread");
  command
      ->add_option(
          "TYPE", options->type,
          "publish, reply, comment, like, unlike, boost, unboost, follow, unfollow, dm_send, edit_post, "
          "delete_post, delete_comment, dm_read, extract_stats")
      ->required();
  command->add_option("--account", options->account, "Which account acts: its id or username")->required();
  auto* const post = command->add_option("--post", options->target, "The platform's id of the post");
  auto* const person = command->add_option("--person", options->person, "The platform's id of the person");
  command->add_option("--thread", options->thread, "The platform's id of the conversation")
      ->excludes(post, person);
  command->add_option("--text", options->texts, "What is written; several for a thread of posts");
  command->add_option("--media", options->media, "A picture or video; several times for more");
  command->add_option("--alt", options->alt_texts, "Description of each, in the same order");
  command->add_option("--warning", options->spoiler, "Content warning");
  command->add_option("--visibility", options->visibility, "public, unlisted, private");
  command->add_option("--language", options->language, "en, de …");
  command->add_option("--quote", options->quoted, "The platform's id of a post that is quoted");
  command->add_option("--link", options->link, "A page that is shown as a card, where the platform has them");
  command->add_option("--quote-policy", options->quote_policy, "Who may quote it: public, followers, nobody");
  command->add_flag("--sensitive", options->sensitive, "The pictures are shown only to who asks for them");
  command->add_option("--poll", options->poll, "An answer of a poll; several times");
  command->add_option("--poll-hours", options->poll_hours, "How long the poll is open")
      ->check(CLI::Range(1, 24 * 30))
      ->capture_default_str();
  command->add_flag("--poll-multiple", options->poll_multiple, "Several answers may be chosen");
  command->add_option("--at", options->at, "When, as 2026-08-01T09:00:00Z or with an offset");
  command->add_option("--expires", options->expires, "Not after this moment");
  command->add_option("--key", options->key, "Your own key: the same request again does nothing new");
  command->add_flag("--approve", options->approve, "Approve it at once (not a first message to somebody)");
  command->add_flag("--dry-run", options->dry_run, "Only show what each rule says");
  command->callback(
      [&context, options] { context.action = [&context, options] { return act_now(context, *options); }; });
}

// A command that takes an id and does one thing with the gate.
void add_one(CLI::App& parent, Context& context, const std::string& name, const std::string& help,
             const std::function<Status(OpenActing&, const std::string&)>& work) {
  const auto id = std::make_shared<std::string>();
  auto* const command = parent.add_subcommand(name, help);
  command->add_option("ID", *id, "Id of the action")->required();
  command->callback([&context, id, work] {
    context.action = [&context, id, work]() -> Status {
      LINNET_TRY(auto open, open_acting(context));
      return work(open, *id);
    };
  });
}

}  // namespace

void add_action_command(CLI::App& program, Context& context) {
  auto* const action = program.add_subcommand("action", "What is done on the networks in your name");
  action->require_subcommand(1);
  add_do(*action, context);
  const auto query = std::make_shared<act::AttemptQuery>();
  const auto status = std::make_shared<std::string>();
  auto* const list_command = action->add_subcommand("list", "Actions, newest first");
  list_command->add_option("--status", *status,
                           "pending, in_progress, success, failed, skipped, cancelled, unknown");
  list_command->add_option("--run", query->run_id, "Of one run");
  list_command->add_option("--limit", query->limit, "How many")->capture_default_str();
  list_command->callback([&context, query, status] {
    context.action = [&context, query, status]() -> Status {
      if (!status->empty()) {
        query->status = model::parse_action_status(*status);
        if (!query->status) return invalid(fmt::format("--status: \"{}\" is none", *status));
      }
      return list(context, *query);
    };
  });
  const auto id = std::make_shared<std::string>();
  auto* const show_command = action->add_subcommand("show", "One action with its evidence");
  show_command->add_option("ID", *id, "Id of the action")->required();
  show_command->callback([&context, id] { context.action = [&context, id] { return show(context, *id); }; });
  add_one(*action, context, "cancel", "Take back what has not been sent",
          [](OpenActing& open, const std::string& which) {
            return open.gate->cancel(which, person_at_terminal());
          });
  add_one(*action, context, "retry", "A failed one again",
          [](OpenActing& open, const std::string& which) -> Status {
            LINNET_TRY(const auto again, open.gate->retry(which, person_at_terminal(), true));
            fmt::print("{}\n", again.attempts.front().id.value());
            return {};
          });
  add_one(*action, context, "happened", "You looked: it took effect",
          [](OpenActing& open, const std::string& which) {
            return open.gate->confirm(which, true, person_at_terminal());
          });
  add_one(*action, context, "did-not-happen", "You looked: it did not take effect",
          [](OpenActing& open, const std::string& which) {
            return open.gate->confirm(which, false, person_at_terminal());
          });
}

}  // namespace linnet::cli
