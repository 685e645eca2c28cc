// A job as programs see it: the same object from the API, its live messages and the command line.
#pragma once

#include <boost/json/object.hpp>

#include "jobs/job.hpp"
#include "store/record/entity.hpp"

namespace linnet::jobs {

// Without its input, which may name somebody. The state of a job that was asked for and is next in turn is
// given as `running`: whoever asked waits for it either way.
struct JobView {
  std::string id, kind, key;
  std::string title;  // for people
  std::string state;
  std::int64_t done = 0, total = 0;
  std::string message;  // for people
  std::string result;   // JSON; empty: none
  std::string schedule, zone, missed;
  Instant due_at{};
  std::int64_t tries = 0;
  bool is_stopping = false;
  std::string asked_by;
  Instant created_at{};
  std::optional<Instant> started_at, last_run_at, ended_at;
};
JobView view_of(const Job& job, Instant now);
boost::json::object to_json(const Job& job, Instant now);

// What there is to be done by jobs.
struct KindView {
  std::string kind, title, schedule, right;
  bool may_be_asked_for = false;
};

// For people: what a job of this kind does.
std::string_view title_of(std::string_view kind);

}  // namespace linnet::jobs

namespace linnet::record {

template <>
const Entity& entity_of<jobs::JobView>();
template <>
const Entity& entity_of<jobs::KindView>();

}  // namespace linnet::record
