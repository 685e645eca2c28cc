#include "act/situation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "act/records.hpp"
#include "act/text_audience.hpp"
#include "base/html_text.hpp"
#include "connect/every_platform.hpp"
#include "govern/consent.hpp"
#include "govern/emergency_stop.hpp"

namespace linnet::act {
namespace {

namespace json = boost::json;
using std::chrono::hours;

constexpr auto kPast = hours(24 * 7);

Result<std::vector<PastAction>> past_actions(store::Connection& connection, const Attempt& attempt,
                                             Instant now) {
  std::vector<PastAction> past;
  LINNET_CHECK(store::for_each_row(
      connection,
      R"(SELECT action_type, last_sent_at, target_user_id, text_hash, status FROM action_attempts
         WHERE account_id = $1 AND last_sent_at > $2 AND id <> $3)",
      {std::string_view(attempt.account.value()), to_micros(now - kPast),
       std::string_view(attempt.id.value())},
      [&](const store::Statement& row) {
        const auto type = model::parse_action_type(row.text(0));
        if (!type) return;
        // What the platform refused counts for the pace like anything sent; nobody has read it.
        const bool may_be_read =
            row.text(4) == "success" || row.text(4) == "in_progress" || row.text(4) == "unknown";
        past.push_back({*type, row.instant(1), std::string(row.text(2)),
                        may_be_read ? std::string(row.text(3)) : std::string()});
      }));
  return past;
}

// Whether messages went either way. `thread` is empty unless the action is about a conversation: platforms
// give people and conversations the same ids.
Result<bool> has_messages_with(store::Connection& connection, const connect::AccountId& account,
                               const std::string& person, const std::string& thread) {
  LINNET_TRY(const auto threads, store::query_integer(connection,
                                                      R"(SELECT COUNT(*) FROM dm_messages m
                                                         JOIN dm_threads t ON t.id = m.thread_id
                                                         WHERE t.account_id = $1 AND ((t.participant_id =
                                                           $2 AND t.participant_id <> '')
                                                           OR t.platform_thread_id = $3))",
                                                      {std::string_view(account.value()),
                                                       std::string_view(person), std::string_view(thread)}));
  if (threads.value_or(0) > 0 || person.empty()) return threads.value_or(0) > 0;
  LINNET_TRY(const auto sent,
             store::query_integer(connection,
                                  R"(SELECT COUNT(*) FROM action_attempts
                                     WHERE account_id = $1 AND action_type = 'dm_send'
                                       AND status = 'success' AND target_user_id = $2)",
                                  {std::string_view(account.value()), std::string_view(person)}));
  return sent.value_or(0) > 0;
}

// A message reaches those whom its text mentions as well.
Result<bool> has_messages_with_all(store::Connection& connection, const Attempt& attempt,
                                   const std::string& person, const std::vector<Reached>& others) {
  const bool is_thread = attempt.target_type == model::TargetType::dm_thread;
  LINNET_TRY(bool all, has_messages_with(connection, attempt.account, person,
                                         is_thread ? attempt.target_id : std::string()));
  for (const auto& other : others) {
    if (!all) break;
    LINNET_TRY(all, has_messages_with(connection, attempt.account, other.person.id, ""));
  }
  return all;
}

BlockQuestion question_about(const ActingAccount& account, const Attempt& attempt,
                             const connect::Target& target) {
  BlockQuestion question;
  question.platform = account.view.platform;
  const auto& id = target.author_id.empty() ? attempt.target_user_id : target.author_id;
  const auto& name = target.author_name.empty() ? attempt.target_name : target.author_name;
  const auto person = seen_by(account, id, name);
  question.server = person.server;
  question.user_id = id;
  question.user_name = person.address.empty() ? name : person.address;
  question.user_bio = target.author_bio;
  if (attempt.target_type == model::TargetType::post) question.post_id = attempt.target_id;
  if (!target.post_text.empty()) question.texts.push_back(target.post_text);
  question.links = target.links;
  return question;
}

void note_unread_target(const Error& error, Situation& situation) {
  const bool is_final = error.kind == ErrorKind::not_found || error.kind == ErrorKind::invalid;
  if (is_final)
    situation.unreachable = fmt::format("the server does not show whom or what it is about: {}", error.safe);
  if (!is_final)
    situation.unread = fmt::format("whom or what it is about cannot be looked at now: {}", error.safe);
}

