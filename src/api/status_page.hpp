// What the program says of itself: the log, the tables, and what follows behind.
#pragma once

#include "analyze/followers.hpp"
#include "api/routes.hpp"
#include "observe/log_list.hpp"
#include "store/record/entity.hpp"

namespace linnet::api {

struct LogFigures {
  std::int64_t events = 0, failed = 0, last_event_id = 0;
};
// What keeps events from coming in; nothing where all is well.
struct IngestFigures {
  std::string state;
  std::string reason;
  std::optional<Instant> since;
};
struct TableFigures {
  std::int64_t applied_event_id = 0, lag = 0;
  double events_per_second = 0;
};
struct FollowerFigures {
  analyze::FollowerState search, sentiment;
};
// In the shape of analyze::Totals.
struct TotalFigures {
  std::int64_t posts = 0, accounts = 0, hashtags = 0, snapshots = 0, instances = 0;
};
struct StatusPage {
  std::string version, engine;
  Instant started_at{};
  bool demo = false;
  LogFigures log;
  IngestFigures ingest;
  TableFigures projections;
  FollowerFigures followers;
  boost::json::object totals;
  std::vector<observe::LoggedMinute> rate;
};
observe::IngestHealth ingest_health(const Api& api);
Result<StatusPage> status_page(Api& api);

}  // namespace linnet::api

namespace linnet::record {

template <>
const Entity& entity_of<analyze::FollowerState>();
template <>
const Entity& entity_of<api::LogFigures>();
template <>
const Entity& entity_of<api::IngestFigures>();
template <>
const Entity& entity_of<api::TableFigures>();
template <>
const Entity& entity_of<api::FollowerFigures>();
template <>
const Entity& entity_of<api::TotalFigures>();
template <>
const Entity& entity_of<api::StatusPage>();

}  // namespace linnet::record
