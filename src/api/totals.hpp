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

  struct Counted {
    boost::json::object totals;
    std::int64_t row = 0;  // the greatest row number then
  };

 private:
  [[nodiscard]] boost::json::object counted_on(std::int64_t row) const;

  std::mutex mutex_;
  Counted counted_;
  bool is_counting_ = false;
  Instant next_{};
};

}  // namespace linnet::api
