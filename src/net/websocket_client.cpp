#include "net/websocket_client.hpp"

#include <fmt/format.h>

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <optional>

#include "base/text.hpp"
#include "net/client_stream.hpp"
#include "net/http_transport.hpp"
#include "net/network_guard.hpp"
#include "net/url.hpp"

namespace linnet::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;
namespace websocket = beast::websocket;

using boost::system::error_code;
using Deadline = std::chrono::steady_clock::time_point;

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::seconds kSendTimeout{30};
constexpr std::chrono::seconds kCloseTimeout{2};
constexpr std::chrono::milliseconds kHangUpTimeout{500};

Error cancelled() {
  return Error::of(ErrorKind::cancelled, "stopped while waiting for a WebSocket");
}

Error error_for(const error_code& code, std::string_view what) {
  const std::string message = fmt::format("WebSocket: {}: {}", what, code.message());
  if (code == websocket::error::message_too_big || code == websocket::error::buffer_overflow)
    return invalid(message);
  const bool is_protocol = code.category() == make_error_code(websocket::error::bad_opcode).category() &&
                           code != websocket::error::closed && code != websocket::error::upgrade_declined;
  return is_protocol ? invalid(message) : unavailable(message);
}

// Brackets are for URLs only.
std::string bare_host(const std::string& host) {
  return host.front() == '[' ? host.substr(1, host.size() - 2) : host;
}

}  // namespace

