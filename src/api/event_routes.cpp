#include <fmt/format.h>

#include <charconv>

#include "api/json_views.hpp"
#include "api/parameters.hpp"
#include "api/routes.hpp"
#include "net/url.hpp"
#include "observe/event_log.hpp"
#include "observe/ingest.hpp"
#include "observe/replay.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;

constexpr std::string_view kColumns =
    "SELECT e.id, i.base_url, e.received_at, e.event_type, e.payload_status_id, e.process_error, "
    "(SELECT m.processed_at FROM event_marks m WHERE m.last_event_id >= e.id ORDER BY m.last_event_id LIMIT "
    "1) "
    "FROM event_rows e LEFT JOIN instances i ON i.id = e.instance_id ";

json::object event_json(const store::Statement& row) {
  const bool failed = !row.is_null(5);
  return {{"id", row.integer(0)},
          {"instance", maybe(row.maybe_text(1))},
          {"received_at", to_iso8601(row.instant(2))},
          {"event_type", row.text(3)},
          {"status_id", maybe(row.maybe_text(4))},
          {"processed_at", failed ? json::value() : maybe(row.maybe_instant(6))},
          {"error", maybe(row.maybe_text(5))}};
}

Answer list(const Call& call) {
  const Parameters given(call.request);
  LINNET_TRY(const bool failed, given.flag("failed"));
  LINNET_TRY(const auto limit, given.integer("limit", 20, 1, 100));
  LINNET_TRY(const auto before, given.integer("cursor", std::numeric_limits<std::int64_t>::max(), 1,
                                              std::numeric_limits<std::int64_t>::max()));
  const auto kind = given.text("kind");
  const auto status_id = given.text("status_id");
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  json::array items;
  json::value next;
  const auto sql = fmt::format(
      "{} WHERE e.id < $1{} AND ($2 = '' OR e.event_type = $2) AND ($3 = '' OR e.payload_status_id = $3) "
      "ORDER BY e.id DESC LIMIT $4",
      kColumns, failed ? " AND e.process_error IS NOT NULL" : "");
  LINNET_CHECK(store::for_each_row(*reader, sql,
                                   {before, std::string_view(kind), std::string_view(status_id), limit + 1},
                                   [&](const store::Statement& row) {
                                     if (static_cast<std::int64_t>(items.size()) == limit) {
                                       next = std::to_string(items.back().at("id").as_int64());
                                     } else {
                                       items.push_back(event_json(row));
                                     }
                                   }));
  return json::object{{"items", items}, {"next", next}};
}

Answer show(const Call& call) {
  std::int64_t id = 0;
  std::from_chars(call.path[0].data(), call.path[0].data() + call.path[0].size(), id);
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  json::object event;
  LINNET_CHECK(store::for_each_row(*reader, fmt::format("{} WHERE e.id = $1", kColumns), {id},
                                   [&](const store::Statement& row) { event = event_json(row); }));
  if (event.empty()) return not_found(fmt::format("id: the log has no event {}", call.path[0].substr(0, 40)));
  LINNET_CHECK(observe::read_events(
      *reader, EventId(id), EventId(id), [&](const observe::LoggedEvent& logged) -> Status {
        boost::system::error_code error;
        auto line = json::parse({logged.line.data(), logged.line.size()}, error);
        if (error) {
          event["payload_raw"] = std::string(logged.line.substr(0, 1U << 20U));
          return {};
        }
        auto* const payload = line.is_object() ? line.get_object().if_contains("payload") : nullptr;
        if (payload != nullptr && payload->is_string() && payload->get_string().starts_with("{")) {
          auto inner = json::parse(payload->get_string(), error);
          event["payload"] = error ? *payload : inner;
        } else {
          event["payload"] = payload != nullptr ? *payload : line;
        }
        return {};
      }));
  return event;
}

Result<json::object> run_replay(Api& api, const Jobs::Progress& progress) {
  json::object result;
  const auto work = [&]() -> Status {
    LINNET_TRY(const auto outcome, observe::replay(api.dependencies.database, api.dependencies.writer,
                                                   {api.dependencies.redact_on_delete},
                                                   [&](EventId done, EventId total) -> Status {
                                                     progress(done.value(), total.value());
                                                     return {};
                                                   }));
    result = {{"events", outcome.events}, {"digest", outcome.digest.sha256}};
    return {};
  };
  LINNET_CHECK(api.dependencies.ingest != nullptr ? api.dependencies.ingest->while_paused(work) : work());
  if (auto* const activity = api.dependencies.tag_activity; activity != nullptr) activity->forget();
  return result;
}

Answer replay(const Call& call) {
  LINNET_TRY(const auto id, call.api.jobs->start("replay", [&api = call.api](const Jobs::Progress& progress) {
    return run_replay(api, progress);
  }));
  return json::object{{"job", id}};
}

Answer retry(const Call& call) {
  LINNET_TRY(const auto id,
             call.api.jobs->start("retry",
                                  [&api = call.api](const Jobs::Progress& progress) -> Result<json::object> {
                                    LINNET_TRY(auto log, api.dependencies.database.connect(store::Part::log));
                                    LINNET_TRY(const auto understood, observe::reread_failed(*log));
                                    json::object result;
                                    if (understood > 0) {
                                      LINNET_TRY(result, run_replay(api, progress));
                                    }
                                    result["understood"] = understood;
                                    return result;
                                  }));
  return json::object{{"job", id}};
}

// Lines as in a stream dump; they are on disk when this answers.
Answer take(const Call& call) {
  auto& given = call.api.dependencies;
  if (given.ingest == nullptr) return unavailable("this program takes no events");
  const Parameters parameters(call.request);
  LINNET_TRY(const auto base_url, net::normalise_instance_url(parameters.text("instance")));
  std::vector<std::string_view> lines;
  std::string_view rest = call.request.body();
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const auto line = rest.substr(0, end);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) lines.push_back(line);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  if (lines.empty()) return invalid("body: expected one JSON event, or one status, a line");
  LINNET_TRY(const auto instance,
             observe::find_or_add_instance(given.writer, base_url, "mastodon", given.clock.now()));
  std::vector<observe::RawEvent> events;
  events.reserve(lines.size());
  for (const auto line : lines) events.push_back({instance, std::string(line)});
  LINNET_CHECK(given.ingest->submit_durably(std::move(events), std::nullopt));
  return json::object{{"taken", lines.size()}};
}

Answer job(const Call& call) {
  auto found = call.api.jobs->find(call.path[0]);
  if (!found) return not_found("id: there is no such job, or the program was started anew since");
  return std::move(*found);
}

}  // namespace

std::vector<Route> event_routes() {
  using net::Method;
  return {
      {govern::Permission::read,
       Method::get,
       "/api/v1/events",
       "The event log, newest first",
       {"failed", "kind", "status_id", "limit", "cursor"},
       list},
      {govern::Permission::analyze,
       Method::post,
       "/api/v1/events",
       "Take events, one a line as in a stream dump; they are on disk when this answers",
       {"instance"},
       take,
       201},
      {govern::Permission::read, Method::get, "/api/v1/events/{id}", "One event with what came in", {}, show},
      {govern::Permission::analyze,
       Method::post,
       "/api/v1/events/retry",
       "Read failed events again",
       {},
       retry,
       202},
      {govern::Permission::analyze,
       Method::post,
       "/api/v1/events/replay",
       "Rebuild every table from the log",
       {},
       replay,
       202},
      {govern::Permission::read, Method::get, "/api/v1/jobs/{id}", "How far a job has come", {}, job},
  };
}

}  // namespace linnet::api
