#include "observe/catch_up.hpp"

#include <algorithm>
#include <vector>

#include "connect/mastodon/event_reader.hpp"
#include "observe/event_log.hpp"

namespace linnet::observe {
namespace {

constexpr std::int64_t kBatch = 5'000;

// Applies the logged events `first` … `last` inside the caller's transaction.
Status apply_stretch(store::Connection& log, store::Connection& connection, Projector& projector,
                     EventId first, EventId last, ProjectedBatch& projected) {
  Arena arena;
  connect::mastodon::EventReader reader;
  std::vector<model::Event> events;
  LINNET_CHECK(read_events(log, first, last, [&](const LoggedEvent& logged) -> Status {
    // An event that failed stays failed until it is retried, whatever this version makes of it.
    auto& event = logged.error.empty()
                      ? events.emplace_back(reader.read(logged.line, logged.received_at, arena))
                      : events.emplace_back();
    if (!logged.error.empty()) event.error = arena.copy(logged.error);
    event.id = logged.id;
    event.instance = logged.instance;
    event.received_at = logged.received_at;
    return {};
  }));
  LINNET_TRY(projected, projector.apply(connection, events));
  return {};
}

}  // namespace

Result<EventId> catch_up(store::Database& database, store::Writer& writer, Projector& projector,
                         const Progress& progress) {
  EventId applied;
  EventId total;
  {
    LINNET_TRY(auto reader, database.reader());
    LINNET_TRY(applied, read_mark(*reader));
    LINNET_TRY(total, last_logged(*reader));
  }
  while (applied < total) {
    LINNET_TRY(auto log, database.reader());
    const auto status = writer.write_rebuildable([&](store::Connection& connection) -> Status {
      LINNET_TRY(const auto mark, lock_mark(connection));
      LINNET_TRY(const auto generation, read_generation(connection));
      projector.enter(generation);
      if (mark != applied) projector.forget();
      const EventId last(std::min(mark.value() + kBatch, total.value()));
      ProjectedBatch projected;
      if (mark < last)
        LINNET_CHECK(apply_stretch(*log, connection, projector, EventId(mark.value() + 1), last, projected));
      applied = std::max(mark, last);
      return set_mark(connection, applied);
    });
    if (!status) {
      projector.forget();
      return status.error();
    }
    if (progress) LINNET_CHECK(progress(applied, total));
  }
  return applied;
}

Status apply_logged(store::Database& database, store::Connection& connection, Projector& projector,
                    std::span<const model::Event> events, ProjectedBatch& projected) {
  LINNET_TRY(const auto mark, lock_mark(connection));
  LINNET_TRY(const auto generation, read_generation(connection));
  const bool is_anew = projector.enter(generation);
  const auto first = events.front().id.value();
  const auto last = events.back().id;
  const bool others_wrote = is_anew || mark.value() != first - 1;
  projected.changes.others_wrote = others_wrote;
  if (mark >= last) return {};
  if (others_wrote) projector.forget();
  if (mark.value() < first - 1) {
    ProjectedBatch others;
    LINNET_TRY(auto log, database.reader());
    for (auto begin = mark.value() + 1; begin < first; begin += kBatch) {
      LINNET_CHECK(apply_stretch(*log, connection, projector, EventId(begin),
                                 EventId(std::min(begin + kBatch - 1, first - 1)), others));
    }
  }
  if (is_anew) {
    // The log may have been changed since these events were read (rewrite_log.hpp): it counts, not they.
    LINNET_TRY(auto log, database.reader());
    for (auto begin = std::max(mark.value() + 1, first); begin <= last.value(); begin += kBatch) {
      LINNET_CHECK(apply_stretch(*log, connection, projector, EventId(begin),
                                 EventId(std::min(begin + kBatch - 1, last.value())), projected));
    }
    projected.changes.others_wrote = true;
    return set_mark(connection, last);
  }
  const auto held = std::max<std::int64_t>(mark.value() - first + 1, 0);
  LINNET_TRY(projected, projector.apply(connection, events.subspan(static_cast<std::size_t>(held))));
  projected.changes.others_wrote = others_wrote;
  return set_mark(connection, last);
}

}  // namespace linnet::observe
