#include <fmt/format.h>

#include "analyze/followers.hpp"
#include "api/json_views.hpp"
#include "api/routes.hpp"
#include "observe/event_log.hpp"
#include "observe/projector.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;

Result<json::array> rate(store::Connection& connection, EventId last) {
  json::array minutes;
  LINNET_CHECK(store::for_each_row(
      connection,
      "SELECT received_at - received_at % 60000000 AS minute, count(*) FROM event_rows WHERE id > $1 "
      "GROUP BY received_at - received_at % 60000000 ORDER BY 1 DESC LIMIT 60",
      {last.value() - 50'000}, [&](const store::Statement& row) {
        minutes.insert(minutes.begin(),
                       json::object{{"minute", to_iso8601(row.instant(0))}, {"events", row.integer(1)}});
      }));
  return minutes;
}

Answer status(const Call& call) {
  const auto& d = call.api.dependencies;
  LINNET_TRY(auto reader, d.database.reader());
  LINNET_TRY(const auto last, observe::last_logged(*reader));
  LINNET_TRY(const auto applied, observe::read_mark(*reader));
  LINNET_TRY(
      const auto failed,
      store::query_integer(*reader, "SELECT count(*) FROM event_rows WHERE process_error IS NOT NULL"));
  LINNET_TRY(const auto search, analyze::search_state(*reader));
  LINNET_TRY(const auto sentiment, analyze::sentiment_state(*reader));
  LINNET_TRY(const auto all, call.api.totals.read(*reader, d.clock.now()));
  LINNET_TRY(const auto minutes, rate(*reader, last));
  return json::object{
      {"version", d.version},
      {"engine", d.database.engine() == store::Engine::sqlite ? "sqlite" : "postgres"},
      {"started_at", to_iso8601(call.api.started_at)},
      {"demo", d.is_demo},
      {"log",
       json::object{
           {"events", last.value()}, {"failed", failed.value_or(0)}, {"last_event_id", last.value()}}},
      {"projections", json::object{{"applied_event_id", applied.value()},
                                   {"lag", last.value() - applied.value()},
                                   {"events_per_second", call.api.events_per_second.load()}}},
      {"followers",
       json::object{{"search", json::object{{"mark", search.mark}, {"lag", search.lag}}},
                    {"sentiment", json::object{{"mark", sentiment.mark}, {"lag", sentiment.lag}}}}},
      {"totals", all},
      {"rate", minutes}};
}

Answer connectors(const Call& call) {
  json::array items;
  if (call.api.dependencies.connectors) {
    for (const auto& health : call.api.dependencies.connectors()) items.push_back(to_json(health));
  }
  return json::object{{"items", items}, {"next", nullptr}};
}

Answer instances(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  json::array items;
  LINNET_CHECK(store::for_each_row(
      *reader,
      "SELECT i.id, i.base_url, i.platform, i.stream_type, i.created_at, i.last_seen_at, "
      "(SELECT count(*) FROM posts p WHERE p.instance_id = i.id) FROM instances i ORDER BY i.id",
      {}, [&](const store::Statement& row) {
        items.push_back(json::object{{"id", row.integer(0)},
                                     {"base_url", row.text(1)},
                                     {"platform", row.text(2)},
                                     {"stream_type", maybe(row.maybe_text(3))},
                                     {"created_at", to_iso8601(row.instant(4))},
                                     {"last_seen_at", maybe(row.maybe_instant(5))},
                                     {"posts", row.integer(6)}});
      }));
  return json::object{{"items", items}, {"next", nullptr}};
}

Answer health(const Call&) {
  return json::object{{"status", "ok"}};
}

Answer ready(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto mark, observe::read_mark(*reader));
  return json::object{{"status", "ready"}, {"applied_event_id", mark.value()}};
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
      {govern::Permission::open, Method::get, "/readyz", "Whether the database answers", {}, ready},
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
      {govern::Permission::read,
       Method::get,
       "/api/v1/instances",
       "The servers that are watched",
       {},
       instances},
  };
}

}  // namespace linnet::api
