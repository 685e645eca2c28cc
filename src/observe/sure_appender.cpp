#include "observe/sure_appender.hpp"

#include "base/log.hpp"

namespace linnet::observe {
namespace {

// Whether one of the events may be at fault, rather than the log.
bool may_be_the_event(const Error& error) {
  return error.kind != ErrorKind::unavailable && error.kind != ErrorKind::corrupt &&
         error.kind != ErrorKind::cancelled;
}

// What came in stays as it came; only what was read of it goes.
void blank(model::Event& event) {
  event.kind = model::EventKind::other;
  event.type = "unreadable";
  event.status_id = {};
  event.posts.clear();
  event.account.reset();
  event.error = "it could not be kept as it was read; what came in is kept whole";
}

}  // namespace

Status SureAppender::append(std::span<model::Event> events, std::span<const std::string_view> lines,
                            std::span<const LoggedCursor> cursors, Instant now,
                            std::span<const store::Fence> under) {
  auto status = append_as_it_is(events, lines, cursors, now, under);
  if (status || !may_be_the_event(status.error()) || events.empty()) return status;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto cursors_here = i + 1 == events.size() ? cursors : std::span<const LoggedCursor>();
    const auto one = events.subspan(i, 1);
    auto kept = append_as_it_is(one, lines.subspan(i, 1), cursors_here, now, under);
    if (!kept && may_be_the_event(kept.error())) {
      log::error("an event is kept with an error: {}", kept.error().message);
      blank(one.front());
      kept = append_as_it_is(one, lines.subspan(i, 1), cursors_here, now, under);
    }
    if (!kept) return kept;
  }
  return {};
}

// A database server may be started anew: what was not committed when it went is written when it is back, and
// what was is not written again.
Status SureAppender::append_as_it_is(std::span<model::Event> events, std::span<const std::string_view> lines,
                                     std::span<const LoggedCursor> cursors, Instant now,
                                     std::span<const store::Fence> under) {
  bool is_unknown = false;
  while (true) {
    Status status;
    if (is_unknown) {
      const auto is_there = is_appended_after_all();
      if (is_there && !is_there.value()) {
        is_unknown = false;
        continue;
      }
      if (!is_there) status = is_there.error();
    } else {
      status = writer_.append(events, lines, cursors, now, under);
    }
    if (status) {
      state_.goes_on(IngestStep::log);
      return status;
    }
    if (status.error().kind != ErrorKind::unavailable) return status;
    is_unknown = is_unknown || !log_->is_alive();
    if (!state_.wait_out(IngestStep::log, status.error())) return status;
  }
}

Result<bool> SureAppender::is_appended_after_all() {
  if (!log_->is_alive()) LINNET_CHECK(log_->reconnect());
  return writer_.has_appended();
}

}  // namespace linnet::observe