// A conversation without somebody whom it is with: of more people than one, or not read yet.
Status note_without_person(store::Connection& connection, const ActingAccount& account,
                           const Attempt& attempt, Situation& situation) {
  LINNET_TRY(
      const auto name,
      store::query_text(
          connection,
          R"(SELECT participant_username FROM dm_threads WHERE account_id = $1 AND platform_thread_id = $2)",
          {std::string_view(account.id.value()), std::string_view(attempt.target_id)}));
  if (!name) {
    situation.unread = "the conversation is not known yet: it is read every few minutes";
  } else if (attempt.type == model::ActionType::dm_send) {
    situation.unreachable = name->empty()
                                ? std::string("nobody but the account is in this conversation")
                                : fmt::format(
                                      "it is with {}: Linnet writes to one person at a time, and a group of "
                                      "several people would not all be asked about",
                                      *name);
  }
  return {};
}

// `whom`: in words, when it is not the target itself.
void ask_list(const BlockCheck& check, const BlockQuestion& question, std::string_view whom,
              Situation& situation) {
  const auto answer = check ? check(question) : std::nullopt;
  if (!answer) return;
  auto& reason = answer->is_unread    ? situation.unread
                 : answer->is_opt_out ? situation.opt_out_reason
                                      : situation.block_reason;
  if (reason) return;
  reason = whom.empty() ? answer->reason : fmt::format("{}: {}", whom, answer->reason);
}

void ask_list_about(const std::vector<Reached>& others, const ActingAccount& account, const BlockCheck& check,
                    Situation& situation) {
  for (const auto& [how, person, post_id] : others) {
    BlockQuestion question;
    question.platform = account.view.platform;
    const auto key = seen_by(account, person.id, person.name);
    question.server = key.server;
    question.user_id = person.id;
    question.user_name = key.address.empty() ? person.name : key.address;
    question.user_bio = person.bio;
    question.post_id = post_id;
    ask_list(check, question, how, situation);
  }
}

// Null where it is not known.
Result<json::value> known_post(store::Connection& connection, InstanceId instance, std::string_view id,
                               ToWhom reader) {
  json::value post;
  LINNET_CHECK(store::for_each_row(
      connection,
      R"(SELECT p.content_text, p.spoiler_text, p.url, p.created_at, p.deleted_at, u.acct,
           p.followers_only FROM posts p
         LEFT JOIN platform_users u ON u.instance_id = p.instance_id AND u.id = p.account_id
         WHERE p.instance_id = $1 AND p.id = $2)",
      {instance.value(), id}, [&](const store::Statement& row) {
        const bool is_deleted = !row.is_null(4);
        const bool is_followers_only = row.integer(6) != 0;
        const bool is_hidden = is_followers_only && reader == ToWhom::everybody;
        const auto text = [&](int column, bool is_shown = true) {
          return is_hidden || !is_shown ? std::string() : std::string(row.text(column));
        };
        post =
            json::object{{"instance_id", instance.value()},
                         {"id", id},
                         {"author", text(5)},
                         {"text", text(0, !is_deleted)},
                         {"spoiler_text", text(1, !is_deleted)},
                         {"url", text(2)},
                         {"created_at", is_hidden ? json::value() : json::value(to_iso8601(row.instant(3)))},
                         {"is_deleted", is_deleted},
                         {"is_followers_only", is_followers_only},
                         {"is_hidden", is_hidden}};
      }));
  return post;
}

void merge(connect::Target& target, const connect::Target& fresh) {
  const auto prefer = [](std::string& old, const std::string& now) {
    if (!now.empty()) old = now;
  };
  prefer(target.post_text, fresh.post_text);
  prefer(target.post_url, fresh.post_url);
  prefer(target.author_id, fresh.author_id);
  prefer(target.author_name, fresh.author_name);
  prefer(target.author_bio, fresh.author_bio);
  if (!fresh.links.empty()) target.links = fresh.links;
  if (fresh.author_followers > 0) target.author_followers = fresh.author_followers;
  target.already_done = fresh.already_done;
}

}  // namespace

Result<ActingAccount> load_acting_account(store::Connection& connection, const connect::AccountId& id) {
  std::optional<ActingAccount> found;
  std::string settings;
  LINNET_CHECK(store::for_each_row(
      connection,
      R"(SELECT platform, instance_id, platform_user_id, username, is_active, settings, credential_state,
           paused_until, pause_reason, needs_human, rate_percent, acts_since, scopes FROM accounts
         WHERE id = $1)",
      {std::string_view(id.value())}, [&](const store::Statement& row) {
        ActingAccount account;
        account.id = id;
        account.view.platform = row.text(0);
        account.instance = InstanceId(row.integer(1));
        account.platform_user_id = row.text(2);
        account.username = row.text(3);
        account.view.is_active = row.integer(4) != 0;
        settings = row.text(5);
        account.view.credential_state = row.text(6);
        account.view.paused_until = row.maybe_instant(7);
        account.view.pause_reason = row.text(8);
        account.view.needs_human = row.integer(9) != 0;
        account.view.rate_percent = row.integer(10);
        account.view.acts_since = row.maybe_instant(11);
        account.view.scopes = row.maybe_text(12);
        found = std::move(account);
      }));
  if (!found)
    return not_found(fmt::format("account: there is none with the id \"{}\"", id.value().substr(0, 60)));
  LINNET_TRY(found->server, govern::host_of_instance(connection, found->instance));
  LINNET_TRY(found->view.settings, govern::parse_account_settings(settings, found->view.platform));
  return std::move(*found);
}

