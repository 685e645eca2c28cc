// How a connection takes a request in: its head is judged before its body may come.
#include <fmt/format.h>

#include "base/ascii.hpp"
#include "base/log.hpp"
#include "net/by_worker.hpp"
#include "net/http_connection.hpp"
#include "net/request_checks.hpp"
#include "net/request_fields.hpp"

namespace linnet::net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable_t<IoExecutor>{});
// Bodies up to here are not counted: what is urgent gets in when all the memory for bodies is used.
constexpr std::size_t kUncountedBody = 64U << 10;
// What a body that goes elsewhere is handed on in, and how slow it may come.
constexpr std::size_t kSinkPiece = 256U << 10;
constexpr std::size_t kSinkBytesPerSecond = 64U << 10;
// Nobody sends a body to a WebSocket.
constexpr std::size_t kLiveBody = 4096;

Status hand_on(BodySink& sink, std::string_view piece) {
  try {
    return sink.take(piece);
  } catch (const std::exception& error) {
    return internal_error(fmt::format("taking a body in: {}", error.what()));
  }
}

}  // namespace

// Until the request is whole, or is refused.
HttpConnection::Task<void> HttpConnection::receive() {
  Step step = intake_.advance();
  while (step == Step::need_more || step == Step::head_done) {
    if (step == Step::head_done) {
      co_await judge_head();
    } else {
      co_await read_more();
    }
    if (is_broken_ || refusal_) co_return;
    step = intake_.advance();
    co_await take_body_in();
    if (is_broken_ || refusal_) co_return;
  }
  if (step == Step::failed) fail(intake_.failure().status, intake_.failure().detail);
}

HttpConnection::Task<void> HttpConnection::read_more() {
  if (wants_continue()) {
    sent_continue_ = true;
    out_ = "HTTP/1.1 100 Continue\r\n\r\n";
    const auto phase = phase_;
    const auto deadline = deadline_;
    co_await send_out({});
    phase_ = phase;
    deadline_ = deadline;
    if (is_broken_) co_return;
  }
  const auto [error, count] = co_await socket_.async_read_some(intake_.prepare(), kAsTuple);
  if (has_timed_out_) {
    fail(408, "the request did not arrive in time");
    co_return;
  }
  if (error) {
    is_broken_ = true;
    co_return;
  }
  intake_.commit(count);
  if (phase_ == Phase::idle) enter(Phase::head, head_time());
}

void HttpConnection::fail(int status, std::string_view detail) {
  refusal_ = problem(status, detail);
}

// The head is there: who asks, and whether a body may come.
HttpConnection::Task<void> HttpConnection::judge_head() {
  look_at_sender();
  check_head();
  if (refusal_) co_return;
  const FieldSource fields(intake_.head());
  const Request request = request_with(fields, {});
  if (is_reserve_ && lane_of(request) != Lane::urgent) {
    ++context_.refused;
    fail(503, "too many connections; try again later");
    co_return;
  }
  if (!intake_.has_body()) co_return;
  enter(Phase::judging, Duration::max());
  admission_ = Admission{context_.options.max_body_bytes, nullptr};
  if (find_hub(request.path())) {
    admission_->max_body_bytes = kLiveBody;
  } else if (context_.handlers.admit) {
    auto& crew = crew_of(request);
    if (!crew.enter()) {
      refusal_ = busy_answer();
      co_return;
    }
    auto judged = co_await by_worker(crew, socket_.get_executor(),
                                     [&] { return guarded(context_.handlers.admit, request); });
    if (auto* const refused = std::get_if<Response>(&judged)) {
      refusal_ = std::move(*refused);
      co_return;
    }
    admission_ = std::move(std::get<Admission>(judged));
  }
  if (!intake_.limit_body(admission_->max_body_bytes)) {
    fail(413, intake_.body_too_large());
    co_return;
  }
  Duration longest = context_.options.body_timeout;
  if (admission_->sink) longest += std::chrono::seconds(admission_->max_body_bytes / kSinkBytesPerSecond);
  enter(Phase::body, longest);
}

