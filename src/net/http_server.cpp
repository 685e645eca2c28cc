#include "net/http_server.hpp"

#include <fmt/format.h>

#include <boost/asio.hpp>
#include <thread>

#include "base/log.hpp"
#include "net/descriptors.hpp"
#include "net/http_connection.hpp"
#include "net/live_listener.hpp"

namespace linnet::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using IoAcceptor = asio::basic_socket_acceptor<tcp, IoExecutor>;

constexpr std::chrono::milliseconds kSweepEvery{250};
constexpr std::chrono::milliseconds kAcceptPause{100};  // when the system has no more sockets for us
constexpr std::chrono::minutes kComplainEvery{1};
constexpr unsigned kAsideThreads = 1;

std::string date_line_now() {
  static constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{now - day};
  return fmt::format("Date: {}, {:02} {} {:04} {:02}:{:02}:{:02} GMT\r\n",
                     kDays[std::chrono::weekday{day}.c_encoding()], static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

Status check_options(const HttpServerOptions& options, const HttpHandlers& handlers) {
  if (!handlers.handle) return invalid("HTTP server: no handler");
  if (options.io_threads == 0 || options.io_threads > 64)
    return invalid("HTTP server: io_threads must be 1 to 64");
  if (options.worker_threads == 0 || options.worker_threads > 256) {
    return invalid("HTTP server: worker_threads must be 1 to 256");
  }
  if (options.max_header_bytes < 256 || options.max_header_bytes > (1U << 20)) {
    return invalid("HTTP server: max_header_bytes must be 256 to 1048576");
  }
  return check_headers(options.static_headers);
}

// Without room for a file nothing works, the emergency stop and our own connections included.
void fit_to_descriptors(HttpServerOptions& options) {
  const auto files = count_descriptors();
  const auto reserved = options.own_descriptors + options.reserved_connections;
  const auto fitting = connections_that_fit(options.max_connections, files, reserved);
  if (fitting < options.max_connections) {
    log::warn(
        "this process may have {} files open: at most {} connections are taken at once, instead of {} "
        "(ulimit -n, or LimitNOFILE of systemd, gives more)",
        files.limit, fitting, options.max_connections);
  }
  options.max_connections = fitting;
}

}  // namespace

class HttpServer::Core {
 public:
  Core(HttpServerOptions options, HttpHandlers handlers) {
    context_.options = std::move(options);
    context_.handlers = std::move(handlers);
    for (const auto& [name, value] : context_.options.static_headers) {
      context_.static_head += fmt::format("{}: {}\r\n", name, value);
    }
    for (const auto& [path, hub] : context_.handlers.live) context_.live.emplace_back(path, hub->state());
  }
  ~Core() { stop(); }
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  Status start();
  void stop();
  [[nodiscard]] const tcp::endpoint& endpoint() const { return endpoint_; }
  [[nodiscard]] const ServerContext& context() const { return context_; }

 private:
  Status listen();
  void accept_next();
  void take(IoSocket socket, ServerShard& shard);
  static bool make_room(ServerShard& shard, bool among_reserves);
  void complain(const error_code& error);
  void sweep(ServerShard& shard, const std::shared_ptr<asio::steady_timer>& timer);
  void drain();

  ServerContext context_;
  std::vector<std::unique_ptr<ServerShard>> shards_;
  std::vector<asio::executor_work_guard<IoExecutor>> work_;
  std::unique_ptr<IoAcceptor> acceptor_;
  tcp::endpoint endpoint_;
  std::size_t next_shard_ = 0;
  std::chrono::steady_clock::time_point last_complaint_;
  std::vector<std::thread> threads_;
};

Status HttpServer::Core::start() {
  fit_to_descriptors(context_.options);
  const auto& options = context_.options;
  for (const auto lane : {Lane::usual, Lane::slow, Lane::urgent}) {
    auto& crew = context_.crews.at(static_cast<std::size_t>(lane));
    const bool is_usual = lane == Lane::usual;
    crew.workers = std::make_unique<asio::thread_pool>(is_usual ? options.worker_threads : kAsideThreads);
    crew.max_pending = is_usual ? options.max_pending_work : options.max_pending_aside;
  }
  for (unsigned i = 0; i < context_.options.io_threads; ++i) {
    auto& shard = *shards_.emplace_back(std::make_unique<ServerShard>());
    work_.push_back(asio::make_work_guard(shard.io));
    shard.date_line = date_line_now();
  }
  LINNET_CHECK(listen());
  for (const auto& shard : shards_) {
    sweep(*shard, std::make_shared<asio::steady_timer>(shard->io));
    threads_.emplace_back([&io = shard->io] { io.run(); });
  }
  asio::post(shards_.front()->io, [this] { accept_next(); });
  return {};
}

Status HttpServer::Core::listen() {
  const auto& options = context_.options;
  error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) return invalid(fmt::format("HTTP server: '{}' is not an IP address", options.address));
  context_.is_loopback = address.is_loopback();
  acceptor_ = std::make_unique<IoAcceptor>(shards_.front()->io);
  const tcp::endpoint wanted(address, options.port);
  acceptor_->open(wanted.protocol(), error);
  if (!error) acceptor_->set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_->bind(wanted, error);
  if (!error) acceptor_->listen(asio::socket_base::max_listen_connections, error);
  if (!error) endpoint_ = acceptor_->local_endpoint(error);
  if (!error) return {};
  const auto why =
      error == asio::error::address_in_use
          ? std::string(
                "the port is taken, perhaps by another linnet; --port takes another, 0 any that is free")
          : error.message();
  return unavailable(fmt::format("cannot listen on {}:{}: {}", options.address, options.port, why));
}

