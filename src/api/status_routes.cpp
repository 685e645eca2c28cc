#include <fmt/format.h>

#include "api/ready_probe.hpp"
#include "api/status_page.hpp"
#include "api/typed_routes.hpp"
#include "base/instant_words.hpp"
#include "observe/ingest.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;

Result<StatusPage> status(const Call& call) {
  return status_page(call.api);
}

Result<Page<connect::ConnectorHealth>> connectors(const Call& call) {
  const auto& all = call.api.dependencies.connectors;
  return Page<connect::ConnectorHealth>{all ? all() : std::vector<connect::ConnectorHealth>()};
}

Result<Page<analyze::WatchedInstance>> instances(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(auto all, analyze::watched_instances(*reader));
  return Page<analyze::WatchedInstance>{std::move(all)};
}

struct Alive {
  std::string status = "ok";
};
Result<Alive> health(const Call&) {
  return Alive();
}

struct Ready;
json::value ready_json(const Ready& ready);
struct Ready {
  std::string status = "ready";
  std::int64_t applied_event_id = 0;
  std::optional<std::string> tables_behind;
};
Answer ready(const Call& call, ReadyProbe& probe) {
  if (const auto state = ingest_health(call.api); state.state != observe::IngestHealth::State::running) {
    return unavailable(fmt::format("no events are taken in now, ingest is {} since {}: {}",
                                   observe::to_string(state.state), in_words(state.since), state.reason));
  }
  LINNET_TRY(const auto found, probe.ask(call.api.dependencies.database));
  Ready answer;
  answer.applied_event_id = found.applied.value();
  if (!found.tables_behind.empty()) answer.tables_behind = found.tables_behind;
  return ready_json(answer);
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
        ingest_health(api).state == observe::IngestHealth::State::running ? 1 : 0);
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

}  // namespace linnet::api

namespace linnet::record {

using namespace linnet::api;

template <>
const Entity& entity_of<Alive>() {
  static const auto described =
      entity<Alive>({.name = "Alive"}, {field<&Alive::status>("status").one_of({"ok"})});
  return described;
}
template <>
const Entity& entity_of<Ready>() {
  static const auto described =
      entity<Ready>({.name = "Ready"}, {field<&Ready::status>("status").one_of({"ready"}),
                                        field<&Ready::applied_event_id>("applied_event_id"),
                                        field<&Ready::tables_behind>("tables_behind")
                                            .left_out_when_null()
                                            .means("What the tables have lost")});
  return described;
}

}  // namespace linnet::record

namespace linnet::api {

namespace {

json::value ready_json(const Ready& ready) {
  return record::to_json(ready);
}

}  // namespace

std::vector<Route> status_routes() {
  using net::Method;
  return {
      typed({govern::Permission::open, Method::get, "/healthz", "Whether the program runs", {}, {}}, health),
      answers<Ready>(
          {govern::Permission::open,
           Method::get,
           "/readyz",
           "Whether the database answers and events are taken in",
           {},
           [probe = std::make_shared<ReadyProbe>()](const Call& call) { return ready(call, *probe); }}),
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
      typed({govern::Permission::read,
             Method::get,
             "/api/v1/status",
             "The log, the tables, and what follows behind",
             {},
             {}},
            status),
      typed({govern::Permission::read, Method::get, "/api/v1/connectors", "How the connectors fare", {}, {}},
            connectors),
      as_command("watch servers", typed({govern::Permission::read,
                                         Method::get,
                                         "/api/v1/instances",
                                         "The servers that are watched",
                                         {},
                                         {}},
                                        instances)),
  };
}

}  // namespace linnet::api
