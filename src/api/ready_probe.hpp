#pragma once

#include <chrono>
#include <future>
#include <mutex>
#include <string>

#include "base/ids.hpp"
#include "base/instant.hpp"
#include "store/database.hpp"

namespace linnet::api {

struct Readiness {
  EventId applied{};          // how far the tables have come
  std::string tables_behind;  // in words; empty: they are not older than the log (observe/lost_tables.hpp)
};

// Whether the database answers, within seconds also where it does not: one thread looks, however often it is
// asked meanwhile. Thread-safe; its end waits for the look that is under way.
class ReadyProbe {
 public:
  explicit ReadyProbe(Duration patience = std::chrono::seconds(3)) : patience_(patience) {}

  // `unavailable` where nothing tells in time. The database outlives the probe.
  Result<Readiness> ask(store::Database& database);

 private:
  const Duration patience_;
  std::mutex mutex_;
  std::shared_future<Result<Readiness>> look_;
};

}  // namespace linnet::api
