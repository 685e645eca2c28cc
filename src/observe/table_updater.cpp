#include "observe/table_updater.hpp"

#include <algorithm>
#include <chrono>

#include "base/log.hpp"
#include "observe/applied_notice.hpp"
#include "observe/event_log.hpp"
#include "observe/log_survey.hpp"
#include "observe/own_facts.hpp"
#include "observe/refused_event.hpp"

namespace linnet::observe {
namespace {

// What others who wait for the tables must bear.
constexpr auto kLongestHold = std::chrono::milliseconds(400);

bool may_be_an_event(const Error& error) {
  return error.kind != ErrorKind::unavailable && error.kind != ErrorKind::corrupt &&
         error.kind != ErrorKind::cancelled;
}

// What cannot be read must not hold up what can: it stays in the log as it is, for `db check` to tell.
Status pass_over(const LogDamage& damage) {
  log::error("event log: {} passed over", in_words({&damage, 1}));
  return {};
}

Status refuse_older_log(store::Connection& log, EventId mark) {
  LINNET_TRY(const auto last, last_logged(log));
  return refuse_log_behind(last, mark);
}

}  // namespace

Result<store::Connection*> OwnLog::get() {
  if (connection_ == nullptr) {
    LINNET_TRY(connection_, database_.connect(store::Part::log));
  } else if (!connection_->is_alive()) {
    LINNET_CHECK(connection_->reconnect());
  }
  return connection_.get();
}

// Events as they were read outside of the lock.
struct TableUpdater::Stretch {
  Arena arena;
  std::vector<model::Event> events;
  std::vector<EventId> retried;  // of those, what the tables refused at another time
  EventId last{};                // what was looked for; the log may hold less
};

Result<std::vector<ProjectedBatch>> TableUpdater::apply(
    std::span<const std::span<const model::Event>> batches) {
  std::vector<ProjectedBatch> projected;
  std::optional<TablesState> found;
  const auto status = writer_.write_rebuildable([&](store::Connection& connection) -> Status {
    projected.clear();
    LINNET_TRY(found, lock_tables(connection));
    const bool made_anew = projector_.are_made_anew(*found);
    const bool others_wrote = projector_.enter(*found);
    // Where the tables were made anew, the log may have been changed since these events were read
    // (rewrite_log.hpp): it counts, not they.
    const bool is_known = tables_ && tables_->generation == found->generation;
    if (!is_known || found->mark.value() + 1 != batches.front().front().id.value()) return {};
    const auto begin = std::chrono::steady_clock::now();
    for (const auto& batch : batches) {
      LINNET_TRY(auto done, projector_.apply(connection, batch));
      done.changes.others_wrote = others_wrote && projected.empty();
      done.changes.made_anew = made_anew && projected.empty();
      LINNET_CHECK(tell(connection, done.changes));
      projected.push_back(std::move(done));
      found->mark = batch.back().id;
      if (std::chrono::steady_clock::now() - begin > kLongestHold) break;
    }
    return set_mark(connection, found->mark);
  });
  if (!status) {
    projector_.forget();
    if (may_be_an_event(status.error())) return std::vector<ProjectedBatch>();
    return status.error();
  }
  tables_ = found;
  if (!projected.empty()) projector_.leave(*tables_);
  return projected;
}

Result<TableUpdater::Step> TableUpdater::advance(EventId last) {
  while (true) {
    auto done = try_stretch(last);
    if (done && *done) {
      stretch_ = std::min(stretch_ * 2, kLongestStretch);
      passed_over_ = {};
      return std::move(**done);
    }
    if (done) continue;  // the tables were not where they were thought to be
    if (!may_be_an_event(done.error()) || tried_ == 0) return done.error();
    LINNET_CHECK(narrow(done.error()));
  }
}

// Nothing, where the tables have moved since they were last seen.
Result<std::optional<TableUpdater::Step>> TableUpdater::try_stretch(EventId last) {
  Stretch stretch;
  tried_ = 0;
  LINNET_TRY(auto* const log, log_.get());
  if (tables_ && tables_->mark < last) {
    const EventId end(std::min(tables_->mark.value() + stretch_, last.value()));
    LINNET_CHECK(read_stretch(*log, EventId(tables_->mark.value() + 1), end, stretch));
  }
  Step step;
  std::optional<TablesState> found;
  bool has_moved = false;
  const auto status = writer_.write_rebuildable([&](store::Connection& connection) -> Status {
    LINNET_TRY(found, lock_tables(connection));
    step.projected = {};
    step.projected.changes.made_anew = projector_.are_made_anew(*found);
    step.projected.changes.others_wrote = projector_.enter(*found);
    has_moved = !tables_ || *found != *tables_;
    step.up_to = found->mark;
    if (has_moved || found->mark >= last) return {};
    tried_ = stretch.last.value() - found->mark.value();
    return apply_stretch(connection, stretch, step);
  });
  if (!status) {
    projector_.forget();
    return status.error();
  }
  tables_ = found;
  if (has_moved && found->mark < last) return std::optional<Step>();
  if (has_moved) LINNET_CHECK(refuse_older_log(*log, found->mark));
  tables_->mark = step.up_to;
  projector_.leave(*tables_);
  // What was read and not applied, for others had done so, is theirs to judge.
  if (has_moved) return std::optional<Step>(std::move(step));
  if (const auto noted = note_taken(*log, stretch.retried); !noted)
    log::warn("event log: {}", noted.error().message);
  return std::optional<Step>(std::move(step));
}

Status TableUpdater::tell(store::Connection& connection, const AppliedBatch& batch) const {
  return is_live_ ? tell_others(connection, batch) : Status();
}

Status TableUpdater::apply_stretch(store::Connection& connection, const Stretch& stretch, Step& step) {
  const bool others_wrote = step.projected.changes.others_wrote;
  const bool made_anew = step.projected.changes.made_anew;
  LINNET_TRY(step.projected, projector_.apply(connection, stretch.events));
  step.projected.changes.others_wrote = others_wrote;
  step.projected.changes.made_anew = made_anew;
  LINNET_CHECK(tell(connection, step.projected.changes));
  step.up_to = stretch.last;
  return set_mark(connection, step.up_to);
}

Status TableUpdater::read_stretch(store::Connection& log, EventId first, EventId last, Stretch& stretch) {
  LineReader reader;
  stretch.last = last;
  const auto take = [&](const LoggedEvent& logged) -> Status {
    // An event that could not be understood stays so until it is retried, whatever this version makes of it.
    const bool is_retried = is_refusal(logged.error) && logged.id != passed_over_;
    const bool is_read = logged.error.empty() || is_retried;
    auto& event = is_read ? stretch.events.emplace_back(
                                reader.read(logged.instance, logged.line, logged.received_at, stretch.arena))
                          : stretch.events.emplace_back();
    if (is_retried) stretch.retried.push_back(logged.id);
    if (!is_read) event.error = stretch.arena.copy(logged.error);
    event.id = logged.id;
    event.instance = logged.instance;
    event.received_at = logged.received_at;
    return {};
  };
  return read_around_damage(log, first, last, take, pass_over);
}

// Half of the stretch next time; a single event that the tables refuse is noted as failed, unless they refuse
// everything.
Status TableUpdater::narrow(const Error& error) {
  if (tried_ > 1) {
    stretch_ = std::max<std::int64_t>(tried_ / 2, 1);
    return {};
  }
  const EventId event(tables_->mark.value() + 1);
  if (event == passed_over_) return error;
  LINNET_CHECK(tables_take_events(writer_));
  LINNET_TRY(auto* const log, log_.get());
  log::error("event {} is kept with its error and passed over: {}", event.value(), error.message);
  LINNET_CHECK(note_refused(*log, event, error));
  passed_over_ = event;
  return {};
}

}  // namespace linnet::observe
