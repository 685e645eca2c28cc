#include "net/http_connection.hpp"

#include <boost/beast/websocket.hpp>

#include "base/log.hpp"
#include "net/by_worker.hpp"
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
// A body up to here is copied behind its head: cheaper than a gather write.
constexpr std::size_t kCopiedBody = 8U << 10;
constexpr std::chrono::seconds kLinger{1};
constexpr std::chrono::seconds kReserveTimeout{2};

}  // namespace

HttpConnection::HttpConnection(ServerContext& context, ServerShard& shard, IoSocket socket,
                               ConnectionSlot slot, bool is_reserve)
    : context_(context),
      shard_(shard),
      socket_(std::move(socket)),
      slot_(std::move(slot)),
      is_reserve_(is_reserve),
      intake_(context.options.max_header_bytes) {
  error_code error;
  socket_.set_option(asio::ip::tcp::no_delay(true), error);
  socket_.non_blocking(true, error);
  const auto peer = socket_.remote_endpoint(error);
  if (!error) remote_ = peer.address().to_string();
  is_from_proxy_ = context_.options.trusted_proxies.trusts(remote_);
  shard_.connections.insert(this);
}

HttpConnection::~HttpConnection() {
  context_.body_bytes -= counted_body_;
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
  since_ = std::chrono::steady_clock::now();
  deadline_ = longest == Duration::max() ? Time::max() : since_ + longest;
}

void HttpConnection::close() {
  error_code ignored;
  socket_.close(ignored);
  is_broken_ = true;
}

void HttpConnection::check_deadline(Time now) {
  if (now < deadline_ || is_handed_over_) return;
  deadline_ = Time::max();
  if (phase_ != Phase::head && phase_ != Phase::body) return close();
  has_timed_out_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

void HttpConnection::begin_stop() {
  if (!is_handed_over_ && (phase_ == Phase::idle || phase_ == Phase::closing)) close();
}

std::optional<HttpConnection::GivesWay> HttpConnection::gives_way() const {
  if (is_broken_ || is_handed_over_) return {};
  switch (phase_) {
    case Phase::idle:
    case Phase::head:
    case Phase::closing:
      return GivesWay::first;
    case Phase::body:
    case Phase::writing:
      return GivesWay::when_no_other_does;
    case Phase::judging:
    case Phase::working:
      break;
  }
  return {};
}

HttpConnection::Task<void> HttpConnection::run() {
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
  co_await receive();
  if (is_broken_) co_return false;
  context_.requests.fetch_add(1, std::memory_order_relaxed);
  enter(Phase::working, Duration::max());

  const Fields& head = intake_.head();
  const FieldSource fields(head);
  const Request request = request_with(fields, intake_.body());
  Response response;
  if (!refusal_) {
    const auto hub = context_.live.empty() ? nullptr : find_hub(request.path());
    if (hub) {
      const bool is_open = co_await open_websocket(request, hub);
      if (is_open) co_return false;
    } else {
      response = co_await answer(request);
    }
  }
  if (refusal_) response = *refusal_;
  for (const auto& [name, value] : response.headers) {
    if (is_valid_header_name(name) && is_valid_header_value(value)) continue;
    log::error("{}: the answer has a bad header {}", request.path(), name);
    response = problem(500, "internal error; see the log");
    break;
  }
  const bool keep_alive = !refusal_ && intake_.keep_alive() && !context_.is_stopping && !is_reserve_;
  out_.clear();
  append_response_head(out_, response,
                       {keep_alive, head.version() >= 11, shard_.date_line, context_.static_head});
  const bool sends_body = head.method() != http::verb::head && may_have_body(response.status);
  co_await send_out(sends_body ? response.body_text() : std::string_view());
  co_return keep_alive;
}

void HttpConnection::begin_request() {
  intake_.begin();
  context_.body_bytes -= std::exchange(counted_body_, 0);
  sender_ = {remote_, false, ""};
  is_cross_site_ = false;
  admission_.reset();
  sent_continue_ = false;
  if (!intake_.is_empty()) return enter(Phase::head, head_time());
  enter(Phase::idle, is_reserve_ ? head_time() : context_.options.idle_timeout);
}

Duration HttpConnection::head_time() const {
  const Duration usual = context_.options.header_timeout;
  return is_reserve_ ? std::min<Duration>(kReserveTimeout, usual) : usual;
}

// False, with refusal_ set, when it must not.
bool HttpConnection::may_open_websocket(const Request& request, const LiveHub::State& hub) {
  const auto& options = context_.options;
  if (request.method() != Method::get) {
    fail(405, "a WebSocket is opened here, which begins with GET");
    refusal_->headers.add("Allow", "GET, HEAD");
  } else if (!is_origin_allowed(request.header("Origin").value_or(""),
                                {request.header("Host").value_or(""), sender_.host, sender_.is_https},
                                options.allowed_origins)) {
    fail(403, "WebSockets from pages of another origin are not allowed");
  } else if (!intake_.is_empty()) {
    fail(400, "data came before the WebSocket was open");
  } else if (hub.listeners >= hub.options.max_listeners ||
             hub.listeners >= std::max<std::size_t>(1, options.max_connections / 2) || context_.is_stopping) {
    fail(503, "too many listeners; try again later");
  }
  return !refusal_;
}

// Hands the connection over to a listener; false, with refusal_ set, when it must not.
HttpConnection::Task<bool> HttpConnection::open_websocket(const Request& request,
                                                          std::shared_ptr<LiveHub::State> hub) {
  if (!may_open_websocket(request, *hub)) co_return false;
  LiveHubOptions::Guest guest;
  if (hub->options.on_connect) {
    auto& crew = crew_of(request);
    if (!crew.enter()) {
      refusal_ = busy_answer();
      co_return false;
    }
    auto answer = co_await by_worker(crew, socket_.get_executor(),
                                     [&] { return guarded(hub->options.on_connect, request); });
    if (auto* const refused = std::get_if<Response>(&answer)) {
      refusal_ = std::move(*refused);
      co_return false;
    }
    guest = std::move(std::get<LiveHubOptions::Guest>(answer));
  }
  if (is_broken_) co_return false;
  LiveListener::Upgrade upgrade(intake_.head());
  // After the rights: a stranger is not told more than that they are one.
  if (!beast::websocket::is_upgrade(upgrade)) {
    fail(426, "a WebSocket is opened here");
    refusal_->headers.add("Upgrade", "websocket");
    co_return false;
  }
  is_handed_over_ = true;
  const auto listener = std::make_shared<LiveListener>(std::move(socket_), shard_.io, std::move(hub),
                                                       std::move(guest), std::move(*slot_));
  listener->accept(std::move(upgrade), context_.options.static_headers);
  co_return true;
}

HttpConnection::Task<Response> HttpConnection::answer(const Request& request) {
  if (context_.handlers.fast) {
    if (auto quick = guarded(context_.handlers.fast, request)) co_return std::move(*quick);
  }
  auto& crew = crew_of(request);
  if (!crew.enter()) co_return busy_answer();
  co_return co_await by_worker(crew, socket_.get_executor(),
                               [&] { return guarded(context_.handlers.handle, request); });
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
