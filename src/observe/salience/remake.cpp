#include "observe/salience/remake.hpp"

#include <algorithm>
#include <deque>
#include <map>

#include "base/log.hpp"
#include "observe/log_survey.hpp"
#include "observe/own_facts.hpp"
#include "observe/projector.hpp"
#include "observe/rewrite_log.hpp"
#include "observe/salience/salience_applier.hpp"
#include "observe/salience/seen_again.hpp"
#include "observe/salience/topic_store.hpp"
#include "store/bulk.hpp"

namespace linnet::salience {
namespace {

using observe::LoggedEvent;

constexpr std::int64_t kEventsAtOnce = 5'000;
constexpr std::string_view kTurn = "salience_turn";  // whose turn it is to make it anew

// Events of one step with their text.
struct Stretch {
  Arena arena;
  std::vector<model::Event> events;
};

// As the tables read them (table_updater.cpp).
Status read_step(store::Connection& log, EventId first, EventId last, Stretch& stretch) {
  observe::LineReader reader;
  return observe::read_around_damage(
      log, first, last,
      [&](const LoggedEvent& logged) -> Status {
        auto event = logged.error.empty()
                         ? reader.read(logged.instance, logged.line, logged.received_at, stretch.arena)
                         : model::Event();
        if (!logged.error.empty()) event.error = stretch.arena.copy(logged.error);
        event.id = logged.id;
        event.instance = logged.instance;
        event.received_at = logged.received_at;
        stretch.events.push_back(std::move(event));
        return {};
      },
      [](const observe::LogDamage&) -> Status { return {}; });
}

Result<std::int64_t> turn_of(store::Connection& connection) {
  LINNET_TRY(
      const auto turn,
      store::query_integer(connection, "SELECT position FROM projection_marks WHERE name = $1", {kTurn}));
  return turn.value_or(0);
}

class Remaking {
 public:
  Remaking(store::Database& database, store::Writer& writer) : database_(database), writer_(writer) {}

  Status run() {
    LINNET_TRY(log_, database_.connect(store::Part::log));
    LINNET_CHECK(begin());
    while (true) {
      LINNET_TRY(const bool is_done, step());
      if (is_done) return {};
      observe::let_others_in();
    }
  }

 private:
  Status begin() {
    LINNET_TRY(const auto first, observe::first_logged(*log_));
    next_ = EventId(std::max<std::int64_t>(first.value(), 1));
    return writer_.write([&](store::Connection& connection) -> Status {
      LINNET_TRY(const auto tables, observe::lock_tables(connection));
      (void)tables;
      for (const auto* const sql :
           {"DELETE FROM salience_pages", "DELETE FROM salience_causes", "DELETE FROM topic_balances",
            "DELETE FROM topics", "DELETE FROM salience_holders", "DELETE FROM salience_settings",
            "DELETE FROM projection_marks WHERE name = 'salience'",
            "INSERT INTO projection_marks (name, position) VALUES ('salience_turn', 1) ON CONFLICT (name) DO "
            "UPDATE SET position = projection_marks.position + 1"})
        LINNET_CHECK(connection.execute(sql));
      LINNET_TRY(turn_, turn_of(connection));
      return observe::begin_generation(connection);
    });
  }

  // What the tables do not hold yet comes with them.
  Result<bool> step() {
    Stretch stretch;
    std::vector<Happening> happenings;
    EventId last;
    {
      LINNET_TRY(auto reader, database_.reader());
      LINNET_TRY(const auto mark, observe::read_mark(*reader));
      last = std::min(EventId(next_.value() + kEventsAtOnce - 1), mark);
      if (next_ <= last) LINNET_CHECK(read_step(*log_, next_, last, stretch));
      for (const auto& event : stretch.events) LINNET_CHECK(seen_.find(*reader, event, happenings));
    }
    bool is_done = false;
    LINNET_CHECK(writer_.write([&](store::Connection& connection) -> Status {
      LINNET_TRY(const auto tables, observe::lock_tables(connection));
      LINNET_TRY(const auto turn, turn_of(connection));
      if (turn != turn_)
        return Error::of(ErrorKind::conflict, "the ledger is being made anew by another process");
      ledger_.forget();
      LINNET_CHECK(ledger_.apply(connection, stretch.events, happenings));
      is_done = last >= tables.mark;
      if (!is_done) return {};
      LINNET_CHECK(set_ledger_mark(connection, tables.mark));
      return observe::begin_generation(connection);
    }));
    next_ = EventId(last.value() + 1);
    return is_done;
  }

