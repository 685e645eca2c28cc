#include "net/http_connection.hpp"

#include <boost/beast/websocket.hpp>

#include "base/log.hpp"
#include "net/live_listener.hpp"
#include "net/request_checks.hpp"
#include "net/request_fields.hpp"
#include "net/response_head.hpp"

namespace linnet::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

using boost::system::error_code;

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable_t<IoExecutor>{});
constexpr std::size_t kReadSize = 4096;
constexpr std::size_t kBodyReadSize = 64U << 10;
// A body up to here is copied behind its head: cheaper than a gather write.
constexpr std::size_t kCopiedBody = 8U << 10;
constexpr std::chrono::seconds kLinger{1};

// Runs a handler. What it throws is our mistake, and not the client's business.
template <typename Handler>
auto guarded(const Handler& handler, const Request& request) -> decltype(handler(request)) {
  try {
    return handler(request);
  } catch (const std::exception& error) {
    log::error("a handler of {} failed: {}", request.path(), error.what());
  } catch (...) {
    log::error("a handler of {} failed", request.path());
  }
  return problem(500, "internal error; see the log");
}

}  // namespace

HttpConnection::HttpConnection(ServerContext& context, ServerShard& shard, IoSocket socket,
                               ConnectionSlot slot, bool is_refused)
    : context_(context),
      shard_(shard),
      socket_(std::move(socket)),
      slot_(std::move(slot)),
      is_refused_(is_refused) {
  error_code error;
  socket_.set_option(asio::ip::tcp::no_delay(true), error);
  socket_.non_blocking(true, error);
  const auto peer = socket_.remote_endpoint(error);
  if (!error) remote_ = peer.address().to_string();
  is_from_proxy_ = context_.options.trusted_proxies.trusts(remote_);
  shard_.connections.insert(this);
}

HttpConnection::~HttpConnection() {
  shard_.connections.erase(this);
}

void HttpConnection::start() {
  asio::co_spawn(socket_.get_executor(), run(),
                 [self = shared_from_this()](const std::exception_ptr& thrown) {
                   if (thrown) log::error("an HTTP connection ended by an exception");
                 });
}

void HttpConnection::enter(Phase phase, Duration longest) {
  phase_ = phase;
  deadline_ = std::chrono::steady_clock::now() + longest;
}

void HttpConnection::close() {
  error_code ignored;
  socket_.close(ignored);
  is_broken_ = true;
}

