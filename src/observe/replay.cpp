#include "observe/replay.hpp"

#include <fmt/format.h>

#include "observe/event_log.hpp"

namespace linnet::observe {
namespace {

constexpr std::string_view kProjections[] = {"posts",
                                             "platform_users",
                                             "post_past_versions",
                                             "post_metric_snapshots",
                                             "post_unchanged_counts",
                                             "post_tombstones",
                                             "hashtags",
                                             "post_hashtags",
                                             "hashtag_hourly_stats",
                                             "post_mentions",
                                             "media_attachments",
                                             "content_changes",
                                             "post_sentiments"};

// The search index and the sentiment analysis begin again too: posts get new row numbers.
Status empty_projections(store::Connection& connection) {
  for (const auto table : kProjections) {
    LINNET_CHECK(connection.execute(fmt::format("DELETE FROM {}", table)));
  }
  LINNET_CHECK(connection.execute("DELETE FROM projection_marks WHERE name NOT IN ('tables', 'generation')"));
  return connection.execute("UPDATE instances SET last_seen_at = NULL");
}

Status empty_search(store::Database& database) {
  LINNET_TRY(auto search, database.connect(store::Part::search));
  LINNET_TRY(auto transaction, store::Transaction::begin(*search));
  LINNET_CHECK(search->execute("DELETE FROM post_search"));
  LINNET_CHECK(search->execute("DELETE FROM search_marks"));
  return transaction.commit();
}

}  // namespace

Result<ReplayOutcome> replay(store::Database& database, store::Writer& writer,
                             const ProjectorOptions& options, const Progress& progress) {
  ReplayOutcome outcome;
  EventId first;
  {
    LINNET_TRY(auto reader, database.reader());
    LINNET_TRY(first, first_logged(*reader));
    LINNET_TRY(const auto last, last_logged(*reader));
    // A log whose every event has been pruned begins after its last one.
    if (first.value() == 0) first = EventId(last.value() + 1);
  }
  outcome.from_empty = first.value() == 1;
  if (outcome.from_empty) LINNET_CHECK(empty_search(database));
  LINNET_CHECK(writer.write([&](store::Connection& connection) -> Status {
    LINNET_TRY(const auto mark, lock_mark(connection));
    (void)mark;
    if (outcome.from_empty) LINNET_CHECK(empty_projections(connection));
    LINNET_CHECK(begin_generation(connection));
    return set_mark(connection, EventId(std::max<std::int64_t>(first.value() - 1, 0)));
  }));
  Projector projector(options);
  LINNET_TRY(const auto last, catch_up(database, writer, projector, progress));
  outcome.events = last.value() - std::max<std::int64_t>(first.value() - 1, 0);
  LINNET_TRY(auto reader, database.reader());
  LINNET_TRY(outcome.digest, digest_projections(*reader));
  return outcome;
}

}  // namespace linnet::observe
