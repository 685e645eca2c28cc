#include "api/api_server.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "api/answerer.hpp"
#include "api/live_door.hpp"
#include "api/live_messages.hpp"
#include "api/routes.hpp"
#include "jobs/job_json.hpp"
#include "net/http_server.hpp"
#include "store/record/json.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;

std::shared_ptr<const std::string> message(const json::object& object) {
  return std::make_shared<const std::string>(json::serialize(object));
}

class RunningServer final : public ApiServer {
 public:
  RunningServer(ApiDependencies dependencies, const ApiOptions& options)
      : options_(options), api_(std::move(dependencies)), hub_(live_door(api_)), answerer_(api_) {
    api_.started_at = api_.dependencies.clock.now();
    api_.listeners = [this] { return hub_.listeners(); };
  }

  ~RunningServer() override {
    teller_.request_stop();
    wake_.notify_all();
    if (teller_.joinable()) teller_.join();
    if (server_ != nullptr) server_->stop();
  }

  Status listen() {
    net::HttpServerOptions options;
    options.address = options_.address;
    options.port = options_.port;
    LINNET_TRY(options.trusted_proxies, net::TrustedProxies::parse(options_.trusted_proxies));
    options.allowed_hosts = options_.allowed_hosts;
    options.allowed_origins = options_.allowed_origins;
    options.static_headers = {{"X-Content-Type-Options", "nosniff"}, {"Referrer-Policy", "no-referrer"}};
    net::HttpHandlers handlers;
    handlers.fast = [this](const net::Request& request) { return answerer_.from_memory(request); };
    handlers.handle = [this](const net::Request& request) { return answerer_.answer(request); };
    handlers.admit = [this](const net::Request& request) { return answerer_.admit(request); };
    handlers.lane = [this](const net::Request& request) { return answerer_.lane_of(request); };
    handlers.live = {{"/api/v1/live", &hub_}};
    LINNET_TRY(server_, net::HttpServer::start(std::move(options), std::move(handlers)));
    teller_ = std::jthread([this](const std::stop_token& stop) { tell(stop); });
    return {};
  }

  [[nodiscard]] std::string url() const override { return server_->url(); }

  void on_applied(const observe::AppliedBatch& batch) override {
    applied_events_ += batch.events;
    if (hub_.listeners() == 0) return;
    constexpr std::size_t kMostWaiting = 2'000;
    {
      const std::scoped_lock lock(mutex_);
      for (const auto& change : batch.changes) {
        if (waiting_.size() == kMostWaiting) waiting_.pop_front();
        waiting_.push_back(change);
      }
    }
    wake_.notify_one();
  }

  void on_connector(const connect::ConnectorHealth& health) override {
    auto object = record::to_json(health);
    object["type"] = "connector";
    hub_.broadcast("connectors", message(object));
  }

  void on_job(const jobs::Job& job) override {
    auto object = jobs::to_json(job, api_.dependencies.clock.now());
    object["type"] = "job";
    hub_.broadcast("jobs", message(object));
  }

 private:
  void tell(const std::stop_token& stop) {
    // By a clock that nobody sets: whoever was refused is not heard for an hour when the other is put back.
    using Steady = std::chrono::steady_clock;
    auto last_rate = Steady::now();
    std::uint64_t last_events = applied_events_;
    bool looks_at_listeners = false;  // every other second
    while (!stop.stop_requested()) {
      std::deque<observe::AppliedChange> changes;
      {
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, stop, std::chrono::milliseconds(250), [&] { return !waiting_.empty(); });
        changes.swap(waiting_);
      }
      if (!changes.empty()) tell_changes(changes);
      const auto now = Steady::now();
      if (now - last_rate < std::chrono::seconds(1)) continue;
      const auto events = applied_events_.load();
      api_.events_per_second =
          static_cast<double>(events - last_events) / std::chrono::duration<double>(now - last_rate).count();
      tell_rate(api_.dependencies.clock.now(), api_.events_per_second);
      answerer_.tidy();
      if (std::exchange(looks_at_listeners, !looks_at_listeners))
        end_the_refused(*api_.dependencies.people, hub_);
      last_rate = now;
      last_events = events;
    }
  }

  void tell_rate(Instant now, double events_per_second) {
    json::object rate{
        {"type", "rate"}, {"at", to_iso8601(now)}, {"events_per_second", events_per_second}, {"queue", 0},
        {"lag", 0},       {"applied_event_id", 0}};
    if (api_.dependencies.ingest != nullptr) {
      const auto figures = api_.dependencies.ingest->figures();
      rate["queue"] = figures.queued;
      rate["lag"] = figures.logged.value() - figures.applied_up_to.value();
      rate["applied_event_id"] = figures.applied_up_to.value();
    }
    hub_.broadcast("rate", message(rate));
  }

  void tell_changes(const std::deque<observe::AppliedChange>& changes) {
    if (hub_.listeners() == 0) return;
    auto reader = api_.dependencies.database.reader();
    if (!reader) return;
    for (const auto& change : changes) {
      if (auto told = message_about(**reader, change)) hub_.broadcast("posts", message(*told));
    }
  }

  const ApiOptions options_;
  Api api_;
  net::LiveHub hub_;
  Answerer answerer_;
  std::atomic<std::uint64_t> applied_events_{0};
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<observe::AppliedChange> waiting_;
  std::unique_ptr<net::HttpServer> server_;
  std::jthread teller_;
};

}  // namespace

Result<std::unique_ptr<ApiServer>> ApiServer::start(ApiDependencies dependencies, const ApiOptions& options) {
  auto server = std::make_unique<RunningServer>(std::move(dependencies), options);
  LINNET_CHECK(server->listen());
  return std::unique_ptr<ApiServer>(std::move(server));
}

}  // namespace linnet::api
