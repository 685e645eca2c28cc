#include "observe/refused_event.hpp"

#include <fmt/format.h>

#include <vector>

#include "connect/event_reader.hpp"
#include "observe/projector.hpp"

namespace linnet::observe {
namespace {

// It says something about everything there is a table for.
constexpr std::string_view kProbe =
    R"({"received_at":"2020-01-01T00:00:00Z","event":"update","payload":{"id":"linnet-probe",)"
    R"("created_at":"2020-01-01T00:00:00Z","content":"<p>probe</p>","replies_count":1,"reblogs_count":1,)"
    R"("favourites_count":1,"account":{"id":"linnet-probe","username":"linnet-probe","acct":"linnet-probe"},)"
    R"("tags":[{"name":"linnetprobe"}],"mentions":[{"id":"1","username":"probe","acct":"probe"}],)"
    R"("media_attachments":[{"id":"1","type":"image","url":"https://probe.example/1.png"}]}})";

constexpr std::string_view kRefusal = "the tables do not take it: ";

}  // namespace

Status tables_take_events(store::Writer& writer) {
  Arena arena;
  connect::EventReader reader;
  std::vector<model::Event> events{reader.read(kProbe, Instant{}, arena)};
  auto outcome = writer.write_rebuildable([&](store::Connection& connection) -> Status {
    // Without the lock another process's rows would clash with these, and the event be blamed for it.
    LINNET_TRY(const auto tables, lock_tables(connection));
    (void)tables;
    Projector projector({});
    LINNET_TRY(const auto applied, projector.apply(connection, events));
    (void)applied;
    return Error::of(ErrorKind::cancelled, "only tried");
  });
  if (outcome || outcome.error().kind == ErrorKind::cancelled) return {};
  return outcome;
}

Status note_refused(store::Connection& log, EventId event, const Error& error) {
  const auto reason = fmt::format("{}{}", kRefusal, error.safe);
  LINNET_TRY(auto transaction, store::Transaction::begin(log));
  LINNET_CHECK(store::run(log, "UPDATE event_rows SET process_error = $2 WHERE id = $1",
                          {event.value(), std::string_view(reason)}));
  return transaction.commit();
}

bool is_refusal(std::string_view process_error) {
  return process_error.starts_with(kRefusal);
}

Status note_taken(store::Connection& log, const std::vector<EventId>& events) {
  if (events.empty()) return {};
  LINNET_TRY(auto transaction, store::Transaction::begin(log));
  for (const auto event : events)
    LINNET_CHECK(
        store::run(log, "UPDATE event_rows SET process_error = NULL WHERE id = $1", {event.value()}));
  return transaction.commit();
}

}  // namespace linnet::observe