// An io_context that runs only inside the blocking calls.
class WebSocketClient::Connection {
 public:
  // Without `tls` the connection is not encrypted.
  explicit Connection(std::unique_ptr<ssl::context> tls)
      : tls_(std::move(tls)), ws_(ClientStream::executor_type(io_.get_executor()), tls_.get()) {}
  ~Connection() { abort(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Status open(const WebSocketRequest& request, const Url& url, const std::stop_token& stop,
              WebSocketHandshake& answer) {
    bool done = false;
    Status result;
    asio::co_spawn(
        io_, shake_hands(request, url, answer), [&](const std::exception_ptr& thrown, Status status) {
          result = thrown ? internal_error("WebSocket: an exception while connecting") : std::move(status);
          done = true;
        });
    const auto is_done = [&] { return done; };
    const auto outcome = run_until(is_done, std::chrono::steady_clock::now() + request.connect_timeout, stop);
    if (outcome == Outcome::done) {
      is_open_ = result.ok();
      return result;
    }
    // The coroutine refers to what the caller owns: it must end before we return.
    resolver_.cancel();
    error_code ignored;
    lowest().socket().close(ignored);
    run_until_done([&] { return done; });
    if (outcome == Outcome::stopped) return cancelled();
    return unavailable(fmt::format("WebSocket: {} did not accept in time", url.origin()));
  }

  Result<std::optional<WebSocketMessage>> read(Duration timeout, const std::stop_token& stop) {
    if (!is_open_) return unavailable("WebSocket: the connection is closed");
    // A message may have come whole while something was being sent.
    if (!is_reading_ && !read_done_) start_read();
    const auto outcome = run_until([&] { return read_done_ || !ws_.is_open(); },
                                   std::chrono::steady_clock::now() + timeout, stop);
    if (outcome == Outcome::timed_out) return std::optional<WebSocketMessage>{};
    if (outcome == Outcome::stopped) return fail(cancelled());
    hang_up();
    if (read_error_) return fail(error_for(read_error_, "read"));
    WebSocketMessage message;
    message.binary = ws_.got_binary();
    message.data = beast::buffers_to_string(buffer_.data());
    buffer_.consume(buffer_.size());
    read_done_ = false;
    return std::optional(std::move(message));
  }

  Status send_text(std::string_view text, const std::stop_token& stop) {
    if (!is_open_) return unavailable("WebSocket: the connection is closed");
    outgoing_ = std::string(text);
    bool done = false;
    error_code result;
    ws_.text(true);
    is_writing_ = true;
    ws_.async_write(asio::buffer(outgoing_), [&](const error_code& code, std::size_t) {
      result = code;
      done = true;
      is_writing_ = false;
    });
    const auto outcome =
        run_until([&] { return done; }, std::chrono::steady_clock::now() + kSendTimeout, stop);
    if (outcome == Outcome::stopped) return fail(cancelled());
    if (outcome == Outcome::timed_out)
      return fail(unavailable("WebSocket: the server does not take our message"));
    if (result) return fail(error_for(result, "send"));
    return {};
  }

  void close() {
    if (!is_open_) return;
    is_open_ = false;
    bool done = false;
    ws_.async_close(websocket::close_code::normal, [&](const error_code&) { done = true; });
    run_until([&] { return done; }, std::chrono::steady_clock::now() + kCloseTimeout, {});
    abort();
    run_until_done([&] { return done; });
  }

  [[nodiscard]] int close_code() const { return ws_.reason().code; }

 private:
  enum class Outcome { done, timed_out, stopped };

  template <typename IsDone>
  Outcome run_until(const IsDone& is_done, Deadline deadline, const std::stop_token& stop) {
    const std::stop_callback wake(stop, [this] { asio::post(io_, [] {}); });
    while (!is_done()) {
      if (stop.stop_requested()) return Outcome::stopped;
      if (io_.run_one_until(deadline) == 0 && std::chrono::steady_clock::now() >= deadline) {
        return is_done() ? Outcome::done : Outcome::timed_out;
      }
    }
    return Outcome::done;
  }

  // For what is sure to end: operations on a socket that is closed.
  template <typename IsDone>
  void run_until_done(const IsDone& is_done) {
    while (!is_done()) io_.run_one();
  }

  beast::tcp_stream& lowest() { return beast::get_lowest_layer(ws_); }

  asio::awaitable<Status> shake_hands(const WebSocketRequest& request, const Url& url,
                                      WebSocketHandshake& answer) {
    const std::string host = bare_host(url.host);
    auto [resolve_error, endpoints] =
        co_await resolver_.async_resolve(host, std::to_string(url.port), kAsTuple);
    if (resolve_error) co_return error_for(resolve_error, "look up " + host);
    std::vector<asio::ip::tcp::endpoint> allowed;
    for (const auto& found : endpoints) {
      if (may_connect(found.endpoint().data())) allowed.push_back(found.endpoint());
    }
    if (allowed.empty()) co_return connection_refused(host, endpoints.begin()->endpoint().data());
    auto [connect_error, endpoint] = co_await lowest().async_connect(allowed, kAsTuple);
    if (connect_error) co_return error_for(connect_error, "connect to " + url.origin());
    error_code ignored;
    lowest().socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    auto [tls_error] = co_await ws_.next_layer().async_secure(host, kAsTuple);
    if (tls_error) co_return error_for(tls_error, "TLS with " + url.origin());
    set_options(request);
    websocket::response_type response;
    const std::string authority =
        url.has_default_port() ? url.host : fmt::format("{}:{}", url.host, url.port);
    auto [error] = co_await ws_.async_handshake(response, authority, url.target(), kAsTuple);
    answer.status = response.result_int() == 0 || (error && error != websocket::error::upgrade_declined)
                        ? 0
                        : static_cast<int>(response.result_int());
    for (const auto& field : response) {
      answer.headers.add(std::string(field.name_string()), std::string(field.value()));
    }
    if (error == websocket::error::upgrade_declined) {
      co_return error_for_status(answer.status, "WebSocket handshake with " + url.origin());
    }
    if (error) co_return error_for(error, "handshake with " + url.origin());
    set_timeouts(request, kCloseTimeout);
    co_return Status{};
  }

  void set_timeouts(const WebSocketRequest& request, Duration handshake) {
    // Beast pings after half of idle_timeout.
    websocket::stream_base::timeout timeouts{};
    timeouts.handshake_timeout = std::chrono::ceil<std::chrono::milliseconds>(handshake);  // of closing, too
    timeouts.idle_timeout = std::chrono::ceil<std::chrono::milliseconds>(request.ping_every) * 2;
    timeouts.keep_alive_pings = true;
    ws_.set_option(timeouts);
  }

  void set_options(const WebSocketRequest& request) {
    set_timeouts(request, request.connect_timeout);
    ws_.read_message_max(request.max_message_bytes);
    ws_.set_option(websocket::stream_base::decorator([request](websocket::request_type& message) {
      message.set(http::field::user_agent, request.user_agent);
      if (!request.subprotocol.empty()) message.set(http::field::sec_websocket_protocol, request.subprotocol);
      for (const auto& [name, value] : request.headers) message.set(name, value);
    }));
  }

  void start_read() {
    is_reading_ = true;
    read_done_ = false;
    ws_.async_read(buffer_, [this](const error_code& code, std::size_t) {
      read_error_ = code;
      read_done_ = true;
      is_reading_ = false;
    });
  }

  Error fail(Error error) {
    abort();
    return error;
  }

  // After a close frame or a broken message Beast waits for the server to end the TCP connection: not for
  // long. The end of what we receive, rather than a closed socket, keeps the reason as the read's error.
  void hang_up() {
    if (read_done_) return;
    run_until([&] { return read_done_; }, std::chrono::steady_clock::now() + kHangUpTimeout, {});
    error_code ignored;
    lowest().socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    run_until_done([&] { return read_done_; });
  }

  // Ends the connection and what is under way on it.
  void abort() {
    is_open_ = false;
    error_code ignored;
    lowest().socket().close(ignored);
    run_until_done([&] { return !is_reading_ && !is_writing_; });
  }

  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(io_);
  std::unique_ptr<ssl::context> tls_;  // outlives its stream
  websocket::stream<ClientStream, false> ws_;
  asio::ip::tcp::resolver resolver_{io_};
  beast::flat_buffer buffer_;
  std::string outgoing_;
  error_code read_error_;
  bool is_open_ = false;
  bool is_reading_ = false;
  bool is_writing_ = false;
  bool read_done_ = false;
};

namespace {

Result<std::unique_ptr<ssl::context>> make_tls(const WebSocketRequest& request) {
  auto context = std::make_unique<ssl::context>(ssl::context::tls_client);
  error_code error;
  context->set_options(ssl::context::default_workarounds | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1,
                       error);
  if (request.ca_file.empty()) {
    context->set_default_verify_paths(error);
  } else {
    context->load_verify_file(request.ca_file, error);
  }
  if (error) return error_for(error, "load the certificate authorities");
  context->set_verify_mode(ssl::verify_peer, error);
  return context;
}

}  // namespace

Result<WebSocketClient> WebSocketClient::connect(const WebSocketRequest& request, const std::stop_token& stop,
                                                 WebSocketHandshake* answer) {
  LINNET_TRY(const Url url, parse_url(request.url));
  if (url.scheme != "ws" && url.scheme != "wss")
    return invalid("expected a ws or wss URL, got " + url.scheme);
  LINNET_CHECK(check_headers(request.headers));
  if (!is_valid_header_value(request.subprotocol) || !is_valid_header_value(request.user_agent)) {
    return invalid("WebSocket: a header value holds a control character");
  }
  std::unique_ptr<ssl::context> tls;
  if (url.scheme == "wss") {
    LINNET_TRY(tls, make_tls(request));
  }
  auto connection = std::make_unique<Connection>(std::move(tls));
  WebSocketHandshake received;
  const Status opened = connection->open(request, url, stop, received);
  if (answer != nullptr) *answer = std::move(received);
  if (!opened) return opened.error();
  return WebSocketClient(std::move(connection));
}

WebSocketClient::WebSocketClient(std::unique_ptr<Connection> connection)
    : connection_(std::move(connection)) {}
WebSocketClient::WebSocketClient(WebSocketClient&&) noexcept = default;
WebSocketClient& WebSocketClient::operator=(WebSocketClient&&) noexcept = default;
WebSocketClient::~WebSocketClient() = default;

Result<std::optional<WebSocketMessage>> WebSocketClient::read(Duration timeout, const std::stop_token& stop) {
  return connection_->read(timeout, stop);
}

Status WebSocketClient::send_text(std::string_view text, const std::stop_token& stop) {
  return connection_->send_text(text, stop);
}

void WebSocketClient::close() {
  connection_->close();
}

int WebSocketClient::close_code() const {
  return connection_->close_code();
}

}  // namespace linnet::net