// What came of the body is counted, and goes on where it does not stay in memory.
HttpConnection::Task<void> HttpConnection::take_body_in() {
  auto& body = intake_.body();
  if (!admission_ || body.empty()) co_return;
  count_body();
  const bool waits = body.size() < kSinkPiece && !intake_.is_complete();
  if (refusal_ || !admission_->sink || waits) co_return;
  auto& crew = context_.crews[static_cast<std::size_t>(Lane::usual)];
  crew.pending.fetch_add(1);  // it is in already, and is not turned away half-way
  const auto deadline = std::exchange(deadline_, Time::max());
  const auto taken =
      co_await by_worker(crew, socket_.get_executor(), [&] { return hand_on(*admission_->sink, body); });
  deadline_ = deadline;
  body.clear();
  if (!taken) refusal_ = problem(taken.error());
}

void HttpConnection::count_body() {
  const auto size = intake_.body().capacity();
  const std::size_t now = size > kUncountedBody ? size : 0;
  if (now == counted_body_) return;
  context_.body_bytes += now - counted_body_;
  counted_body_ = now;
  if (context_.body_bytes <= context_.options.max_bodies_bytes) return;
  fail(503, "too much is being sent at once; try again later");
  refusal_->headers.add("Retry-After", "5");
}

void HttpConnection::look_at_sender() {
  const Fields& head = intake_.head();
  const FieldSource fields(head);
  if (is_from_proxy_) sender_ = sender_of(fields, remote_, context_.options.trusted_proxies);
  is_cross_site_ = is_cross_site(fields, {view(head[http::field::host]), sender_.host, sender_.is_https},
                                 context_.options.allowed_origins);
}

// Before the body is read.
void HttpConnection::check_head() {
  const Fields& head = intake_.head();
  const auto& options = context_.options;
  const auto hosts = head.count(http::field::host);
  const auto host = view(head[http::field::host]);
  const auto target = view(head.target());
  if (!is_coding_clear(head)) {
    fail(400, "the only transfer coding understood is chunked, once, in HTTP/1.1");
  } else if (hosts > 1 || (hosts == 0 && head.version() >= 11)) {
    fail(400, "expected one Host header");
  } else if (target.empty() || (target.front() != '/' && target != "*")) {
    fail(400, "expected a path that begins with a slash");
  } else if (hosts == 1 && !is_host_allowed(host, context_.is_loopback, options.allowed_hosts)) {
    fail(421,
         "this server does not answer to that host name; where a proxy in front is called so, name it in the "
         "setting allowed_hosts");
  } else if (is_changing(method_of(head.method())) &&
             !is_origin_allowed(view(head[http::field::origin]), {host, sender_.host, sender_.is_https},
                                options.allowed_origins)) {
    // A page of another site must not change anything here.
    fail(403,
         "requests from pages of another origin are not allowed; where that is how a proxy in front is "
         "called, "
         "name it in the setting allowed_hosts or allowed_origins");
  }
}

bool HttpConnection::wants_continue() {
  if (!intake_.is_head_done() || sent_continue_ || !intake_.is_empty()) return false;
  return ascii::equal_ignoring_case(view(intake_.head()[http::field::expect]), "100-continue");
}

Request HttpConnection::request_with(const HeaderSource& fields, std::string_view body) const {
  const Fields& head = intake_.head();
  RequestContext context;
  context.remote = sender_.address;
  context.is_https = sender_.is_https;
  context.is_cross_site = is_cross_site_;
  context.is_admitted = admission_.has_value();
  if (admission_) context.sink = admission_->sink;
  return {method_of(head.method()), view(head.target()), body, fields, std::move(context)};
}

std::shared_ptr<LiveHub::State> HttpConnection::find_hub(std::string_view path) const {
  for (const auto& [live_path, hub] : context_.live) {
    if (live_path == path) return hub;
  }
  return nullptr;
}

Lane HttpConnection::lane_of(const Request& request) const {
  return context_.handlers.lane ? context_.handlers.lane(request) : Lane::usual;
}

Crew& HttpConnection::crew_of(const Request& request) {
  return context_.crews[static_cast<std::size_t>(lane_of(request))];
}

}  // namespace linnet::net
