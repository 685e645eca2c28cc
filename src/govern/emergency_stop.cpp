#include "govern/emergency_stop.hpp"

#include <boost/json.hpp>
#include <vector>

#include "govern/audit.hpp"
#include "store/raised_flags.hpp"

namespace linnet::govern {
namespace {

namespace json = boost::json;

constexpr std::string_view kFlag = "stop";

struct RaisedStop {
  std::string run_id;
  std::string actor;
  std::string reason;
  Instant at{};
};

std::string to_text(const RaisedStop& stop) {
  return json::serialize(json::object{
      {"run_id", stop.run_id}, {"actor", stop.actor}, {"reason", stop.reason}, {"at", to_micros(stop.at)}});
}

// What cannot be read stops as well.
RaisedStop read_line(std::string_view text, Instant now) {
  RaisedStop stop{"", "linnet", "a stop that cannot be read", now};
  boost::system::error_code code;
  const auto value = json::parse(text, code);
  const auto* const object = code ? nullptr : value.if_object();
  if (object == nullptr) return stop;
  const auto take = [&](std::string_view name, std::string& into) {
    const auto* const field = object->if_contains(name);
    if (field != nullptr && field->is_string()) into = std::string_view(field->as_string());
  };
  take("run_id", stop.run_id);
  take("actor", stop.actor);
  take("reason", stop.reason);
  const auto* const at = object->if_contains("at");
  if (at != nullptr && at->is_int64()) stop.at = from_micros(at->as_int64());
  return stop;
}

// In the order in which they were raised; at least one.
std::vector<RaisedStop> read_text(std::string_view text, Instant now) {
  std::vector<RaisedStop> stops;
  while (true) {
    const auto end = text.find('\n');
    stops.push_back(read_line(text.substr(0, end), now));
    if (end == std::string_view::npos) return stops;
    text.remove_prefix(end + 1);
  }
}

Result<RaisedStop> new_stop(const std::string& actor, const std::string& reason, Instant now) {
  RaisedStop stop{"", actor, reason, now};
  LINNET_TRY(stop.run_id, make_run_id(now));
  return stop;
}

Status write_audit(store::Connection& connection, AuditEvent event, const std::string& run_id,
                   const std::string& actor, json::object details, Instant now) {
  AuditEntry entry;
  entry.run_id = run_id;
  entry.event = event;
  entry.actor = actor;
  entry.outcome = AuditOutcome::success;
  entry.details = std::move(details);
  return append_audit(connection, std::move(entry), now);
}

// Once, though several processes may see it.
Status note(store::Connection& connection, const RaisedStop& stop, Instant now) {
  if (!stop.run_id.empty()) {
    LINNET_TRY(const auto noted,
               store::query_integer(connection, "SELECT number FROM audit_entries WHERE run_id = $1",
                                    {std::string_view(stop.run_id)}));
    if (noted) return {};
  }
  LINNET_CHECK(store::run(connection, "UPDATE govern_marks SET value = $1 WHERE name = 'stop' AND value = 0",
                          {to_micros(stop.at)}));
  json::object details{{"what", "emergency_stop"}, {"stopped_at", to_iso8601(stop.at)}};
  if (!stop.reason.empty()) details["reason"] = stop.reason;
  return write_audit(connection, AuditEvent::emergency_stop, stop.run_id, stop.actor, std::move(details),
                     now);
}

Result<std::optional<Instant>> noted_since(store::Connection& connection) {
  LINNET_TRY(const auto since,
             store::query_integer(connection, "SELECT value FROM govern_marks WHERE name = 'stop'"));
  if (since.value_or(0) == 0) return std::optional<Instant>();
  return std::optional(from_micros(*since));
}

}  // namespace

Result<std::optional<Instant>> stopped_since(store::Connection& connection) {
  // In this order: it is noted before it is put down.
  LINNET_TRY(const auto raised, store::raised_flag(connection, kFlag));
  LINNET_TRY(const auto noted, noted_since(connection));
  if (noted) return noted;
  if (!raised) return std::optional<Instant>();
  return std::optional(read_text(*raised, Instant{}).front().at);
}

Status raise_stop(store::Database& database, const std::string& actor, const std::string& reason,
                  Instant now) {
  LINNET_TRY(const auto stop, new_stop(actor, reason, now));
  return store::raise_flag(database, kFlag, to_text(stop));
}

Status raise_stop_at(const std::string& location, const std::string& actor, const std::string& reason,
                     Instant now) {
  LINNET_TRY(const auto stop, new_stop(actor, reason, now));
  return store::raise_flag_at(location, kFlag, to_text(stop));
}

Status stop_everything(store::Connection& connection, const std::string& actor, const std::string& reason,
                       Instant now) {
  return note(connection, {"", actor, reason, now}, now);
}

Status note_stop(store::Database& database, store::Writer& writer, Instant now, Duration patience) {
  std::optional<std::string> raised;
  {
    const store::ReadsWithoutWaiting behind_nobody_who_reads;
    LINNET_TRY(auto reader, database.reader());
    LINNET_TRY(raised, store::raised_flag(*reader, kFlag));
  }
  if (!raised) return {};
  auto noted = writer.submit([text = *raised, now](store::Connection& connection) -> Status {
    for (const auto& stop : read_text(text, now)) LINNET_CHECK(note(connection, stop, now));
    return {};
  });
  if (noted.wait_for(patience) != std::future_status::ready) return {};
  LINNET_CHECK(noted.get());
  return store::lower_flag(database, kFlag, *raised);
}

Status resume_everything(store::Connection& connection, const std::string& actor, Instant now) {
  LINNET_CHECK(
      store::run(connection, "UPDATE govern_marks SET value = 0 WHERE name = 'stop' AND value <> 0"));
  if (connection.changes() == 0) return {};
  return write_audit(connection, AuditEvent::emergency_resume, "", actor, {{"what", "emergency_stop_lifted"}},
                     now);
}

}  // namespace linnet::govern
