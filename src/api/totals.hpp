#pragma once

#include <boost/json.hpp>
#include <mutex>

#include "base/instant.hpp"
#include "store/connection.hpp"

namespace linnet::api {

// How much there is of everything. Counting reads whole tables, so it is done again only after fifty times as
// long as it took; meanwhile posts are counted on by their row numbers. Thread-safe.
class Totals {
 public:
  Result<boost::json::object> read(store::Connection& connection, Instant now);

 private:
  Status count(store::Connection& connection);

  std::mutex mutex_;
  boost::json::object counted_;
  std::int64_t row_ = 0;  // the greatest row number when it was counted
  Instant next_{};
};

}  // namespace linnet::api