govern::PersonKey seen_by(const ActingAccount& account, std::string_view user_id, std::string_view name) {
  return govern::person_key(account.view.platform, account.server, user_id, name);
}

Result<govern::WhatIsTaken> what_is_taken(store::Connection& connection, const ActingAccount& account,
                                          const PlatformView& platform) {
  LINNET_TRY(const auto facts, govern::platform_facts(connection, account.view.platform, account.server));
  return govern::what_is_taken(facts, platform.capabilities, platform.limits);
}

Status note_limits(store::Connection& connection, const ActingAccount& account,
                   const connect::PlatformLimits& limits, const connect::Capabilities& capabilities,
                   Instant now) {
  auto values = govern::values_of(limits);
  LINNET_TRY(const auto everywhere, govern::stated_values(connection, account.view.platform, ""));
  const auto is_the_same_everywhere = [&](const auto& value) {
    const auto found = everywhere.find(value.first);
    return found != everywhere.end() && found->second == value.second;
  };
  const bool are_limits_the_same = std::all_of(values.begin(), values.end(), is_the_same_everywhere);
  if (are_limits_the_same) values.clear();
  // What servers of a platform can do differs little: what is said of all of them is not said again.
  for (const auto& value : govern::values_of(capabilities)) {
    if (everywhere.contains(value.first) && !is_the_same_everywhere(value)) values.insert(value);
  }
  if (values.empty()) {
    LINNET_TRY(const auto said, govern::stated_values(connection, account.view.platform, account.server));
    if (said.empty()) return {};
  }
  return govern::note_stated(connection, account.view.platform, account.server, values, now);
}

Result<connect::Target> known_target(store::Connection& connection, const ActingAccount& account,
                                     const Attempt& attempt) {
  connect::Target target;
  target.author_id = attempt.target_user_id;
  target.author_name = attempt.target_name;
  std::string person = attempt.target_user_id;
  if (attempt.target_type == model::TargetType::user) person = attempt.target_id;
  const auto& rules = connect::identity_of(account.view.platform);
  // Neither opt-outs nor guards against doing it twice would fit an id that may mean another tomorrow.
  if (rules.refuse_passing_id != nullptr) LINNET_CHECK(rules.refuse_passing_id(attempt.target_id));
  if (rules.author_in != nullptr) {
    if (auto author = rules.author_in(attempt.target_id); !author.empty()) person = std::move(author);
  }
  if (attempt.target_type == model::TargetType::post) {
    LINNET_CHECK(store::for_each_row(
        connection, "SELECT account_id, content_text, url FROM posts WHERE instance_id = $1 AND id = $2",
        {account.instance.value(), std::string_view(attempt.target_id)}, [&](const store::Statement& row) {
          person = row.text(0);
          target.post_text = row.text(1);
          target.post_url = row.text(2);
        }));
  }
  if (attempt.target_type == model::TargetType::dm_thread) {
    LINNET_CHECK(
        store::for_each_row(connection,
                            R"(SELECT participant_id, participant_username FROM dm_threads
                               WHERE account_id = $1 AND platform_thread_id = $2)",
                            {std::string_view(account.id.value()), std::string_view(attempt.target_id)},
                            [&](const store::Statement& row) {
                              person = row.text(0);
                              target.author_name = row.text(1);
                            }));
  }
  target.author_id = person;
  LINNET_CHECK(store::for_each_row(
      connection, "SELECT acct, bio, follower_count FROM platform_users WHERE instance_id = $1 AND id = $2",
      {account.instance.value(), std::string_view(person)}, [&](const store::Statement& row) {
        target.author_name = row.text(0);
        target.author_bio = html_to_text(row.text(1));
        target.author_followers = row.integer(2);
      }));
  if (!target.author_name.empty() || person.empty()) return target;
  // Nobody has seen a post of theirs, but they have written to us.
  LINNET_TRY(auto correspondent,
             store::query_text(connection,
                               R"(SELECT participant_username FROM dm_threads
                                  WHERE account_id = $1 AND participant_id = $2 LIMIT 1)",
                               {std::string_view(account.id.value()), std::string_view(person)}));
  target.author_name = std::move(correspondent).value_or("");
  return target;
}