// Connections go to the I/O threads in turn.
void HttpServer::Core::accept_next() {
  if (context_.is_stopping) return;
  ServerShard& shard = *shards_[next_shard_++ % shards_.size()];
  auto socket = std::make_shared<IoSocket>(shard.io);
  acceptor_->async_accept(*socket, [this, socket, &shard](const error_code& error) {
    if (error == asio::error::operation_aborted || context_.is_stopping) return;
    if (!error) {
      asio::dispatch(shard.io, [this, socket, &shard] { take(std::move(*socket), shard); });
      return accept_next();
    }
    complain(error);
    auto pause = std::make_shared<asio::steady_timer>(shards_.front()->io, kAcceptPause);
    pause->async_wait([this, pause](const error_code&) { accept_next(); });
  });
}

// Once a minute, for it comes again with every try. Whoever asks nothing gives room.
void HttpServer::Core::complain(const error_code& error) {
  for (const auto& shard : shards_) asio::post(shard->io, [&shard = *shard] { make_room(shard, false); });
  const auto now = std::chrono::steady_clock::now();
  if (last_complaint_.time_since_epoch().count() != 0 && now - last_complaint_ < kComplainEvery) return;
  last_complaint_ = now;
  log::warn("HTTP server: cannot accept a connection: {}", error.message());
}

// The connection ends which nothing was asked for longest; false when somebody works for each.
bool HttpServer::Core::make_room(ServerShard& shard, bool among_reserves) {
  using GivesWay = HttpConnection::GivesWay;
  HttpConnection* best = nullptr;
  GivesWay best_way{};
  for (HttpConnection* const connection : shard.connections) {
    const auto way = connection->gives_way();
    if (!way || connection->is_reserve() != among_reserves) continue;
    const bool is_better =
        best == nullptr || *way < best_way || (*way == best_way && connection->since() < best->since());
    if (!is_better) continue;
    best = connection;
    best_way = *way;
  }
  if (best != nullptr) best->give_way();
  return best != nullptr;
}

void HttpServer::Core::take(IoSocket socket, ServerShard& shard) {
  const auto& options = context_.options;
  const bool is_reserve = context_.connections >= options.max_connections && !make_room(shard, false);
  if (is_reserve && context_.reserved >= options.reserved_connections && !make_room(shard, true)) {
    ++context_.refused;
    return;  // the socket closes here
  }
  if (!is_reserve) ++context_.accepted;
  ConnectionSlot slot(is_reserve ? context_.reserved : context_.connections);
  std::make_shared<HttpConnection>(context_, shard, std::move(socket), std::move(slot), is_reserve)->start();
}

void HttpServer::Core::sweep(ServerShard& shard, const std::shared_ptr<asio::steady_timer>& timer) {
  shard.date_line = date_line_now();
  const auto now = std::chrono::steady_clock::now();
  for (HttpConnection* connection : shard.connections) connection->check_deadline(now);
  timer->expires_after(kSweepEvery);
  timer->async_wait([this, &shard, timer](const error_code& error) {
    if (!error) sweep(shard, timer);
  });
}

void HttpServer::Core::stop() {
  if (context_.is_stopping.exchange(true)) return;
  if (!threads_.empty()) drain();
  for (auto& crew : context_.crews) {
    if (crew.workers) crew.workers->join();
  }
  for (const auto& shard : shards_) shard->io.stop();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
  for (const auto& shard : shards_) {
    for (const auto& [path, hub] : context_.live) hub->detach(shard->io);
  }
}

void HttpServer::Core::drain() {
  asio::post(shards_.front()->io, [this] {
    error_code ignored;
    acceptor_->close(ignored);
  });
  for (const auto& shard : shards_) {
    asio::post(shard->io, [this, &shard = *shard] {
      for (HttpConnection* connection : shard.connections) connection->begin_stop();
      for (const auto& [path, hub] : context_.live) hub->shard_of(shard.io)->close_all();
    });
  }
  const auto give_up = std::chrono::steady_clock::now() + context_.options.drain_timeout;
  while (context_.connections + context_.reserved > 0 && std::chrono::steady_clock::now() < give_up) {
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
}

HttpServer::HttpServer(std::unique_ptr<Core> core) : core_(std::move(core)) {}
HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::start(HttpServerOptions options, HttpHandlers handlers) {
  LINNET_CHECK(check_options(options, handlers));
  auto core = std::make_unique<Core>(std::move(options), std::move(handlers));
  LINNET_CHECK(core->start());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(core)));
}

std::uint16_t HttpServer::port() const {
  return core_->endpoint().port();
}

std::string HttpServer::url() const {
  const auto address = core_->endpoint().address();
  return address.is_v6() ? fmt::format("http://[{}]:{}", address.to_string(), port())
                         : fmt::format("http://{}:{}", address.to_string(), port());
}

HttpServerStats HttpServer::stats() const {
  const auto& context = core_->context();
  return {context.requests, context.accepted, context.refused, context.connections};
}

void HttpServer::stop() {
  core_->stop();
}

}  // namespace linnet::net