void HttpConnection::check_deadline(Time now) {
  if (now < deadline_ || is_handed_over_) return;
  deadline_ = Time::max();
  if (phase_ != Phase::reading) return close();
  has_timed_out_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

void HttpConnection::begin_stop() {
  if (!is_handed_over_ && (phase_ == Phase::idle || phase_ == Phase::closing)) close();
}

HttpConnection::Task<void> HttpConnection::run() {
  if (is_refused_) refusal_ = problem(503, "too many connections; try again later");
  // GCC 12 makes wrong code of a co_await inside a condition with «&&».
  bool goes_on = true;
  while (goes_on) {
    goes_on = co_await serve_one();
    if (is_broken_) goes_on = false;
  }
  if (is_handed_over_) co_return;
  if (!is_broken_ && refusal_) co_await linger();
  close();
}

// One request and its answer; false when it was the last one.
HttpConnection::Task<bool> HttpConnection::serve_one() {
  begin_request();
  Step step = refusal_ ? Step::failed : parse();
  while (step == Step::need_more) {
    if (wants_continue()) {
      sent_continue_ = true;
      out_ = "HTTP/1.1 100 Continue\r\n\r\n";
      co_await send_out({});
    }
    co_await read_more();
    if (is_broken_) co_return false;
    step = has_timed_out_ ? fail(408, "the request did not arrive in time") : parse();
  }
  context_.requests.fetch_add(1, std::memory_order_relaxed);
  phase_ = Phase::working;
  deadline_ = Time::max();

  const Fields& fields = parser_->get();
  const FieldSource source(fields);
  is_head_request_ = fields.method() == http::verb::head;
  const Sender sender =
      is_from_proxy_ ? sender_of(source, remote_, context_.options.trusted_proxies) : Sender{remote_, false};
  const Request request(method_of(fields.method()), view(fields.target()), fields.body(), source,
                        sender.address, sender.is_https);
  Response response;
  if (step == Step::complete && !check_complete()) step = Step::failed;
  if (step == Step::complete) {
    const auto hub = context_.live.empty() ? nullptr : find_hub(request.path());
    if (hub && wants_websocket(request, hub)) co_return false;
    if (!hub) response = co_await answer(request);
  }
  if (refusal_) response = *refusal_;
  for (const auto& [name, value] : response.headers) {
    if (is_valid_header_name(name) && is_valid_header_value(value)) continue;
    log::error("{}: the answer has a bad header {}", request.path(), name);
    response = problem(500, "internal error; see the log");
    break;
  }
  const bool keep_alive = !refusal_ && fields.keep_alive() && !context_.is_stopping;
  out_.clear();
  append_response_head(out_, response,
                       {keep_alive, fields.version() >= 11, shard_.date_line, context_.static_head});
  const bool sends_body = !is_head_request_ && may_have_body(response.status);
  co_await send_out(sends_body ? response.body_text() : std::string_view());
  co_return keep_alive;
}

void HttpConnection::begin_request() {
  parser_.emplace();
  parser_->eager(true);
  parser_->header_limit(static_cast<std::uint32_t>(context_.options.max_header_bytes));
  parser_->body_limit(context_.options.max_body_bytes);
  head_checked_ = false;
  sent_continue_ = false;
  if (buffer_.size() == 0) {
    enter(Phase::idle, context_.options.idle_timeout);
  } else {
    enter(Phase::reading, context_.options.header_timeout);
  }
}

HttpConnection::Task<void> HttpConnection::read_more() {
  const auto space = buffer_.prepare(head_checked_ ? kBodyReadSize : kReadSize);
  const auto [error, count] = co_await socket_.async_read_some(space, kAsTuple);
  if (has_timed_out_) co_return;
  if (error) {
    is_broken_ = true;
    co_return;
  }
  buffer_.commit(count);
  if (phase_ == Phase::idle) enter(Phase::reading, context_.options.header_timeout);
}

HttpConnection::Step HttpConnection::fail(int status, std::string_view detail) {
  refusal_ = problem(status, detail);
  return Step::failed;
}

HttpConnection::Step HttpConnection::parse() {
  while (buffer_.size() > 0) {
    error_code error;
    const std::size_t used = parser_->put(buffer_.data(), error);
    buffer_.consume(used);
    if (error && error != http::error::need_more) {
      return fail(status_for(error), "the request is not valid HTTP, or too large: " + error.message());
    }
    if (parser_->is_header_done() && !head_checked_) {
      head_checked_ = true;
      enter(Phase::reading, context_.options.body_timeout);
      if (!check_head()) return Step::failed;
    }
    if (parser_->is_done()) return Step::complete;
    if (used == 0 || error) break;
  }
  return Step::need_more;
}

// Before the body is read.
bool HttpConnection::check_head() {
  const Fields& fields = parser_->get();
  const auto hosts = fields.count(http::field::host);
  const auto target = view(fields.target());
  if (!is_coding_clear(fields)) {
    fail(400, "the only transfer coding understood is chunked, once, in HTTP/1.1");
  } else if (hosts > 1 || (hosts == 0 && fields.version() >= 11)) {
    fail(400, "expected one Host header");
  } else if (target.empty() || (target.front() != '/' && target != "*")) {
    fail(400, "expected a path that begins with a slash");
  } else if (hosts == 1 && !is_host_allowed(view(fields[http::field::host]), context_.is_loopback,
                                            context_.options.allowed_hosts)) {
    fail(421, "this server does not answer to that host name");
  }
  return !refusal_;
}

// Once it is whole: a page of another site must not change anything here.
bool HttpConnection::check_complete() {
  const Fields& fields = parser_->get();
  if (!is_changing(method_of(fields.method()))) return true;
  if (is_origin_allowed(view(fields[http::field::origin]), view(fields[http::field::host]),
                        context_.options.allowed_origins)) {
    return true;
  }
  fail(403, "requests from pages of another origin are not allowed");
  return false;
}

bool HttpConnection::wants_continue() {
  if (!head_checked_ || sent_continue_ || buffer_.size() > 0) return false;
  return equal_ignoring_case(view(parser_->get()[http::field::expect]), "100-continue");
}

std::shared_ptr<LiveHub::State> HttpConnection::find_hub(std::string_view path) const {
  for (const auto& [live_path, hub] : context_.live) {
    if (live_path == path) return hub;
  }
  return nullptr;
}

// Hands the connection over to a listener; false, with refusal_ set, when it must not.
bool HttpConnection::wants_websocket(const Request& request, const std::shared_ptr<LiveHub::State>& hub) {
  if (request.method() != Method::get) {
    fail(405, "a WebSocket is opened here, which begins with GET");
    refusal_->headers.add("Allow", "GET, HEAD");
    return false;
  }
  if (!is_origin_allowed(request.header("Origin").value_or(""), request.header("Host").value_or(""),
                         context_.options.allowed_origins)) {
    fail(403, "WebSockets from pages of another origin are not allowed");
    return false;
  }
  if (buffer_.size() > 0) {
    fail(400, "data came before the WebSocket was open");
    return false;
  }
  if (hub->listeners >= hub->options.max_listeners || context_.is_stopping) {
    fail(503, "too many listeners; try again later");
    return false;
  }
  LiveHubOptions::Guest guest;
  if (hub->options.on_connect) {
    auto answer = hub->options.on_connect(request);
    if (auto* const refusal = std::get_if<Response>(&answer)) {
      refusal_ = std::move(*refusal);
      return false;
    }
    guest = std::move(std::get<LiveHubOptions::Guest>(answer));
  }
  // After the rights: a stranger is not told more than that they are one.
  if (!beast::websocket::is_upgrade(parser_->get())) {
    fail(426, "a WebSocket is opened here");
    refusal_->headers.add("Upgrade", "websocket");
    return false;
  }
  is_handed_over_ = true;
  const auto listener =
      std::make_shared<LiveListener>(std::move(socket_), shard_.io, hub, std::move(guest), std::move(*slot_));
  listener->accept(parser_->release(), context_.options.static_headers);
  return true;
}

HttpConnection::Task<Response> HttpConnection::answer(const Request& request) {
  if (context_.handlers.fast) {
    if (auto quick = guarded(context_.handlers.fast, request)) co_return std::move(*quick);
  }
  if (context_.pending_work.fetch_add(1) >= context_.options.max_pending_work) {
    --context_.pending_work;
    Response busy = problem(503, "the server is busy; try again later");
    busy.headers.add("Retry-After", "1");
    co_return busy;
  }
  co_return co_await answer_by_worker(request);
}

HttpConnection::Task<Response> HttpConnection::answer_by_worker(const Request& request) {
  using Token = asio::use_awaitable_t<IoExecutor>;
  const auto start = [this, &request](auto handler) {
    asio::post(*context_.workers, [this, &request, handler = std::move(handler)]() mutable {
      Response response = guarded(context_.handlers.handle, request);
      --context_.pending_work;
      asio::post(socket_.get_executor(),
                 [handler = std::move(handler), response = std::move(response)]() mutable {
                   handler(std::move(response));
                 });
    });
  };
  co_return co_await asio::async_initiate<const Token, void(Response)>(start, Token{});
}

// Writes out_ and the body: at once what the system takes, which is nearly always everything.
HttpConnection::Task<void> HttpConnection::send_out(std::string_view body) {
  if (body.size() <= kCopiedBody) {
    out_ += body;
    body = {};
  }
  error_code error;
  std::array<asio::const_buffer, 2> parts{asio::buffer(out_), asio::buffer(body.data(), body.size())};
  std::size_t sent =
      body.empty() ? socket_.write_some(asio::buffer(out_), error) : socket_.write_some(parts, error);
  if (error == asio::error::would_block) {
    error = {};
    sent = 0;
  }
  if (!error && sent < out_.size() + body.size()) {
    enter(Phase::writing, context_.options.write_timeout);
    beast::buffers_suffix rest(parts);
    rest.consume(sent);
    const auto [write_error, count] = co_await asio::async_write(socket_, rest, kAsTuple);
    error = write_error;
  }
  if (error) is_broken_ = true;
}

// Reads and drops what the client still sends: closing now would reset the connection, and our last answer
// could be lost.
HttpConnection::Task<void> HttpConnection::linger() {
  enter(Phase::closing, kLinger);
  error_code error;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  std::array<char, 4096> dropped{};
  while (!error) {
    const auto [read_error, count] = co_await socket_.async_read_some(asio::buffer(dropped), kAsTuple);
    error = read_error;
  }
}

}  // namespace linnet::net
