// A source for each watched server or network. Each of its connections has a thread of its own, which follows
// it while this process has its lease. Counts and follows are read by jobs.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "connect/connector_health.hpp"
#include "connect/platform_settings.hpp"
#include "connect/request_budget.hpp"
#include "observe/ingest.hpp"
#include "store/leases.hpp"
#include "store/writer.hpp"

namespace linnet::app {

class Connectors {
 public:
  using OnChange = std::function<void(const connect::ConnectorHealth&)>;
  // Told which jobs of a kind there are to be, whenever that changes: `counts` by the server's address,
  // `follows` by the account's id.
  using KeepJobs = std::function<Status(std::string_view kind, const std::set<std::string>& keys)>;
  // Starts what the table `watches` lists. All references outlive it; the destructor stops the threads.
  static Result<std::unique_ptr<Connectors>> start(store::Database& database, store::Writer& writer,
                                                   observe::Ingest& ingest, Clock& clock,
                                                   connect::RequestBudgets& budgets, store::Leases& leases,
                                                   const std::string& data,
                                                   const connect::PlatformSettings& settings,
                                                   OnChange on_change, KeepJobs keep_jobs);
  virtual ~Connectors() = default;
  [[nodiscard]] virtual std::vector<connect::ConnectorHealth> health() const = 0;
  // Counts of young posts of the server that are due; how many were read. `not_found` while it is not
  // watched.
  virtual Result<std::size_t> read_counts(std::string_view server, const std::stop_token& stop) = 0;
  // Who follows the account, and whom it follows. `not_found` while its server is not watched.
  virtual Status read_follows(std::string_view account, const std::stop_token& stop) = 0;
  // From now on what is watched stays as it is, and KeepJobs is called no more.
  virtual void stop_following_plans() = 0;
};

}  // namespace linnet::app
