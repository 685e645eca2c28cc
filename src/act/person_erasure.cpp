#include "act/person_erasure.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analyze/daily_summaries.hpp"
#include "analyze/domain_stats.hpp"
#include "govern/audit.hpp"
#include "govern/blocklist_forms.hpp"
#include "govern/pending_actions.hpp"
#include "govern/person_key.hpp"

namespace linnet::act {
namespace {

using observe::Person;
using observe::PersonAccount;
using store::Statement;

// Of one account: $1 its instance, $2 its id, $3 its name there.
constexpr std::string_view kActions =
    "account_id IN (SELECT id FROM accounts WHERE instance_id = $1) AND (target_user_id = $2 OR "
    "(target_type = 'user' AND target_id = $2) OR lower(target_name) = lower($3) OR (target_type = 'post' "
    "AND "
    "target_id IN (SELECT id FROM posts WHERE instance_id = $1 AND account_id = $2)))";
constexpr std::string_view kThreads =
    "(SELECT id FROM dm_threads WHERE participant_id = $2 AND account_id IN (SELECT id FROM accounts WHERE "
    "instance_id = $1))";
// What stands in those, and what the person wrote to a group that is named after somebody else.
constexpr std::string_view kMessages =
    "dm_messages WHERE thread_id IN (SELECT id FROM dm_threads WHERE participant_id = $2 AND account_id IN "
    "(SELECT id FROM accounts WHERE instance_id = $1)) OR (sender_id = $2 AND thread_id IN (SELECT id FROM "
    "dm_threads WHERE account_id IN (SELECT id FROM accounts WHERE instance_id = $1)))";

// One account's rows outside of what was observed.
class AccountRows {
 public:
  AccountRows(store::Connection& connection, const PersonAccount& account, govern::PersonKey key)
      : connection_(connection),
        account_(account),
        key_(std::move(key)),
        id_form_(govern::user_key(account.id)),
        name_form_(govern::user_key(account.acct)) {}

  Status count(PersonErasure& found) {
    LINNET_CHECK(count_actions("status NOT IN ('in_progress', 'unknown')", found.actions));
    LINNET_CHECK(count_actions("status = 'pending'", found.cancelled));
    LINNET_CHECK(count_actions("status IN ('in_progress', 'unknown')", found.under_way));
    LINNET_TRY(const auto messages,
               store::query_integer(connection_, fmt::format("SELECT count(*) FROM {}", kMessages),
                                    {account_.instance.value(), id()}));
    LINNET_TRY(const auto consents,
               store::query_integer(connection_, fmt::format("SELECT count(*) FROM {}", kConsents),
                                    {id(), platform(), server(), address()}));
    LINNET_TRY(const auto blocks,
               store::query_integer(connection_, fmt::format("SELECT count(*) FROM {}", kBlocks),
                                    {id(), name(), platform(), server(), address(),
                                     std::string_view(id_form_), std::string_view(name_form_)}));
    found.messages += messages.value_or(0);
    found.consents += consents.value_or(0);
    found.blocks += blocks.value_or(0);
    return {};
  }

  Status erase(const std::string& actor, Instant now) {
    LINNET_TRY(const auto cancelled, govern::cancel_pending(connection_, account_,
                                                            {"erased", "the person was erased", actor}, now));
    (void)cancelled;
    LINNET_CHECK(erase_actions());
    LINNET_CHECK(erase_messages());
    LINNET_CHECK(
        on_instance("DELETE FROM post_engagements WHERE instance_id = $1 AND post_id IN (SELECT id FROM "
                    "posts WHERE instance_id = $1 AND account_id = $2)"));
    LINNET_CHECK(store::run(connection_, fmt::format("DELETE FROM {}", kConsents),
                            {id(), platform(), server(), address()}));
    return store::run(connection_, fmt::format("DELETE FROM {}", kBlocks),
                      {id(), name(), platform(), server(), address(), std::string_view(id_form_),
                       std::string_view(name_form_)});
  }

 private:
  // By the id on its own server, and by the address wherever it stands.
  static constexpr std::string_view kConsents =
      "consents WHERE platform = $2 AND ((user_id = $1 AND server_id = $3) OR ($4 <> '' AND address = $4))";
  static constexpr std::string_view kBlocks =
      "blocklist_entries WHERE entry_type = 'user' AND match_type = 'exact' AND COALESCE(platform, $3) = $3 "
      "AND (((lower(value) IN (lower($1), lower($2)) OR value IN ($6, $7)) AND server IN ('', $4)) OR ($5 <> "
      "'' AND (value = $5 OR "
      "address = $5)))";

  [[nodiscard]] std::string_view id() const { return account_.id; }
  [[nodiscard]] std::string_view name() const { return account_.acct; }
  [[nodiscard]] std::string_view platform() const { return account_.platform; }
  [[nodiscard]] std::string_view server() const { return key_.server; }
  [[nodiscard]] std::string_view address() const { return key_.address; }

