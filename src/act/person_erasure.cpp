#include "act/person_erasure.hpp"

#include <fmt/format.h>

#include <set>

#include "act/person_conditions.hpp"
#include "analyze/daily_summaries.hpp"
#include "analyze/domain_stats.hpp"
#include "govern/audit.hpp"
#include "govern/blocklist_forms.hpp"
#include "govern/pending_actions.hpp"
#include "govern/person_key.hpp"
#include "observe/erasure_leftovers.hpp"

namespace linnet::act {
namespace {

using observe::Person;
using observe::PersonAccount;
using store::Statement;

// Of one account: $1 its instance, $2 its id.
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

  // `seen` holds what was counted of another account: by the address, the same row is theirs on every server.
  Status count(PersonErasure& found, std::set<std::string>& seen) {
    LINNET_CHECK(count_actions("status NOT IN ('in_progress', 'unknown')", found.actions));
    LINNET_CHECK(count_actions("status = 'pending'", found.cancelled));
    LINNET_CHECK(count_actions("status IN ('in_progress', 'unknown')", found.under_way));
    LINNET_TRY(const auto messages,
               store::query_integer(connection_, fmt::format("SELECT count(*) FROM {}", kMessages),
                                    {account_.instance.value(), id()}));
    found.messages += messages.value_or(0);
    const auto count_new = [&](std::int64_t& into) {
      return [&](const Statement& row) { into += seen.emplace(row.text(0)).second ? 1 : 0; };
    };
    LINNET_CHECK(store::for_each_row(connection_, fmt::format("SELECT id FROM {}", kConsentsOfPerson),
                                     {id(), platform(), server(), address()}, count_new(found.consents)));
    return store::for_each_row(connection_, fmt::format("SELECT id FROM {}", kBlocksOfPerson),
                               {id(), name(), platform(), server(), address(), std::string_view(id_form_),
                                std::string_view(name_form_)},
                               count_new(found.blocks));
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
    LINNET_CHECK(store::run(connection_, fmt::format("DELETE FROM {}", kConsentsOfPerson),
                            {id(), platform(), server(), address()}));
    return store::run(connection_, fmt::format("DELETE FROM {}", kBlocksOfPerson),
                      {id(), name(), platform(), server(), address(), std::string_view(id_form_),
                       std::string_view(name_form_)});
  }

 private:
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
               store::query_integer(connection_,
                                    fmt::format("SELECT count(*) FROM action_attempts WHERE {} AND {}",
                                                status, kActionsOnPerson),
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
    const auto settled =
        fmt::format("(SELECT id FROM action_attempts WHERE {} AND status NOT IN ('in_progress', 'unknown'))",
                    kActionsOnPerson);
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

// Made again, once the posts are gone, from what is left.
Status drop_summaries(store::Connection& connection, const std::vector<NamedDay>& days) {
  for (const auto& day : days) {
    LINNET_CHECK(store::run(connection, "DELETE FROM daily_summaries WHERE instance_id = $1 AND date = $2",
                            {day.instance.value(), std::string_view(day.date)}));
    LINNET_CHECK(observe::leave_day(connection, day.instance, day.date));
  }
  return {};
}

Status add_up_again(store::Database& database, store::Writer& writer, Clock& clock,
                    const observe::Leftovers& left) {
  LINNET_TRY(auto reader, database.reader());
  for (const auto hour : left.hours) {
    LINNET_TRY(const auto changed,
               analyze::refresh_domain_stats(*reader, writer, hour, hour + std::chrono::hours(1)));
    (void)changed;
    LINNET_CHECK(
        writer.write([&](store::Connection& connection) { return observe::forget_hour(connection, hour); }));
  }
  for (const auto& day : left.days) {
    LINNET_TRY(const auto begin, analyze::parse_day("date", day.second));
    LINNET_TRY(const bool is_new,
               analyze::make_daily_summary(*reader, writer, day.first, begin, clock.now()));
    (void)is_new;
    LINNET_CHECK(writer.write([&](store::Connection& connection) {
      return observe::forget_day(connection, day.first, day.second);
    }));
  }
  return {};
}

}  // namespace

Result<PersonErasure> count_person(store::Connection& connection, const Person& person) {
  PersonErasure found;
  std::set<std::string> seen;
  for (const auto& account : person.accounts) {
    LINNET_TRY(auto key, key_of(connection, account));
    LINNET_CHECK(AccountRows(connection, account, std::move(key)).count(found, seen));
  }
  LINNET_TRY(const auto days, summaries_of(connection, person));
  found.summaries = static_cast<std::int64_t>(days.size());
  LINNET_TRY(found.observed, observe::count_observed(connection, person));
  return found;
}

Result<PersonErasure> erase_person(store::Database& database, store::Writer& writer, Clock& clock,
                                   govern::Blocklist& blocklist, const Person& person,
                                   const std::string& actor) {
  LINNET_CHECK(finish_erasures(database, writer, clock));
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
    std::set<std::string> seen;
    for (const auto& account : person.accounts) {
      LINNET_TRY(auto key, key_of(connection, account));
      AccountRows rows(connection, account, std::move(key));
      LINNET_CHECK(rows.count(erased, seen));
      LINNET_CHECK(rows.erase(actor, now));
    }
    LINNET_TRY(erased.observed, observe::count_observed(connection, person));
    return write_audit(connection, erased, actor, now);
  }));
  LINNET_TRY(erased.observed,
             observe::erase_observed(database, writer, person, [&](store::Connection& connection) -> Status {
               LINNET_TRY(days, summaries_of(connection, person));
               return drop_summaries(connection, days);
             }));
  erased.summaries = static_cast<std::int64_t>(days.size());
  LINNET_CHECK(finish_erasures(database, writer, clock));
  return erased;
}

Status finish_erasures(store::Database& database, store::Writer& writer, Clock& clock) {
  observe::Leftovers left;
  {
    LINNET_TRY(auto reader, database.reader());
    LINNET_TRY(left, observe::read_leftovers(*reader));
  }
  if (left.empty()) return {};
  LINNET_CHECK(observe::finish_search(database, writer));
  LINNET_CHECK(add_up_again(database, writer, clock, left));
  for (const auto part : {store::Part::tables, store::Part::search}) LINNET_CHECK(database.checkpoint(part));
  return {};
}

}  // namespace linnet::act
