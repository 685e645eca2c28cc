#include "observe/prune_log.hpp"

#include "observe/projector.hpp"
#include "observe/rewrite_log.hpp"
#include "observe/salience/remake.hpp"

namespace linnet::observe {
namespace {

Result<std::int64_t> count_before(store::Connection& log, EventId first_kept) {
  LINNET_TRY(const auto count, store::query_integer(log, "SELECT count(*) FROM event_rows WHERE id < $1",
                                                    {first_kept.value()}));
  return count.value_or(0);
}

}  // namespace

Result<std::int64_t> prune_log(store::Database& database, store::Writer& writer, Instant before,
                               bool dry_run) {
  LINNET_TRY(auto log, database.connect(store::Part::log));
  EventId kept;
  {
    LINNET_TRY(auto reader, database.reader());
    LINNET_TRY(const auto applied, read_mark(*reader));
    LINNET_TRY(kept, first_kept(*log, before, applied));
  }
  if (dry_run) return count_before(*log, kept);
  std::int64_t gone = 0;
  for (std::optional<std::int64_t> now = 0; now;) {
    LINNET_CHECK(writer.write([&](store::Connection& connection) -> Status {
      now.reset();
      LINNET_TRY(const auto tables, lock_tables(connection));
      // Emptied meanwhile: they need what is left of the log.
      if (tables.mark.value() + 1 < kept.value()) return {};
      LINNET_TRY(now, prune_some(*log, kept));
      return {};
    }));
    gone += now.value_or(0);
    let_others_in();
  }
  LINNET_CHECK(writer.write([&](store::Connection& connection) -> Status {
    LINNET_TRY(const auto tables, lock_tables(connection));
    LINNET_TRY(const auto first, first_logged(*log));
    // Of an empty log everything is gone that the tables hold.
    const EventId begins(first.value() == 0 ? tables.mark.value() + 1 : first.value());
    return begins.value() > 1 ? salience::fold_pruned(connection, begins) : Status();
  }));
  return gone;
}

}  // namespace linnet::observe
