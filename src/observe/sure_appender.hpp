// Appends to the event log whatever stands in the way: what may pass is waited out, what cannot be kept as it
// was read is kept with an error.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "observe/event_log.hpp"
#include "observe/ingest_state.hpp"
#include "store/database.hpp"

namespace linnet::observe {

// Not thread-safe.
class SureAppender {
 public:
  SureAppender(std::unique_ptr<store::Connection> log, IngestState& state)
      : state_(state), log_(std::move(log)), writer_(*log_) {}

  // As EventLogWriter::append. An error says that nothing more can be taken.
  Status append(std::span<model::Event> events, std::span<const std::string_view> lines,
                std::span<const LoggedCursor> cursors, Instant now, std::span<const store::Fence> under = {});
  // As EventLogWriter::mark_processed; it may fail.
  Status mark_processed(EventId applied, Instant now) { return writer_.mark_processed(applied, now); }

 private:
  Status append_as_it_is(std::span<model::Event> events, std::span<const std::string_view> lines,
                         std::span<const LoggedCursor> cursors, Instant now,
                         std::span<const store::Fence> under);
  Result<bool> is_appended_after_all();

  IngestState& state_;
  std::unique_ptr<store::Connection> log_;
  EventLogWriter writer_;
};

}  // namespace linnet::observe