  Status on_instance(std::string_view sql) {
    return store::run(connection_, sql, {account_.instance.value(), id()});
  }
  Status on_actions(std::string_view sql) {
    return store::run(connection_, sql, {account_.instance.value(), id(), name()});
  }
  Status count_actions(std::string_view status, std::int64_t& into) {
    LINNET_TRY(const auto number,
               store::query_integer(
                   connection_,
                   fmt::format("SELECT count(*) FROM action_attempts WHERE {} AND {}", status, kActions),
                   {account_.instance.value(), id(), name()}));
    into += number.value_or(0);
    return {};
  }

  Status erase_messages() {
    LINNET_CHECK(
        on_instance(fmt::format("DELETE FROM heeded_opt_outs WHERE substr(item, 1, 36) IN {}", kThreads)));
    // Of a group, the preview may be theirs.
    LINNET_CHECK(on_instance(fmt::format(
        "UPDATE dm_threads SET last_message_preview = NULL, seen_version = NULL WHERE id IN (SELECT "
        "thread_id FROM {})",
        kMessages)));
    LINNET_CHECK(on_instance(fmt::format("DELETE FROM {}", kMessages)));
    return on_instance(fmt::format("DELETE FROM dm_threads WHERE id IN {}", kThreads));
  }

  Status erase_actions() {
    const auto settled = fmt::format(
        "(SELECT id FROM action_attempts WHERE {} AND status NOT IN ('in_progress', 'unknown'))", kActions);
    LINNET_CHECK(on_actions(fmt::format(
        "UPDATE dm_messages SET action_attempt_id = NULL WHERE action_attempt_id IN {}", settled)));
    LINNET_CHECK(on_actions(fmt::format(
        "UPDATE approvals SET context = '{{}}', comment = NULL WHERE attempt_id IN {}", settled)));
    LINNET_CHECK(on_actions(fmt::format(
        "UPDATE verification_results SET details = '{{}}' WHERE action_attempt_id IN {}", settled)));
    LINNET_CHECK(on_actions(fmt::format("DELETE FROM action_media WHERE attempt_id IN {}", settled)));
    // Last: the others find the attempts by what is taken out here.
    return on_actions(fmt::format(
        "UPDATE action_attempts SET target_id = 'erased', target_name = NULL, target_user_id = NULL, input = "
        "'{{}}', text_hash = NULL, result = NULL, error = NULL, guard_open = NULL, guard_done = NULL, "
        "verify_at = NULL "
        "WHERE id IN {}",
        settled));
  }