Result<Situation> gather(store::Connection& connection, const ActingAccount& account, const Attempt& attempt,
                         const PlatformView& platform, const BlockCheck& check, Instant now) {
  Situation situation;
  situation.now = now;
  LINNET_TRY(const auto stopped, govern::stopped_since(connection));
  situation.is_stopped = stopped.has_value();
  situation.account = account.view;
  LINNET_TRY(auto taken, what_is_taken(connection, account, platform));
  situation.is_platform_on = taken.is_platform_on;
  situation.capabilities = std::move(taken.capabilities);
  situation.limits = std::move(taken.limits);
  situation.is_server_unread = taken.is_server_unread;
  situation.is_approved = !attempt.approved_by.empty();
  LINNET_TRY(situation.past, past_actions(connection, attempt, now));
  if (platform.limits_error)
    situation.unread = fmt::format("the server does not say what it takes: {}", platform.limits_error->safe);
  if (platform.target_error) note_unread_target(*platform.target_error, situation);
  LINNET_TRY(const auto others, reached_by_text(connection, account, attempt, platform));
  ask_list_about(others, account, check, situation);
  const bool reaches_somebody = attempt.target_type != model::TargetType::account;
  if (!reaches_somebody) return situation;
  LINNET_TRY(auto target, known_target(connection, account, attempt));
  if (platform.target) merge(target, *platform.target);
  situation.is_done_already = target.already_done;
  if (attempt.target_type == model::TargetType::dm_thread && target.author_id.empty())
    LINNET_CHECK(note_without_person(connection, account, attempt, situation));
  // One's own posts may be edited, deleted, replied to in a thread, whatever the lists say.
  if (target.author_id != account.platform_user_id)
    ask_list(check, question_about(account, attempt, target), "", situation);
  const auto* const door = connect::find_platform(account.view.platform);
  const bool is_post_to = door != nullptr && door->acting.messages_are_posts;
  if (is_post_to && attempt.type == model::ActionType::dm_send && !target.author_name.empty())
    situation.message_prefix = fmt::format("@{} ", target.author_name);
  const auto person = seen_by(account, target.author_id, target.author_name);
  if (attempt.type == model::ActionType::dm_read || attempt.type == model::ActionType::dm_send) {
    LINNET_TRY(situation.consents_to_reading, govern::has_consent(connection, person, "dm_read"));
    LINNET_TRY(situation.refuses_messages, govern::has_revoked(connection, person, "dm_contact"));
    LINNET_TRY(situation.has_messages, has_messages_with_all(connection, attempt, target.author_id, others));
  }
  return situation;
}

Result<json::object> approval_context(store::Connection& connection, const ActingAccount& account,
                                      const Attempt& attempt, const connect::Target& target,
                                      const std::vector<Verdict>& verdicts) {
  LINNET_TRY(const auto dealings, store::query_integer(connection,
                                                       R"(SELECT COUNT(*) FROM action_attempts
                                                          WHERE account_id = $1 AND target_user_id = $2
                                                            AND status = 'success')",
                                                       {std::string_view(account.id.value()),
                                                        std::string_view(target.author_id)}));
  LINNET_TRY(const auto posts,
             store::query_integer(connection,
                                  "SELECT COUNT(*) FROM posts WHERE instance_id = $1 AND account_id = $2",
                                  {account.instance.value(), std::string_view(target.author_id)}));
  json::array said;
  for (const auto& verdict : verdicts) said.push_back(to_json(verdict));
  return json::object{{"account", account.username},
                      {"server", account.server},
                      {"action_type", model::to_string(attempt.type)},
                      {"previous_interactions", target.author_id.empty() ? 0 : dealings.value_or(0)},
                      {"follower_count", target.author_followers},
                      {"post_count", target.author_id.empty() ? 0 : posts.value_or(0)},
                      {"person", target.author_name},
                      {"post_url", target.post_url},
                      {"verdicts", std::move(said)}};
}

Result<json::object> posts_concerned(store::Connection& connection, const ActingAccount& account,
                                     const Attempt& attempt, ToWhom reader) {
  json::object posts{{"post", nullptr}, {"quoted", nullptr}};
  if (attempt.target_type == model::TargetType::post) {
    LINNET_TRY(posts["post"], known_post(connection, account.instance, attempt.target_id, reader));
  }
  const auto* const quoted = attempt.input.if_contains("quotedId");
  if (quoted != nullptr && quoted->is_string()) {
    LINNET_TRY(posts["quoted"],
               known_post(connection, account.instance, std::string_view(quoted->as_string()), reader));
  }
  return posts;
}

}  // namespace linnet::act
