#include "net/curl_transport.hpp"

#include <fmt/format.h>

#include <vector>

#include "base/guarded.hpp"
#include "net/curl_session.hpp"

namespace linnet::net {
namespace {

constexpr int kMostRedirects = 5;
constexpr std::size_t kIdleSessions = 8;

// What a redirected request becomes (RFC 9110, 15.4): after 303, and after 301 and 302 to a POST, a GET.
void turn_into_get(CurlExchange& exchange, int status) {
  const bool is_post = exchange.method == "POST";
  if ((status == 303 && exchange.method != "HEAD") || (is_post && (status == 301 || status == 302))) {
    exchange.method = "GET";
    exchange.with_body = false;
  }
}

Result<HttpResponse> exchange_once(CurlSession& session, const CurlExchange& exchange,
                                   const std::stop_token& stop) {
  HttpResponse response;
  response.url = exchange.url;
  const std::size_t most = exchange.request->max_body_bytes;
  CurlSink sink;
  sink.on_head = [&](int status, const Headers& headers) -> Status {
    response.status = status;
    response.headers = headers;
    return {};
  };
  sink.on_body = [&](std::string_view bytes) -> Status {
    if (bytes.size() > most - response.body.size()) {
      return unavailable(fmt::format("the answer is larger than {} bytes", most));
    }
    response.body += bytes;
    return {};
  };
  LINNET_CHECK(session.perform(exchange, sink, stop));
  return response;
}

}  // namespace

class CurlTransport::Pool {
 public:
  explicit Pool(CurlOptions options) : options_(std::move(options)) {}

  std::unique_ptr<CurlSession> take() {
    auto session = idle_.with([](auto& idle) {
      std::unique_ptr<CurlSession> last;
      if (!idle.empty()) {
        last = std::move(idle.back());
        idle.pop_back();
      }
      return last;
    });
    return session ? std::move(session) : std::make_unique<CurlSession>(options_);
  }

  void give_back(std::unique_ptr<CurlSession> session) {
    idle_.with([&](auto& idle) {
      if (idle.size() < kIdleSessions) idle.push_back(std::move(session));
    });
  }

 private:
  const CurlOptions options_;
  Guarded<std::vector<std::unique_ptr<CurlSession>>> idle_;
};

CurlTransport::CurlTransport(CurlOptions options) : pool_(std::make_unique<Pool>(std::move(options))) {}
CurlTransport::~CurlTransport() = default;

Result<HttpResponse> CurlTransport::send(const HttpRequest& request, std::stop_token stop) {
  CurlExchange exchange;
  exchange.request = &request;
  exchange.method = request.method;
  exchange.url = request.url;
  exchange.deadline = std::chrono::steady_clock::now() + request.timeout;
  auto session = pool_->take();
  for (int redirects = 0; redirects <= kMostRedirects; ++redirects) {
    auto response = exchange_once(*session, exchange, stop);
    // A session is kept after a failure too: curl closes the connection that failed.
    if (!response) {
      pool_->give_back(std::move(session));
      return response.error();
    }
    auto target = redirect_target(request.redirects, exchange.url, response->status, response->headers);
    if (!target || !*target) {
      pool_->give_back(std::move(session));
      if (!target) return target.error();
      return response;
    }
    turn_into_get(exchange, response->status);
    exchange.url = **target;
  }
  pool_->give_back(std::move(session));
  return invalid(fmt::format("more than {} redirects", kMostRedirects));
}

}  // namespace linnet::net
