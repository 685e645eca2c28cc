#include "observe/salience/remake.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "observe/log_survey.hpp"
#include "observe/own_facts.hpp"
#include "observe/projector.hpp"
#include "observe/rewrite_log.hpp"
#include "observe/salience/salience_applier.hpp"
#include "observe/salience/seen_again.hpp"
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
           {"DELETE FROM salience_ledger", "DELETE FROM salience_causes", "DELETE FROM topic_balances",
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

const store::BulkInsert kInsertOpenings{"salience_ledger",
                                        {{"topic_id", store::ColumnType::integer},
                                         {"place", store::ColumnType::integer},
                                         {"amount", store::ColumnType::integer}}};
const store::BulkInsert kCountFolded{
    "topic_balances",
    {{"topic_id", store::ColumnType::integer},
     {"entries", store::ColumnType::integer},
     {"balance", store::ColumnType::integer},
     {"earned_place", store::ColumnType::integer},
     {"earned_at", store::ColumnType::integer}},
    "ON CONFLICT (topic_id) DO UPDATE SET entries = topic_balances.entries + "
    "excluded.entries"};

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
                                   "SELECT topic_id, count(*), CAST(sum(amount) AS BIGINT), max(place) FROM "
                                   "salience_ledger WHERE place < $1 "
                                   "GROUP BY topic_id",
                                   {end}, [&](const store::Statement& row) {
                                     const bool is_one_already =
                                         row.integer(1) == 1 && row.integer(3) == place;
                                     if (!is_one_already)
                                       folded.push_back({row.integer(0), row.integer(1), row.integer(2)});
                                   }));
  if (folded.empty()) return {};
  LINNET_TRY(const auto newest,
             store::query_integer(connection, "SELECT max(created_at) FROM salience_causes WHERE event < $1",
                                  {kept.value()}));
  store::RowBatch openings(3);
  store::RowBatch counts(5);
  for (const auto& one : folded) {
    openings.add_row(one.topic, place, one.sum);
    counts.add_row(one.topic, 1 - one.entries, std::int64_t{0}, std::int64_t{0}, std::int64_t{0});
  }
  // What was folded at another time and needs no more is kept, for it is where its topic begins.
  LINNET_CHECK(store::run(connection,
                          "DELETE FROM salience_ledger WHERE place < $1 AND NOT (place = $2 AND topic_id IN "
                          "(SELECT topic_id FROM salience_ledger WHERE place < $1 GROUP BY topic_id HAVING "
                          "count(*) = 1 AND max(place) = $2))",
                          {end, place}));
  LINNET_CHECK(store::run(connection, "DELETE FROM salience_causes WHERE event < $1", {kept.value()}));
  LINNET_CHECK(store::run(
      connection, "INSERT INTO salience_causes (event, created_at, reason, hash) VALUES ($1, $2, NULL, $3)",
      {kept.value() - 1, newest.value_or(0),
       hash_of_cause({"opening", to_iso8601(from_micros(newest.value_or(0)))})}));
  LINNET_CHECK(connection.insert_many(kInsertOpenings, openings));
  LINNET_CHECK(connection.insert_many(kCountFolded, counts));
  return observe::begin_generation(connection);
}

}  // namespace linnet::salience
