#include "net/loopback_redirect.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>

#include "net/http_server.hpp"

namespace linnet::net {
namespace {

constexpr std::chrono::seconds kPatience{5};
constexpr std::string_view kDonePage =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Linnet</title>"
    "<body style=\"font:1.1em system-ui;max-width:32em;margin:4em auto\">"
    "<h1>Done</h1><p>Linnet has your answer. You can close this page.</p>";
constexpr std::string_view kWrongPage =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Linnet</title>"
    "<body style=\"font:1.1em system-ui;max-width:32em;margin:4em auto\">"
    "<h1>Not this one</h1><p>This page does not belong to the log-in that Linnet waits for. Please start it "
    "again.</p>";

Response page(int status, std::string_view html) {
  Response response;
  response.status = status;
  response.content_type = "text/html; charset=utf-8";
  response.body = std::string(html);
  return response;
}

HttpServerOptions server_options(std::uint16_t port) {
  HttpServerOptions options;
  options.port = port;
  options.worker_threads = 1;
  options.max_connections = 32;
  options.max_body_bytes = 1024;
  options.drain_timeout = std::chrono::milliseconds{500};
  // The address holds the code: it must reach neither a cache nor another site.
  options.static_headers = {{"Cache-Control", "no-store"},
                            {"Referrer-Policy", "no-referrer"},
                            {"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"}};
  return options;
}

}  // namespace

struct LoopbackRedirect::State {
  std::mutex mutex;
  std::condition_variable_any changed;
  // Under `mutex`:
  std::optional<std::string> expected_state;  // once wait() is called
  std::optional<std::map<std::string, std::string>> answer;
  bool is_ending = false;

  std::unique_ptr<HttpServer> server;  // the last member: its threads use the others

  ~State() {
    {
      const std::scoped_lock lock(mutex);
      is_ending = true;
    }
    changed.notify_all();
  }

  Response take(const Request& request) {
    if (request.method() != Method::get || request.path() != "/callback") return problem(404, "no such page");
    std::unique_lock lock(mutex);
    // The browser may be faster than the caller of wait().
    changed.wait_for(lock, kPatience, [&] { return expected_state || is_ending; });
    if (!expected_state || request.query("state") != *expected_state) return page(400, kWrongPage);
    std::map<std::string, std::string> parameters;
    for (const auto& [name, value] : request.query_parameters()) parameters.emplace(name, value);
    if (!answer) answer = std::move(parameters);
    changed.notify_all();
    return page(200, kDonePage);
  }
};

Result<LoopbackRedirect> LoopbackRedirect::listen(std::uint16_t port) {
  auto state = std::make_unique<State>();
  HttpHandlers handlers;
  handlers.handle = [&state = *state](const Request& request) { return state.take(request); };
  LINNET_TRY(state->server, HttpServer::start(server_options(port), std::move(handlers)));
  return LoopbackRedirect(std::move(state));
}

LoopbackRedirect::LoopbackRedirect(std::unique_ptr<State> state) : state_(std::move(state)) {}
LoopbackRedirect::LoopbackRedirect(LoopbackRedirect&&) noexcept = default;
LoopbackRedirect& LoopbackRedirect::operator=(LoopbackRedirect&&) noexcept = default;
LoopbackRedirect::~LoopbackRedirect() = default;

std::string LoopbackRedirect::redirect_uri() const {
  return state_->server->url() + "/callback";
}

Result<std::map<std::string, std::string>> LoopbackRedirect::wait(const std::string& expected_state,
                                                                  Duration timeout,
                                                                  const std::stop_token& stop) {
  if (expected_state.empty()) return internal_error("a log-in without a state could be forged");
  std::unique_lock lock(state_->mutex);
  state_->expected_state = expected_state;
  state_->changed.notify_all();
  const bool arrived =
      state_->changed.wait_for(lock, stop, timeout, [&] { return state_->answer.has_value(); });
  if (arrived) return *state_->answer;
  if (stop.stop_requested())
    return Error::of(ErrorKind::cancelled, "stopped while waiting for the log-in in the browser");
  return unavailable("the browser did not come back from the log-in in time");
}

}  // namespace linnet::net