  store::Database& database_;
  store::Writer& writer_;
  std::unique_ptr<store::Connection> log_;
  SeenAgain seen_;
  LedgerWriter ledger_;
  EventId next_{};
  std::int64_t turn_ = 0;
};

struct Folded {
  std::int64_t topic = 0;
  std::int64_t entries = 0;
  std::int64_t sum = 0;
};

constexpr std::int64_t kOpeningPage = -1;

const std::vector<store::Column> kPageKey{{"topic_id", store::ColumnType::integer},
                                          {"page", store::ColumnType::integer}};
const store::BulkDelete kDeletePages{"salience_pages", kPageKey};
const store::BulkInsert kInsertPages{"salience_pages",
                                     {{"topic_id", store::ColumnType::integer},
                                      {"page", store::ColumnType::integer},
                                      {"packed", store::ColumnType::text}}};
const store::BulkInsert kCountFolded{
    "topic_balances",
    {{"topic_id", store::ColumnType::integer},
     {"entries", store::ColumnType::integer},
     {"balance", store::ColumnType::integer},
     {"written", store::ColumnType::integer},
     {"earned_place", store::ColumnType::integer},
     {"earned_at", store::ColumnType::integer}},
    "ON CONFLICT (topic_id) DO UPDATE SET entries = topic_balances.entries + excluded.entries"};

// Takes entries before `end` out of their pages; what else stands there stays.
Status cut_pages(store::Connection& connection, std::int64_t end) {
  std::map<std::pair<std::int64_t, std::int64_t>, std::string> pages;
  LINNET_CHECK(store::for_each_row(connection,
                                   R"(SELECT l.topic_id, l.page, l.place, l.amount FROM salience_ledger l
         JOIN (SELECT DISTINCT topic_id, page FROM salience_ledger WHERE place < $1) cut
           ON cut.topic_id = l.topic_id AND cut.page = l.page
         ORDER BY l.topic_id, l.page, l.place)",
                                   {end}, [&](const store::Statement& row) {
                                     auto& left = pages[{row.integer(0), row.integer(1)}];
                                     if (row.integer(2) >= end)
                                       append_packed(left, row.integer(2), row.integer(3));
                                   }));
  store::RowBatch gone(2);
  store::RowBatch kept(3);
  for (const auto& [key, left] : pages) {
    gone.add_row(key.first, key.second);
    if (!left.empty()) kept.add_row(key.first, key.second, std::string_view(left));
  }
  if (!gone.empty()) LINNET_CHECK(connection.delete_many(kDeletePages, gone));
  return kept.empty() ? Status() : connection.insert_many(kInsertPages, kept);
}

}  // namespace

Status remake_ledger(store::Database& database, store::Writer& writer) {
  return Remaking(database, writer).run();
}

Status finish_ledger(store::Database& database, store::Writer& writer) {
  {
    LINNET_TRY(auto reader, database.reader());
    LINNET_TRY(const auto ledger, ledger_mark(*reader));
    LINNET_TRY(const auto tables, observe::read_mark(*reader));
    if (ledger || tables.value() == 0) return {};
  }
  log::info("salience: the ledger is made from the log");
  return remake_ledger(database, writer);
}

Status remake_ledger_if_whole(store::Database& database, store::Writer& writer) {
  {
    LINNET_TRY(auto reader, database.reader());
    LINNET_TRY(const auto survey, observe::survey_log(*reader));
    LINNET_TRY(const auto tables, observe::read_mark(*reader));
    if (!survey.is_whole() || tables.value() == 0) return {};
  }
  return remake_ledger(database, writer);
}

Status fold_pruned(store::Connection& connection, EventId kept) {
  const auto place = place_of(kept.value() - 1, EntryKind::opening);
  const auto end = place_of(kept.value(), EntryKind::earn);
  std::vector<Folded> folded;
  LINNET_CHECK(store::for_each_row(connection,
                                   "SELECT topic_id, count(*), CAST(sum(amount) AS BIGINT) FROM "
                                   "salience_ledger WHERE place < $1 GROUP BY topic_id ORDER BY topic_id",
                                   {end}, [&](const store::Statement& row) {
                                     folded.push_back({row.integer(0), row.integer(1), row.integer(2)});
                                   }));
  if (folded.empty()) return {};
  LINNET_TRY(const auto newest,
             store::query_integer(connection, "SELECT max(created_at) FROM salience_causes WHERE event < $1",
                                  {kept.value()}));
  LINNET_CHECK(cut_pages(connection, end));
  std::deque<std::string> texts;
  store::RowBatch openings(3);
  store::RowBatch counts(6);
  for (const auto& one : folded) {
    append_packed(texts.emplace_back(), place, one.sum);
    openings.add_row(one.topic, kOpeningPage, std::string_view(texts.back()));
    counts.add_row(one.topic, 1 - one.entries, std::int64_t{0}, std::int64_t{0}, std::int64_t{0},
                   std::int64_t{0});
  }
  LINNET_CHECK(store::run(connection, "DELETE FROM salience_causes WHERE event < $1", {kept.value()}));
  LINNET_CHECK(store::run(
      connection, "INSERT INTO salience_causes (event, created_at, reason, hash) VALUES ($1, $2, NULL, $3)",
      {kept.value() - 1, newest.value_or(0),
       hash_of_cause({"opening", to_iso8601(from_micros(newest.value_or(0)))})}));
  LINNET_CHECK(connection.insert_many(kInsertPages, openings));
  LINNET_CHECK(connection.insert_many(kCountFolded, counts));
  return observe::begin_generation(connection);
}

}  // namespace linnet::salience
