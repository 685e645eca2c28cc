#include "act/notices.hpp"

#include <fmt/format.h>

#include "base/instant_words.hpp"
#include "govern/emergency_stop.hpp"
#include "store/record/sql.hpp"

namespace linnet::act {
namespace {

using Notices = std::vector<Notice>;

Status add_sent_twice(store::Connection& connection, Instant now, Notices& notices) {
  return store::for_each_row(
      connection,
      R"(SELECT id FROM action_attempts
         WHERE status = 'success' AND last_sent_at > $1 AND error LIKE '{"code":"twice"%')",
      {to_micros(now - std::chrono::hours(24 * 7))}, [&](const store::Statement& row) {
        notices.push_back({"twice",
                           "Something was sent once and is there more than once: look at it, and delete one",
                           std::string(row.text(0))});
      });
}

Status add_waiting_opt_outs(store::Connection& connection, Notices& notices) {
  LINNET_TRY(const auto error,
             store::query_text(connection, "SELECT error FROM waiting_opt_outs ORDER BY tries DESC LIMIT 1"));
  if (error)
    notices.push_back(
        {"opt_outs",
         fmt::format("Somebody asked in a post to be left alone, and it could not be noted yet: {}", *error),
         ""});
  return {};
}

// What cannot be read stands, and must not keep the other notices from being seen.
void add_stop(store::Connection& connection, Notices& notices) {
  const auto since = govern::stopped_since(connection);
  if (!since) {
    notices.push_back({"stopped",
                       fmt::format("Nobody can tell whether everything is stopped, so nothing is sent: {}",
                                   since.error().safe),
                       ""});
  } else if (*since) {
    notices.push_back({"stopped", fmt::format("Everything is stopped since {}", in_words(**since)), ""});
  }
}

struct Troubled {
  std::string id;
  std::string username;
  std::string credential_state;
  std::string credential_error;
  bool needs_human = false;
  std::string pause_reason;
  std::optional<Instant> paused_until;
  std::optional<std::string> messages_error;
};

void add_trouble(const Troubled& account, Instant now, Notices& notices) {
  const auto add = [&](std::string_view kind, std::string text) {
    notices.push_back({std::string(kind), std::move(text), account.id});
  };
  const auto& name = account.username;
  if (account.credential_state == "signed_out") {
    add("signed_out", fmt::format("{} is signed out: sign in again. {}", name, account.credential_error));
  } else if (account.credential_state != "ok") {
    add("credentials",
        fmt::format("{}: the platform could not be asked. {}", name, account.credential_error));
  }
  if (account.messages_error)
    add("messages", fmt::format("Messages of {} are not read: {}", name, *account.messages_error));
  if (account.needs_human) {
    add("paused", fmt::format("{} is paused until somebody resumes it: {}", name, account.pause_reason));
  } else if (account.paused_until && *account.paused_until > now) {
    add("paused", fmt::format("{} is paused until {}: {}", name, in_words(*account.paused_until),
                              account.pause_reason));
  }
}

// `one` and `several` say it of so many, in place of {}.
Status add_count(store::Connection& connection, std::string_view kind, std::string_view sql,
                 std::string_view one, std::string_view several, Notices& notices) {
  LINNET_TRY(const auto number, store::query_integer(connection, sql));
  if (number.value_or(0) > 0)
    notices.push_back({std::string(kind),
                       *number == 1 ? std::string(one) : fmt::format(fmt::runtime(several), *number), ""});
  return {};
}

}  // namespace
}  // namespace linnet::act

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::act::Notice>() {
  using linnet::act::Notice;
  static const Entity described = entity<Notice>(
      {.name = "Notice"},
      {field<&Notice::kind>("kind"), field<&Notice::text>("text"), field<&Notice::target>("target")});
  return described;
}

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::act::Troubled>() {
  using linnet::act::Troubled;
  static const Entity described = entity<Troubled>(
      {.name = "TroubledAccount", .table = "accounts"},
      {field<&Troubled::id>("id").key(), field<&Troubled::username>("username"),
       field<&Troubled::credential_state>("credential_state"),
       field<&Troubled::credential_error>("credential_error"), field<&Troubled::needs_human>("needs_human"),
       field<&Troubled::pause_reason>("pause_reason"), field<&Troubled::paused_until>("paused_until"),
       field<&Troubled::messages_error>("messages_error")});
  return described;
}

namespace linnet::act {

Result<Notices> list_notices(store::Connection& connection, Instant now) {
  Notices notices;
  LINNET_CHECK(add_sent_twice(connection, now, notices));
  LINNET_CHECK(add_waiting_opt_outs(connection, notices));
  add_stop(connection, notices);
  LINNET_TRY(const auto troubled,
             record::find_all<Troubled>(connection,
                                        R"(is_active = 1 AND (credential_state <> 'ok' OR needs_human = 1 OR
                                         paused_until > $1 OR messages_error IS NOT NULL))",
                                        {to_micros(now)}));
  for (const auto& account : troubled) add_trouble(account, now, notices);
  LINNET_CHECK(add_count(connection, "unknown",
                         "SELECT COUNT(*) FROM action_attempts WHERE status = 'unknown' AND looks > 5",
                         "Of 1 action it is not known whether it took effect",
                         "Of {} actions it is not known whether they took effect", notices));
  LINNET_CHECK(add_count(connection, "unverified",
                         R"(SELECT COUNT(*) FROM action_attempts a
                            JOIN verification_results v ON v.id = a.verification_id
                            WHERE a.status = 'success' AND a.superseded_at IS NULL AND v.verified = 0 AND
                              v.method <> 'manual' AND (a.verify_at IS NULL OR v.confidence > 0))",
                         "Of 1 action the platform said that it is done, and a look did not show it",
                         "Of {} actions the platform said that they are done, and a look did not show it",
                         notices));
  LINNET_CHECK(
      add_count(connection, "late",
                "SELECT COUNT(*) FROM action_attempts WHERE status = 'pending' AND late_reported = 1",
                "1 action is late", "{} actions are late", notices));
  return notices;
}

Result<std::int64_t> count_open_approvals(store::Connection& connection) {
  LINNET_TRY(const auto open,
             store::query_integer(connection, "SELECT COUNT(*) FROM approvals WHERE state = 'open'"));
  return open.value_or(0);
}

}  // namespace linnet::act
