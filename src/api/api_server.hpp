// The REST API, the live WebSocket and the web app, on one address.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "act/gate.hpp"
#include "act/sign_ins.hpp"
#include "analyze/tag_activity.hpp"
#include "base/clock.hpp"
#include "connect/account_store.hpp"
#include "connect/browser_sign_ins.hpp"
#include "connect/connector_health.hpp"
#include "connect/request_budget.hpp"
#include "govern/blocklist.hpp"
#include "govern/clock_trust.hpp"
#include "govern/people.hpp"
#include "jobs/job.hpp"
#include "llm/door.hpp"
#include "observe/applied.hpp"
#include "observe/ingest.hpp"
#include "observe/salience/numbers.hpp"
#include "store/database.hpp"

namespace linnet::api {

struct Route;
using RouteFamily = std::vector<Route> (*)();

struct ApiDependencies {
  store::Database& database;
  store::Writer& writer;
  Clock& clock;
  observe::Ingest* ingest = nullptr;
  std::function<std::vector<connect::ConnectorHealth>()> connectors = {};
  analyze::TagActivity* tag_activity = nullptr;  // null: hashtags are read from the tables
  govern::People* people = nullptr;
  connect::AccountStore* accounts = nullptr;
  act::Gate* gate = nullptr;
  govern::Blocklist* blocklist = nullptr;
  const SecretBox* box = nullptr;
  // Signs in to a platform with a token or password, and keeps the account.
  std::function<Result<connect::AccountId>(const act::SecretSignIn&)> add_account = {};
  bool is_demo = false;
  bool redact_on_delete = false;
  std::string version = {};
  // Names in a request become ids before it is judged; empty: they are ids.
  std::function<Status(const connect::Account&, act::NewAction&)> settle_names = {};
  connect::BrowserSignIns* browser_sign_ins = nullptr;
  std::string uploads = {};  // the folder of files that are sent ahead of their action; empty: none are taken
  connect::RequestBudgets* budgets = nullptr;  // of the accounts; null: each question has one of its own
  const govern::ClockTrust* clock_trust = nullptr;
  // Somebody asked for a job, or called one off.
  std::function<void()> wake_jobs = [] {};
  // How many processes answer for the same database: each gives its share of what somebody may ask a minute,
  // but for the stop.
  std::function<int()> processes = [] { return 1; };
  std::vector<RouteFamily> routes = {};  // what is served
  act::MediaStore media = {};            // where the files of actions are
  llm::LanguageModels* language_models = nullptr;
  std::string layers = {};           // the folder of layers that people wrote
  salience::Settings salience = {};  // by which topics are chosen
  // Where there is no box: opens one when it is first asked for, and keeps it; empty: there is none.
  std::function<Result<const SecretBox*>()> open_box = {};
};

struct ApiOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;       // 0: one that is free
  std::string trusted_proxies;  // as in net::TrustedProxies
  // Names that proxies in front are called by, and origins of other sites that may ask: as in
  // net::HttpServerOptions.
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> allowed_origins;
};

// Thread-safe.
class ApiServer {
 public:
  static Result<std::unique_ptr<ApiServer>> start(ApiDependencies dependencies, const ApiOptions& options);
  virtual ~ApiServer() = default;

  [[nodiscard]] virtual std::string url() const = 0;
  // To be called for each committed batch; returns at once, the listeners are told from another thread.
  virtual void on_applied(const observe::AppliedBatch& batch) = 0;
  virtual void on_connector(const connect::ConnectorHealth& health) = 0;
  virtual void on_job(const jobs::Job& job) = 0;
};

}  // namespace linnet::api
