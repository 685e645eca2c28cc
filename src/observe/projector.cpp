#include "observe/projector.hpp"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "observe/every_projection.hpp"

namespace linnet::observe {
namespace {

using model::Event;

Status note_instances_seen(store::Connection& connection, std::span<const Event> events) {
  std::unordered_map<InstanceId, Instant> newest;
  for (const auto& event : events) {
    auto& seen = newest.try_emplace(event.instance, event.received_at).first->second;
    seen = std::max(seen, event.received_at);
  }
  for (const auto& [instance, seen] : newest) {
    LINNET_CHECK(store::run(connection,
                            "UPDATE instances SET last_seen_at = $2 WHERE id = $1 "
                            "AND coalesce(last_seen_at, $3) < $2",
                            {instance.value(), to_micros(seen), std::numeric_limits<std::int64_t>::min()}));
  }
  return {};
}

}  // namespace

Projector::Projector(const ProjectorOptions& options) : options_(options) {
  for (const auto* const projection : every_projection()) appliers_.push_back(projection->begin(options));
}

void Projector::forget() {
  for (const auto& applier : appliers_) applier->forget();
}

bool Projector::enter(const TablesState& tables) {
  const bool others_wrote = left_ && *left_ != tables;
  if (others_wrote) forget();
  return others_wrote;
}

bool Projector::are_made_anew(const TablesState& tables) const {
  return left_ && left_->generation != tables.generation;
}

Result<ProjectedBatch> Projector::apply(store::Connection& connection, std::span<const Event> events) {
  ProjectedBatch result;
  if (events.empty()) return result;
  result.changes.first = events.front().id;
  result.changes.last = events.back().id;
  result.changes.events = events.size();
  for (const auto& event : events) {
    if (!event.error.empty()) {
      ++figures_for(options_, event.id, result).failed;
    } else if (event.kind == model::EventKind::other) {
      ++figures_for(options_, event.id, result).ignored;
    }
  }
  for (const auto& applier : appliers_) LINNET_CHECK(applier->apply(connection, events, result));
  LINNET_CHECK(note_instances_seen(connection, events));
  return result;
}

void Projector::leave(const TablesState& tables) {
  left_ = tables;
}

Result<TablesState> lock_tables(store::Connection& connection) {
  TablesState tables;
  LINNET_TRY(const auto position,
             store::query_integer(connection,
                                  "UPDATE projection_marks SET position = position WHERE name = 'tables' "
                                  "RETURNING position"));
  LINNET_TRY(
      const auto generation,
      store::query_integer(connection, "SELECT position FROM projection_marks WHERE name = 'generation'"));
  tables.mark = EventId(position.value_or(0));
  tables.generation = generation.value_or(0);
  return tables;
}

Status begin_generation(store::Connection& connection) {
  return store::run(connection,
                    "INSERT INTO projection_marks (name, position) VALUES ('generation', 1) "
                    "ON CONFLICT (name) DO UPDATE SET position = projection_marks.position + 1");
}

Status set_mark(store::Connection& connection, EventId applied) {
  return store::run(connection, "UPDATE projection_marks SET position = $1 WHERE name = 'tables'",
                    {applied.value()});
}

Result<EventId> read_mark(store::Connection& connection) {
  LINNET_TRY(const auto position,
             store::query_integer(connection, "SELECT position FROM projection_marks WHERE name = 'tables'"));
  return EventId(position.value_or(0));
}

}  // namespace linnet::observe
