// What an erasure has still to do once its rows are gone: kept with them, so that it is done even if the
// program ends in between.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "store/writer.hpp"

namespace linnet::observe {

struct Leftovers {
  std::vector<std::int64_t> search_rows;  // of posts that are gone; the index may still hold them
  std::vector<Instant> hours;             // whose figures by domain are to be added up again
  std::vector<std::pair<InstanceId, std::string>> days;  // whose summaries are to be made again
  [[nodiscard]] bool empty() const { return search_rows.empty() && hours.empty() && days.empty(); }
};

// Within the transaction that takes the rows away.
Status leave_search_rows(store::Connection& connection, const std::vector<std::int64_t>& rows);
Status leave_hours(store::Connection& connection, const std::vector<Instant>& hours);
Status leave_day(store::Connection& connection, InstanceId instance, const std::string& date);

// An action that was under way when the person was erased: what it tells of them goes once it is settled.
Status leave_action(store::Connection& connection, const std::string& attempt);
Result<std::vector<std::string>> read_left_actions(store::Connection& connection);
Status forget_action(store::Connection& connection, const std::string& attempt);

Result<Leftovers> read_leftovers(store::Connection& connection);
Status forget_hour(store::Connection& connection, Instant hour);
Status forget_day(store::Connection& connection, InstanceId instance, const std::string& date);

// Takes posts that are gone out of the search index, their words as well. May run in several processes at
// once.
Status finish_search(store::Database& database, store::Writer& writer);

}  // namespace linnet::observe
