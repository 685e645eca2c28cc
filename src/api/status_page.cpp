#include "api/status_page.hpp"

#include "observe/event_log.hpp"
#include "observe/ingest.hpp"
#include "observe/projector.hpp"
#include "store/record/members.hpp"

namespace linnet::api {

observe::IngestHealth ingest_health(const Api& api) {
  const auto* const ingest = api.dependencies.ingest;
  return ingest != nullptr ? ingest->health() : observe::IngestHealth();
}

namespace {

IngestFigures ingest_figures(const observe::IngestHealth& health) {
  IngestFigures figures{std::string(observe::to_string(health.state)), {}, {}};
  if (health.state == observe::IngestHealth::State::running) return figures;
  figures.reason = health.reason;
  figures.since = health.since;
  return figures;
}

}  // namespace

Result<StatusPage> status_page(Api& api) {
  const auto& d = api.dependencies;
  LINNET_TRY(auto reader, d.database.reader());
  StatusPage page;
  page.version = d.version;
  page.engine = d.database.engine() == store::Engine::sqlite ? "sqlite" : "postgres";
  page.started_at = api.started_at;
  page.demo = d.is_demo;
  LINNET_TRY(const auto last, observe::last_logged(*reader));
  LINNET_TRY(const auto failed, observe::count_failed(*reader));
  page.log = {last.value(), failed, last.value()};
  page.ingest = ingest_figures(ingest_health(api));
  LINNET_TRY(const auto applied, observe::read_mark(*reader));
  page.projections = {applied.value(), last.value() - applied.value(), api.events_per_second.load()};
  LINNET_TRY(page.followers.search, analyze::search_state(*reader));
  LINNET_TRY(page.followers.sentiment, analyze::sentiment_state(*reader));
  LINNET_TRY(page.totals, api.totals.read(*reader, d.clock.now()));
  LINNET_TRY(page.rate, observe::events_by_minute(*reader));
  return page;
}

}  // namespace linnet::api

namespace linnet::record {

using namespace linnet::api;
using analyze::FollowerState;

template <>
const Entity& entity_of<FollowerState>() {
  static const auto described = entity<FollowerState>(
      {.name = "FollowerState"}, {field<&FollowerState::mark>("mark"), field<&FollowerState::lag>("lag")});
  return described;
}
template <>
const Entity& entity_of<LogFigures>() {
  static const auto described = entity<LogFigures>(
      {.name = "LogFigures"}, {field<&LogFigures::events>("events"), field<&LogFigures::failed>("failed"),
                               field<&LogFigures::last_event_id>("last_event_id")});
  return described;
}
template <>
const Entity& entity_of<IngestFigures>() {
  static const auto described = entity<IngestFigures>(
      {.name = "IngestFigures"},
      {field<&IngestFigures::state>("state").one_of({"running", "waiting", "stopped"}),
       field<&IngestFigures::reason>("reason").or_null_in_json(), field<&IngestFigures::since>("since")});
  return described;
}
template <>
const Entity& entity_of<TableFigures>() {
  using Figures = TableFigures;
  static const auto described =
      entity<Figures>({.name = "TableFigures"},
                      {field<&Figures::applied_event_id>("applied_event_id"), field<&Figures::lag>("lag"),
                       field<&Figures::events_per_second>("events_per_second")});
  return described;
}
template <>
const Entity& entity_of<FollowerFigures>() {
  static const auto described = entity<FollowerFigures>(
      {.name = "FollowerFigures"},
      {field<&FollowerFigures::search>("search"), field<&FollowerFigures::sentiment>("sentiment")});
  return described;
}
template <>
const Entity& entity_of<TotalFigures>() {
  using Figures = TotalFigures;
  static const auto described =
      entity<Figures>({.name = "TotalFigures"},
                      {field<&Figures::posts>("posts"), field<&Figures::accounts>("accounts"),
                       field<&Figures::hashtags>("hashtags"), field<&Figures::snapshots>("snapshots"),
                       field<&Figures::instances>("instances")});
  return described;
}
template <>
const Entity& entity_of<StatusPage>() {
  using Page = StatusPage;
  static const auto described = entity<Page>(
      {.name = "Status"},
      {field<&Page::version>("version").like("1.0.0"),
       field<&Page::engine>("engine").one_of({"sqlite", "postgres"}), field<&Page::started_at>("started_at"),
       field<&Page::demo>("demo"), field<&Page::log>("log"), field<&Page::ingest>("ingest"),
       field<&Page::projections>("projections"), field<&Page::followers>("followers"),
       field<&Page::totals>("totals").shaped_as<TotalFigures>(),
       field<&Page::rate>("rate").means("Of the last hour in which any came")});
  return described;
}

}  // namespace linnet::record
