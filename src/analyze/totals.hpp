#pragma once

#include <boost/json.hpp>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/instant.hpp"
#include "store/connection.hpp"
#include "store/record/entity.hpp"

namespace linnet::analyze {

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

// A server that is watched, and how much of it is there.
struct WatchedInstance {
  InstanceId id{};
  std::string base_url;
  std::string platform;
  std::optional<std::string> stream_type;
  Instant created_at{};
  std::optional<Instant> last_seen_at;
  std::int64_t posts = 0;
};
Result<std::vector<WatchedInstance>> watched_instances(store::Connection& connection);

}  // namespace linnet::analyze

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::analyze::WatchedInstance>();
