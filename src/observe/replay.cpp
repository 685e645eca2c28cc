#include "observe/replay.hpp"

#include <fmt/format.h>

#include "observe/event_log.hpp"
#include "observe/every_projection.hpp"
#include "observe/log_survey.hpp"
#include "observe/lost_tables.hpp"

namespace linnet::observe {
namespace {

// The search index and the sentiment analysis begin again too: posts get new row numbers. Where the program
// ends before the index is emptied, whoever follows with it sees that the tables were.
Status empty_projections(store::Connection& connection) {
  for (const auto* const projection : every_projection()) {
    for (const auto& table : projection->tables())
      LINNET_CHECK(connection.execute(fmt::format("DELETE FROM {}", table.table)));
  }
  LINNET_CHECK(
      connection.execute("DELETE FROM projection_marks WHERE name NOT IN ('tables', 'generation', 'emptied', "
                         "'rebuilt')"));
  LINNET_CHECK(
      connection.execute("INSERT INTO projection_marks (name, position) VALUES ('emptied', 1) "
                         "ON CONFLICT (name) DO UPDATE SET position = projection_marks.position + 1"));
  return connection.execute("UPDATE instances SET last_seen_at = NULL");
}

// After the tables: what was read from them before is written no more (analyze/followers.cpp). The row of the
// mark stays, for it is the lock of the index.
Status empty_search(store::Database& database) {
  std::optional<std::int64_t> emptied;
  {
    LINNET_TRY(auto reader, database.reader());
    LINNET_TRY(emptied,
               store::query_integer(*reader, "SELECT position FROM projection_marks WHERE name = 'emptied'"));
  }
  LINNET_TRY(auto search, database.connect(store::Part::search));
  LINNET_TRY(auto transaction, store::Transaction::begin(*search));
  LINNET_CHECK(store::run(*search,
                          "UPDATE search_marks SET row_position = 0, change_position = 0, emptied = $1 WHERE "
                          "name IN ('search', 'messages')",
                          {emptied.value_or(0)}));
  LINNET_CHECK(search->execute("DELETE FROM post_search"));
  return transaction.commit();
}

// Nothing is emptied unless all of it can be filled again.
Result<ReplayOutcome> plan_of(store::Database& database, EventId& first) {
  LINNET_TRY(auto reader, database.reader());
  LINNET_TRY(auto survey, survey_log(*reader));
  LINNET_CHECK(refuse_log_behind(survey.last, survey.applied));
  ReplayOutcome outcome;
  outcome.from_empty = survey.is_whole();
  outcome.unread = std::move(survey.damage);
  // A log whose every event has been pruned begins after its last one.
  first = survey.first.value() == 0 ? EventId(survey.last.value() + 1) : survey.first;
  return outcome;
}

// Under the lock of the tables, without which nothing is pruned.
Status refuse_if_pruned(store::Connection& log, EventId planned_first) {
  LINNET_TRY(const auto first, first_logged(log));
  LINNET_TRY(const auto last, last_logged(log));
  const EventId begin = first.value() == 0 ? EventId(last.value() + 1) : first;
  // An empty log only grows meanwhile.
  if (begin <= planned_first || planned_first > last) return {};
  return Error::of(ErrorKind::conflict,
                   "the event log was pruned while the replay began; nothing was changed, begin it again");
}

}  // namespace

Result<ReplayOutcome> replay(store::Database& database, store::Writer& writer,
                             const ProjectorOptions& options, const Progress& progress) {
  EventId first;
  LINNET_TRY(auto outcome, plan_of(database, first));
  LINNET_TRY(auto log, database.connect(store::Part::log));
  LINNET_CHECK(writer.write([&](store::Connection& connection) -> Status {
    LINNET_TRY(const auto tables, lock_tables(connection));
    LINNET_CHECK(refuse_if_pruned(*log, first));
    if (outcome.from_empty) LINNET_CHECK(empty_projections(connection));
    LINNET_CHECK(begin_generation(connection));
    LINNET_CHECK(note_replay_begins(connection, tables.mark));
    return set_mark(connection, EventId(std::max<std::int64_t>(first.value() - 1, 0)));
  }));
  if (outcome.from_empty) LINNET_CHECK(empty_search(database));
  LINNET_TRY(const auto last, catch_up(database, writer, options, progress));
  outcome.events = last.value() - std::max<std::int64_t>(first.value() - 1, 0);
  LINNET_TRY(auto reader, database.reader());
  LINNET_TRY(outcome.digest, digest_projections(*reader));
  return outcome;
}

}  // namespace linnet::observe
