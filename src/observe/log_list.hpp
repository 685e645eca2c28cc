// The event log as a list for people: what came in, and what became of it.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/instant.hpp"
#include "store/connection.hpp"
#include "store/record/entity.hpp"

namespace linnet::observe {

struct LoggedItem {
  EventId id{};
  std::optional<std::string> instance;  // its address
  Instant received_at{};
  std::string event_type;
  std::optional<std::string> status_id;
  std::optional<Instant> processed_at;  // absent also for one that failed
  std::optional<std::string> error;
  std::optional<std::string> left_out;  // what was odd in it
  // About a post that only followers see, or that is not known (yet): the tables hold neither it nor its
  // deletion. Which post it is, and what was odd, is for those who may read the audit trail.
  bool is_for_few = false;
};

struct LogQuery {
  std::int64_t before = std::numeric_limits<std::int64_t>::max();  // older than this id
  bool only_failed = false;
  bool without_few = false;  // none that is for few
  std::string kind;          // empty: all
  std::string status_id;
  std::int64_t limit = 20;
};
// Newest first.
Result<std::vector<LoggedItem>> list_log(store::Connection& connection, const LogQuery& query);
Result<std::optional<LoggedItem>> find_logged(store::Connection& connection, EventId id);

Result<std::int64_t> count_failed(store::Connection& connection);

struct LoggedMinute {
  Instant minute{};
  std::int64_t events = 0;
};
// Of the last hour in which any came, oldest first.
Result<std::vector<LoggedMinute>> events_by_minute(store::Connection& connection);

}  // namespace linnet::observe

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::observe::LoggedItem>();
template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::observe::LoggedMinute>();
