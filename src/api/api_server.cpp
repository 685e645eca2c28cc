#include "api/api_server.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "api/answerer.hpp"
#include "api/json_views.hpp"
#include "api/live_door.hpp"
#include "api/routes.hpp"
#include "net/http_server.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;

std::shared_ptr<const std::string> message(const json::object& object) {
  return std::make_shared<const std::string>(json::serialize(object));
}

class RunningServer final : public ApiServer {
 public:
  RunningServer(ApiDependencies dependencies, const ApiOptions& options)
      : options_(options),
        api_(std::move(dependencies)),
        hub_(live_door(api_)),
        jobs_([this](const json::object& job) { tell_job(job); }),
        answerer_(api_) {
    api_.started_at = api_.dependencies.clock.now();
    api_.jobs = &jobs_;
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
    options.static_headers = {{"X-Content-Type-Options", "nosniff"}, {"Referrer-Policy", "no-referrer"}};
    net::HttpHandlers handlers;
    handlers.fast = [this](const net::Request& request) { return answerer_.from_memory(request); };
    handlers.handle = [this](const net::Request& request) { return answerer_.answer(request); };
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
    auto object = to_json(health);
    object["type"] = "connector";
    hub_.broadcast("connectors", message(std::move(object)));
  }

 private:
  void tell_job(json::object job) {
    job["type"] = "job";
    hub_.broadcast("jobs", message(std::move(job)));
  }

  void tell(const std::stop_token& stop) {
    Instant last_rate = api_.dependencies.clock.now();
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
      const auto now = api_.dependencies.clock.now();
      if (now - last_rate < std::chrono::seconds(1)) continue;
      const auto events = applied_events_.load();
      api_.events_per_second =
          static_cast<double>(events - last_events) / std::chrono::duration<double>(now - last_rate).count();
      tell_rate(now, api_.events_per_second);
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
    hub_.broadcast("rate", message(std::move(rate)));
  }

  void tell_changes(const std::deque<observe::AppliedChange>& changes) {
    if (hub_.listeners() == 0) return;
    auto reader = api_.dependencies.database.reader();
    if (!reader) return;
    for (const auto& change : changes) {
      using Kind = observe::AppliedChange::Kind;
      if (change.kind == Kind::deletion) {
        hub_.broadcast("posts", message({{"type", "delete"},
                                         {"instance_id", change.instance.value()},
                                         {"id", change.post.value()}}));
        continue;
      }
      const auto post = analyze::find_post(**reader, change.instance, change.post.value());
      if (!post || post->deleted_at) continue;
      if (change.kind == Kind::counts) {
        hub_.broadcast("posts", message({{"type", "counts"},
                                         {"instance_id", post->instance.value()},
                                         {"id", post->id},
                                         {"replies_count", post->replies},
                                         {"reblogs_count", post->reblogs},
                                         {"favourites_count", post->favourites},
                                         {"engagement_score", post->engagement_score}}));
      } else {
        hub_.broadcast("posts", message({{"type", change.kind == Kind::post ? "post" : "edit"},
                                         {"post", to_json(*post)}}));
      }
    }
  }

  const ApiOptions options_;
  Api api_;
  net::LiveHub hub_;
  Jobs jobs_;
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
