#include "api/api_server.hpp"
#include "api/live_filter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "api/answer_cache.hpp"
#include "api/auth.hpp"
#include "api/json_views.hpp"
#include "api/routes.hpp"
#include "base/log.hpp"
#include "net/http_server.hpp"
#include "web/assets.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;

// The values of {…} when the path fits the pattern.
std::optional<std::vector<std::string>> match(std::string_view pattern,
                                              const std::vector<std::string>& segments) {
  std::vector<std::string> values;
  std::size_t i = 0;
  while (!pattern.empty()) {
    pattern.remove_prefix(1);  // the slash
    const auto end = std::min(pattern.find('/'), pattern.size());
    const auto part = pattern.substr(0, end);
    pattern.remove_prefix(end);
    if (i == segments.size()) return {};
    if (part.starts_with('{')) {
      values.push_back(segments[i]);
    } else if (part != segments[i]) {
      return {};
    }
    ++i;
  }
  if (i != segments.size()) return {};
  return values;
}

std::shared_ptr<const std::string> message(const json::object& object) {
  return std::make_shared<const std::string>(json::serialize(object));
}

class RunningServer final : public ApiServer {
 public:
  RunningServer(ApiDependencies dependencies, const ApiOptions& options)
      : options_(options),
        api_(std::move(dependencies)),
        hub_(hub_options(*api_.dependencies.people)),
        jobs_([this](const json::object& job) { tell_job(job); }) {
    api_.started_at = api_.dependencies.clock.now();
    api_.jobs = &jobs_;
    api_.listeners = [this] { return hub_.listeners(); };
    for (auto* family : {&status_routes, &post_routes, &hashtag_routes, &event_routes, &summary_routes,
                         &forkalytics_routes, &forkalytics_topic_routes, &access_routes, &account_routes,
                         &action_routes, &govern_routes, &message_routes, &person_routes}) {
      auto routes = (*family)();
      std::move(routes.begin(), routes.end(), std::back_inserter(routes_));
    }
    openapi_ = std::make_shared<const std::string>(openapi_document(routes_, api_.dependencies.version));
    docs_ = docs_page(routes_);
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
    options.static_headers = {{"X-Content-Type-Options", "nosniff"}, {"Referrer-Policy", "no-referrer"}};
    net::HttpHandlers handlers;
    handlers.fast = [this](const net::Request& request) { return answer_from_memory(request); };
    handlers.handle = [this](const net::Request& request) { return answer(request); };
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
  static net::LiveHubOptions hub_options(govern::People& people) {
    net::LiveHubOptions options;
    options.on_connect = [&people](const net::Request& request) -> Result<net::LiveHubOptions::Filter> {
      LINNET_TRY(const auto who, authenticate(people, request));
      if (!who.may(govern::Permission::read)) return Error::of(ErrorKind::denied, "sign in to listen");
      return net::LiveHubOptions::Filter();
    };
    options.on_text = subscribe;
    return options;
  }

  // --- answers

  std::optional<net::Response> answer_from_memory(const net::Request& request) {
    if (request.method() != net::Method::get) return {};
    if (auto body = cache_.find(request.target(), api_.dependencies.clock.now())) {
      const auto who = authenticate_from_memory(*api_.dependencies.people, request);
      if (!who || !who->may(govern::Permission::read)) return {};
      ++api_.requests;
      return net::Response{200, "application/json", std::move(body), {}};
    }
    if (request.path().starts_with("/api/") || request.path() == "/metrics") return {};
    if (std::any_of(routes_.begin(), routes_.end(),
                    [&](const Route& route) { return route.pattern == request.path(); }))
      return {};
    return asset(request);
  }

  static net::Response asset(const net::Request& request) {
    const auto* file = web::find_asset(request.path());
    if (file == nullptr) file = web::find_asset("/index.html");
    if (file == nullptr) return net::problem(404, "the web app is not part of this program");
    net::Response response;
    response.headers = {{"ETag", std::string(file->etag)},
                        {"Cache-Control", "no-cache"},
                        {"Vary", "Accept-Encoding"},
                        {"Content-Security-Policy", std::string(web::kContentSecurityPolicy)}};
    response.content_type = std::string(file->content_type);
    if (request.header("If-None-Match") == file->etag) {
      response.status = 304;
      return response;
    }
    const bool zipped = !file->gzip_body.empty() && request.accepts_encoding("gzip");
    if (zipped) response.headers.add("Content-Encoding", "gzip");
    response.body = std::string(zipped ? file->gzip_body : file->body);
    return response;
  }

  net::Response answer(const net::Request& request) {
    ++api_.requests;
    auto response = answer_uncounted(request);
    if (response.status >= 400) ++api_.problems;
    return response;
  }

  net::Response answer_uncounted(const net::Request& request) {
    if (request.path() == "/api/openapi.json") return {200, "application/json", openapi_, {}};
    if (request.path() == "/api/docs") {
      return {200,
              "text/html; charset=utf-8",
              docs_,
              {{"Content-Security-Policy",
                "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
                "frame-ancestors 'none'"}}};
    }
    auto who = authenticate(*api_.dependencies.people, request);
    if (!who) return unauthorised(who.error());
    if (request.path() == "/metrics") {
      if (!who->may(govern::Permission::read)) return refuse(*who, govern::Permission::read);
      auto text = metrics_text(api_);
      return text ? net::Response{200, "text/plain; version=0.0.4", std::move(text).value(), {}}
                  : net::problem(text.error());
    }
    std::string allowed;
    for (const auto& route : routes_) {
      auto values = match(route.pattern, request.segments());
      if (!values) continue;
      if (route.method == request.method()) return answer_route(route, request, std::move(*values), *who);
      // A path with a name in it also fits places that are routes of their own; only the exact ones count.
      if (values->empty()) allowed = route.method == net::Method::post ? "POST" : "GET, HEAD";
    }
    if (allowed.empty())
      return net::problem(404, "there is nothing at this address; /api/docs lists what there is");
    auto response = net::problem(405, fmt::format("this address takes {}", allowed));
    response.headers.add("Allow", allowed);
    return response;
  }

  static net::Response unauthorised(const Error& error) {
    auto response =
        net::problem(error.kind == ErrorKind::denied ? 401 : net::http_status(error.kind), error.safe);
    if (response.status == 401) response.headers.add("WWW-Authenticate", "Bearer realm=\"Linnet\"");
    return response;
  }

  static net::Response refuse(const govern::Who& who, govern::Permission needed) {
    if (!who.is_known()) return unauthorised(Error::of(ErrorKind::denied, "sign in, or give a token"));
    return net::problem(403,
                        fmt::format("this needs the right \"{}\"; an admin can give it", to_string(needed)));
  }

  net::Response answer_route(const Route& route, const net::Request& request, std::vector<std::string> values,
                             const govern::Who& who) {
    if (!who.may(route.permission)) return refuse(who, route.permission);
    // Signing in changes nothing that a session could be tricked into.
    const bool needs_csrf = route.permission != govern::Permission::open;
    if (const auto shown = check_csrf(who, request); needs_csrf && !shown)
      return net::problem(403, shown.error().safe);
    for (const auto& [name, value] : request.query_parameters()) {
      if (std::find(route.parameters.begin(), route.parameters.end(), name) == route.parameters.end()) {
        return net::problem(invalid(fmt::format(
            "{}: not a parameter of {}; it takes: {}", name.substr(0, 60), route.pattern,
            route.parameters.empty() ? "none" : fmt::format("{}", fmt::join(route.parameters, ", ")))));
      }
    }
    net::Headers headers;
    const auto result = route.handler({api_, request, std::move(values), who, headers});
    if (!result) {
      if (result.error().kind == ErrorKind::internal)
        log::error("{}: {}", route.pattern, result.error().message);
      return net::problem(result.error());
    }
    auto body = std::make_shared<const std::string>(json::serialize(result.value()));
    const bool is_kept = route.freshness == Freshness::kept && route.permission == govern::Permission::read;
    const bool is_job = route.pattern.starts_with("/api/v1/jobs");
    if (route.method == net::Method::get && is_kept && !is_job)
      cache_.put(request.target(), body, api_.dependencies.clock.now());
    if (route.freshness == Freshness::live) headers.add("Cache-Control", "no-store");
    return {route.status, "application/json", std::move(body), std::move(headers)};
  }

  // --- live

  void tell_job(json::object job) {
    job["type"] = "job";
    hub_.broadcast("jobs", message(std::move(job)));
  }

  void tell(const std::stop_token& stop) {
    Instant last_rate = api_.dependencies.clock.now();
    std::uint64_t last_events = applied_events_;
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
  std::vector<Route> routes_;
  std::shared_ptr<const std::string> openapi_;
  std::string docs_;
  AnswerCache cache_;
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
