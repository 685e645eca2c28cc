#include <fmt/format.h>

#include "analyze/followers.hpp"
#include "api/json_views.hpp"
#include "api/ready_probe.hpp"
#include "api/typed_routes.hpp"
#include "base/instant_words.hpp"
#include "observe/event_log.hpp"
#include "observe/ingest.hpp"
#include "observe/log_list.hpp"
#include "observe/projector.hpp"
#include "store/record/json.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;

// What keeps events from coming in; nothing where all is well.
observe::IngestHealth ingest_health(const Call& call) {
  const auto* const ingest = call.api.dependencies.ingest;
  return ingest != nullptr ? ingest->health() : observe::IngestHealth();
}

json::object ingest_json(const observe::IngestHealth& health) {
  const bool is_well = health.state == observe::IngestHealth::State::running;
  return {{"state", observe::to_string(health.state)},
          {"reason", is_well ? json::value() : json::value(health.reason)},
          {"since", is_well ? json::value() : json::value(to_iso8601(health.since))}};
}

Answer status(const Call& call) {
  const auto& d = call.api.dependencies;
  LINNET_TRY(auto reader, d.database.reader());
  LINNET_TRY(const auto last, observe::last_logged(*reader));
  LINNET_TRY(const auto applied, observe::read_mark(*reader));
  LINNET_TRY(const auto failed, observe::count_failed(*reader));
  LINNET_TRY(const auto search, analyze::search_state(*reader));
  LINNET_TRY(const auto sentiment, analyze::sentiment_state(*reader));
  LINNET_TRY(const auto all, call.api.totals.read(*reader, d.clock.now()));
  LINNET_TRY(const auto minutes, observe::events_by_minute(*reader));
  return json::object{
      {"version", d.version},
      {"engine", d.database.engine() == store::Engine::sqlite ? "sqlite" : "postgres"},
      {"started_at", to_iso8601(call.api.started_at)},
      {"demo", d.is_demo},
      {"log", json::object{{"events", last.value()}, {"failed", failed}, {"last_event_id", last.value()}}},
      {"ingest", ingest_json(ingest_health(call))},
      {"projections", json::object{{"applied_event_id", applied.value()},
                                   {"lag", last.value() - applied.value()},
                                   {"events_per_second", call.api.events_per_second.load()}}},
      {"followers",
       json::object{{"search", json::object{{"mark", search.mark}, {"lag", search.lag}}},
                    {"sentiment", json::object{{"mark", sentiment.mark}, {"lag", sentiment.lag}}}}},
      {"totals", all},
      {"rate", record::to_json(minutes)}};
}

Answer connectors(const Call& call) {
  json::array items;
  if (call.api.dependencies.connectors) {
    for (const auto& health : call.api.dependencies.connectors()) items.push_back(to_json(health));
  }
  return json::object{{"items", items}, {"next", nullptr}};
}

Result<Page<analyze::WatchedInstance>> instances(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(auto all, analyze::watched_instances(*reader));
  return Page<analyze::WatchedInstance>{std::move(all)};
}

Answer health(const Call&) {
  return json::object{{"status", "ok"}};
}

Answer ready(const Call& call, ReadyProbe& probe) {
  if (const auto health = ingest_health(call); health.state != observe::IngestHealth::State::running) {
    return unavailable(fmt::format("no events are taken in now, ingest is {} since {}: {}",
                                   observe::to_string(health.state), in_words(health.since), health.reason));
  }
  LINNET_TRY(const auto found, probe.ask(call.api.dependencies.database));
  json::object answer{{"status", "ready"}, {"applied_event_id", found.applied.value()}};
  if (!found.tables_behind.empty()) answer["tables_behind"] = found.tables_behind;
  return answer;
}

// Prometheus text.
Answer metrics(const Call& call) {
  auto& api = call.api;
  std::string out;
  const auto add = [&](std::string_view name, std::string_view type, std::string_view help, double value) {
    fmt::format_to(std::back_inserter(out), "# HELP {0} {2}\n# TYPE {0} {1}\n{0} {3}\n", name, type, help,
                   value);
  };
  if (api.dependencies.ingest != nullptr) {
    const auto f = api.dependencies.ingest->figures();
    add("linnet_events_read_total", "counter", "Events taken in since the start.",
        static_cast<double>(f.read));
    add("linnet_events_applied_total", "counter", "Events that changed something.",
        static_cast<double>(f.applied));
    add("linnet_events_failed_total", "counter", "Events kept with an error.", static_cast<double>(f.failed));
    add("linnet_ingest_running", "gauge", "1 while events are taken in, 0 while something keeps them.",
        ingest_health(call).state == observe::IngestHealth::State::running ? 1 : 0);
    add("linnet_events_queued", "gauge", "Events waiting to be written.", static_cast<double>(f.queued));
    add("linnet_log_last_event", "gauge", "The last event on disk.", static_cast<double>(f.logged.value()));
    add("linnet_tables_last_event", "gauge", "The last event the tables hold.",
        static_cast<double>(f.applied_up_to.value()));
  }
  LINNET_TRY(const auto sizes, api.dependencies.database.sizes());
  out += "# HELP linnet_database_bytes Size on disk.\n# TYPE linnet_database_bytes gauge\n";
  constexpr std::string_view kNames[] = {"tables", "log", "search"};
  for (const auto& size : sizes) {
    fmt::format_to(std::back_inserter(out), "linnet_database_bytes{{part=\"{}\"}} {}\n",
                   kNames[static_cast<std::size_t>(size.part)], size.bytes);
  }
  add("linnet_http_requests_total", "counter", "Requests answered by the API.",
      static_cast<double>(api.requests.load()));
  add("linnet_http_problems_total", "counter", "Requests answered with an error.",
      static_cast<double>(api.problems.load()));
  add("linnet_live_listeners", "gauge", "Open live WebSockets.",
      static_cast<double>(api.listeners ? api.listeners() : 0));
  return json::value(out);
}

// The server gives this path to the WebSocket hub; it is in the table for those who read what there is.
Answer live(const Call&) {
  return invalid("a WebSocket is opened here");
}

}  // namespace

std::vector<Route> status_routes() {
  using net::Method;
  return {
      {govern::Permission::open, Method::get, "/healthz", "Whether the program runs", {}, health},
      {govern::Permission::open,
       Method::get,
       "/readyz",
       "Whether the database answers and events are taken in",
       {},
       [probe = std::make_shared<ReadyProbe>()](const Call& call) { return ready(call, *probe); }},
      {govern::Permission::read,
       Method::get,
       "/metrics",
       "Figures for Prometheus",
       {},
       metrics,
       200,
       Freshness::live,
       "text/plain; version=0.0.4"},
      {govern::Permission::read,
       Method::get,
       "/api/v1/live",
       "What happens, as it happens: a WebSocket",
       {},
       live,
       101,
       Freshness::live,
       ""},
      {govern::Permission::read,
       Method::get,
       "/api/v1/status",
       "The log, the tables, and what follows behind",
       {},
       status},
      {govern::Permission::read,
       Method::get,
       "/api/v1/connectors",
       "How the connectors fare",
       {},
       connectors},
      typed({govern::Permission::read,
             Method::get,
             "/api/v1/instances",
             "The servers that are watched",
             {},
             {}},
            instances),
  };
}

}  // namespace linnet::api