  store::Connection& connection_;
  const PersonAccount& account_;
  const govern::PersonKey key_;
  // As the blocklist keeps what people entered; opt-outs stand there as the platform writes them.
  const std::string id_form_;
  const std::string name_form_;
};

Result<govern::PersonKey> key_of(store::Connection& connection, const PersonAccount& account) {
  LINNET_TRY(const auto server, govern::host_of_instance(connection, account.instance));
  return govern::person_key(account.platform, server, account.id, account.acct);
}

struct NamedDay {
  InstanceId instance{};
  std::string date;
};

// Daily summaries in which the person stands.
Result<std::vector<NamedDay>> summaries_of(store::Connection& connection, const Person& person) {
  std::vector<NamedDay> days;
  for (const auto& account : person.accounts) {
    const auto by_name = fmt::format("%{}%", account.acct);
    // An author may have stood there by the id before the name was known; ids of Mastodon are too short to
    // look for.
    const bool is_long = account.id.size() >= 16;
    const auto by_id = fmt::format("%{}%", is_long ? account.id : account.acct);
    LINNET_CHECK(
        store::for_each_row(connection,
                            "SELECT DISTINCT instance_id, date FROM daily_summaries WHERE "
                            "instance_id = $1 AND (notable_json LIKE $2 OR "
                            "summary_text LIKE $2 OR notable_json LIKE $3 OR summary_text LIKE $3)",
                            {account.instance.value(), std::string_view(by_name), std::string_view(by_id)},
                            [&](const Statement& row) {
                              days.push_back({InstanceId(row.integer(0)), std::string(row.text(1))});
                            }));
  }
  return days;
}

Status write_audit(store::Connection& connection, const PersonErasure& erased, const std::string& actor,
                   Instant now) {
  govern::AuditEntry entry;
  LINNET_TRY(entry.run_id, govern::make_run_id(now));
  entry.step_id = govern::step_id(entry.run_id, 1);
  entry.event = govern::AuditEvent::action_complete;
  entry.actor = actor;
  entry.outcome = govern::AuditOutcome::success;
  entry.details = {{"what", "person_erased"},     {"posts", erased.observed.posts},
                   {"actions", erased.actions},   {"messages", erased.messages},
                   {"consents", erased.consents}, {"blocks", erased.blocks}};
  return govern::append_audit(connection, std::move(entry), now);
}

// What was added up of posts that are gone now.
Result<std::int64_t> add_up_again(store::Database& database, store::Writer& writer, Clock& clock,
                                  const observe::ObservedErasure& erased, const std::vector<NamedDay>& days) {
  LINNET_TRY(auto reader, database.reader());
  for (const auto hour : erased.hours) {
    LINNET_TRY(const auto changed,
               analyze::refresh_domain_stats(*reader, writer, hour, hour + std::chrono::hours(1)));
    (void)changed;
  }
  for (const auto& day : days) {
    LINNET_TRY(const auto begin, analyze::parse_day("date", day.date));
    LINNET_TRY(const bool is_new,
               analyze::make_daily_summary(*reader, writer, day.instance, begin, clock.now()));
    (void)is_new;
  }
  return static_cast<std::int64_t>(days.size());
}

void add_account(Person& person, const Statement& row) {
  const PersonAccount found{InstanceId(row.integer(0)), std::string(row.text(1)), std::string(row.text(2)),
                            std::string(row.text(3))};
  const auto is_known = std::any_of(person.accounts.begin(), person.accounts.end(), [&](const auto& account) {
    return account.instance == found.instance && account.id == found.id;
  });
  if (!is_known) person.accounts.push_back(found);
}

}  // namespace

Result<Person> find_person(store::Connection& connection, std::string_view address) {
  LINNET_TRY(auto person, observe::find_person(connection, address));
  const std::string_view wanted = person.address;
  constexpr std::string_view kFull =
      "CASE WHEN {0} LIKE '%@%' OR a.platform = 'bluesky' THEN lower({0}) ELSE lower({0}) || '@' || "
      "lower(replace(replace(i.base_url, 'https://', ''), 'http://', '')) END = $1";
  const auto take = [&](const Statement& row) { add_account(person, row); };
  LINNET_CHECK(store::for_each_row(
      connection,
      fmt::format("SELECT DISTINCT a.instance_id, a.platform, t.participant_id, t.participant_username FROM "
                  "dm_threads t "
                  "JOIN accounts a ON a.id = t.account_id JOIN instances i ON i.id = a.instance_id WHERE {}",
                  fmt::format(kFull, "t.participant_username")),
      {wanted}, take));
  LINNET_CHECK(store::for_each_row(
      connection,
      fmt::format(
          "SELECT DISTINCT a.instance_id, a.platform, t.target_user_id, t.target_name FROM action_attempts t "
          "JOIN accounts a ON a.id = t.account_id JOIN instances i ON i.id = a.instance_id WHERE "
          "t.target_user_id IS NOT NULL AND {}",
          fmt::format(kFull, "t.target_name")),
      {wanted}, take));
  if (person.accounts.empty())
    return not_found(fmt::format("nobody here has the address {}; write it as ada@example.social", wanted));
  for (const auto& account : person.accounts) {
    LINNET_TRY(const auto own,
               store::query_text(connection,
                                 "SELECT id FROM accounts WHERE instance_id = $1 AND platform_user_id = $2",
                                 {account.instance.value(), std::string_view(account.id)}));
    if (own)
      return Error::of(ErrorKind::conflict,
                       fmt::format("{} is an account of yours; remove it first", wanted));
  }
  return person;
}

Result<PersonErasure> count_person(store::Connection& connection, const Person& person) {
  PersonErasure found;
  for (const auto& account : person.accounts) {
    LINNET_TRY(auto key, key_of(connection, account));
    LINNET_CHECK(AccountRows(connection, account, std::move(key)).count(found));
  }
  LINNET_TRY(const auto days, summaries_of(connection, person));
  found.summaries = static_cast<std::int64_t>(days.size());
  LINNET_TRY(found.observed, observe::count_observed(connection, person));
  return found;
}

Result<PersonErasure> erase_person(store::Database& database, store::Writer& writer, Clock& clock,
                                   govern::Blocklist& blocklist, const Person& person,
                                   const std::string& actor) {
  // First of all nothing new may reach them.
  for (const auto& account : person.accounts) {
    govern::PersonKey key;
    {
      LINNET_TRY(auto reader, database.reader());
      LINNET_TRY(key, key_of(*reader, account));
    }
    LINNET_CHECK(blocklist.keep_fingerprint(key));
  }
  PersonErasure erased;
  std::vector<NamedDay> days;
  LINNET_CHECK(writer.write([&](store::Connection& connection) -> Status {
    erased = {};
    const auto now = clock.now();
    if (connection.engine() == store::Engine::sqlite)
      LINNET_CHECK(connection.execute("PRAGMA secure_delete = ON"));
    LINNET_TRY(days, summaries_of(connection, person));
    for (const auto& day : days)
      LINNET_CHECK(store::run(connection, "DELETE FROM daily_summaries WHERE instance_id = $1 AND date = $2",
                              {day.instance.value(), std::string_view(day.date)}));
    for (const auto& account : person.accounts) {
      LINNET_TRY(auto key, key_of(connection, account));
      AccountRows rows(connection, account, std::move(key));
      LINNET_CHECK(rows.count(erased));
      LINNET_CHECK(rows.erase(actor, now));
    }
    LINNET_TRY(erased.observed, observe::count_observed(connection, person));
    return write_audit(connection, erased, actor, now);
  }));
  LINNET_TRY(erased.observed, observe::erase_observed(database, writer, person));
  LINNET_TRY(erased.summaries, add_up_again(database, writer, clock, erased.observed, days));
  return erased;
}

}  // namespace linnet::act
