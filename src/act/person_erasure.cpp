#include "act/person_erasure.hpp"

#include <fmt/format.h>

#include <set>

#include "act/erased_actions.hpp"
#include "act/person_conditions.hpp"
#include "act/person_rows.hpp"
#include "analyze/daily_summaries.hpp"
#include "analyze/domain_stats.hpp"
#include "govern/audit.hpp"
#include "govern/pending_actions.hpp"
#include "govern/person_key.hpp"
#include "observe/erasure_leftovers.hpp"
#include "reflect/person_insights.hpp"

namespace linnet::act {
namespace {

using observe::Person;
using observe::PersonAccount;
using store::Statement;

// Of one account: $1 its instance, $2 its id.
constexpr std::string_view kThreads =
    R"((SELECT id FROM dm_threads WHERE participant_id = $2 AND account_id IN (SELECT id FROM accounts
         WHERE instance_id = $1)))";
// What stands in those, and what the person wrote to a group that is named after somebody else.
constexpr std::string_view kMessages =
    R"(dm_messages
       WHERE thread_id IN (SELECT id FROM dm_threads WHERE participant_id = $2
         AND account_id IN (SELECT id FROM accounts WHERE instance_id = $1)) OR (sender_id = $2
         AND thread_id IN (SELECT id FROM dm_threads WHERE account_id IN (SELECT id FROM accounts
         WHERE instance_id = $1))))";

Result<govern::PersonKey> key_of(store::Connection& connection, const PersonAccount& account) {
  LINNET_TRY(const auto server, govern::host_of_instance(connection, account.instance));
  return govern::person_key(account.platform, server, account.id, account.acct);
}

// One account's rows outside of what was observed.
class AccountRows {
 public:
  static Result<AccountRows> read(store::Connection& connection, const PersonAccount& account) {
    LINNET_TRY(auto rows, PersonRows::of(connection, account));
    LINNET_TRY(auto names, govern::reached_names(connection, account));
    return AccountRows(connection, account, std::move(rows), std::move(names));
  }

  // `seen` holds what was counted of another account: by the address, the same row is theirs on every server.
  Status count(PersonErasure& found, std::set<std::string>& seen) {
    LINNET_CHECK(count_actions("status NOT IN ('in_progress', 'unknown')", found.actions));
    LINNET_CHECK(count_actions("status = 'pending'", found.cancelled));
    LINNET_CHECK(count_actions("status IN ('in_progress', 'unknown')", found.under_way));
    LINNET_TRY(const auto messages,
               store::query_integer(connection_, fmt::format("SELECT count(*) FROM {}", kMessages),
                                    {account_.instance.value(), id()}));
    found.messages += messages.value_or(0);
    LINNET_TRY(const auto person, as_source());
    LINNET_TRY(const auto insights, reflect::count_insights_of(connection_, person, account_.acct));
    found.insights += insights.about_them + insights.made_of_them;
    for (const auto* const table : tables_about_people()) {
      LINNET_CHECK(rows_.for_each(*table, [&](std::string_view row) {
        if (seen.emplace(row).second) ++found.rows[table->table];
      }));
    }
    return {};
  }

  Status erase(const std::string& actor, Instant now) {
    LINNET_TRY(const auto cancelled, govern::cancel_pending(connection_, account_,
                                                            {"erased", "the person was erased", actor}, now));
    (void)cancelled;
    LINNET_CHECK(erase_actions());
    LINNET_CHECK(erase_messages());
    LINNET_CHECK(on_instance(
        R"(DELETE FROM post_engagements
           WHERE instance_id = $1 AND post_id IN (SELECT id FROM posts WHERE instance_id = $1
             AND account_id = $2))"));
    LINNET_TRY(const auto person, as_source());
    LINNET_CHECK(reflect::erase_insights_of(connection_, person, account_.acct, now));
    for (const auto* const table : tables_about_people()) LINNET_CHECK(rows_.erase(*table));
    return {};
  }

 private:
  AccountRows(store::Connection& connection, const PersonAccount& account, PersonRows rows, std::string names)
      : connection_(connection), account_(account), rows_(std::move(rows)), names_(std::move(names)) {}

  [[nodiscard]] std::string_view id() const { return account_.id; }
  Result<govern::PersonSource> as_source() const {
    LINNET_TRY(auto host, govern::host_of_instance(connection_, account_.instance));
    return govern::PersonSource{account_.instance, account_.platform, std::move(host), account_.id};
  }

  Status on_instance(std::string_view sql) {
    return store::run(connection_, sql, {account_.instance.value(), id()});
  }
  Status count_actions(std::string_view status, std::int64_t& into) {
    LINNET_TRY(const auto number,
               store::query_integer(connection_,
                                    fmt::format("SELECT count(*) FROM action_attempts WHERE {} AND {}",
                                                status, actions_on_person(connection_.engine())),
                                    {account_.instance.value(), id(), std::string_view(names_)}));
    into += number.value_or(0);
    return {};
  }

  Status erase_messages() {
    LINNET_CHECK(
        on_instance(fmt::format("DELETE FROM heeded_opt_outs WHERE substr(item, 1, 36) IN {}", kThreads)));
    // Of a group, the preview may be theirs.
    LINNET_CHECK(on_instance(fmt::format(
        R"(UPDATE dm_threads
           SET last_message_preview = NULL, seen_version = NULL
           WHERE id IN (SELECT thread_id FROM {}))",
        kMessages)));
    LINNET_CHECK(on_instance(fmt::format("DELETE FROM {}", kMessages)));
    return on_instance(fmt::format("DELETE FROM dm_threads WHERE id IN {}", kThreads));
  }

  Status erase_actions() {
    std::vector<std::string> settled;
    std::vector<std::string> under_way;
    LINNET_CHECK(store::for_each_row(
        connection_,
        fmt::format("SELECT id, status FROM action_attempts WHERE {}",
                    actions_on_person(connection_.engine())),
        {account_.instance.value(), id(), std::string_view(names_)}, [&](const Statement& row) {
          const bool is_open = row.text(1) == "in_progress" || row.text(1) == "unknown";
          (is_open ? under_way : settled).emplace_back(row.text(0));
        }));
    for (const auto& attempt : settled) LINNET_CHECK(blank_action(connection_, attempt));
    // What may be looked for on the platform still needs its words.
    for (const auto& attempt : under_way) LINNET_CHECK(observe::leave_action(connection_, attempt));
    return {};
  }

  store::Connection& connection_;
  const PersonAccount& account_;
  const PersonRows rows_;
  const std::string names_;  // by which actions know them
};

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
                            R"(SELECT DISTINCT instance_id, date FROM daily_summaries
                               WHERE instance_id = $1 AND (notable_json LIKE $2 OR summary_text LIKE $2
                                 OR notable_json LIKE $3 OR summary_text LIKE $3))",
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
  entry.event = govern::AuditEvent::action_complete;
  entry.actor = actor;
  entry.outcome = govern::AuditOutcome::success;
  entry.details = {{"what", "person_erased"},     {"posts", erased.observed.posts},
                   {"actions", erased.actions},   {"messages", erased.messages},
                   {"insights", erased.insights}, {"consents", erased.consents()},
                   {"blocks", erased.blocks()}};
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
    LINNET_TRY(auto rows, AccountRows::read(connection, account));
    LINNET_CHECK(rows.count(found, seen));
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
      LINNET_TRY(auto rows, AccountRows::read(connection, account));
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
  LINNET_CHECK(finish_erased_actions(database, writer, clock.now()));
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
