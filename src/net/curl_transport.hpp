// HttpTransport by libcurl.
#pragma once

#include <memory>
#include <string>

#include "net/http_transport.hpp"

namespace linnet::net {

struct CurlOptions {
  std::string user_agent = "Linnet/0.1";
  // Given up when less than this arrives for this long, though the time-out is not reached.
  long low_speed_bytes_per_second = 10;
  Duration low_speed_time = std::chrono::seconds{20};
  std::string ca_file;  // PEM; empty for the system's store
};

// Keeps connections open for reuse; HTTP/2 over TLS, compressed answers. Thread-safe: each request in flight
// has its own handle. A stop request ends a transfer at once.
class CurlTransport final : public HttpTransport {
 public:
  explicit CurlTransport(CurlOptions options = {});
  ~CurlTransport() override;
  CurlTransport(const CurlTransport&) = delete;
  CurlTransport& operator=(const CurlTransport&) = delete;

  Result<HttpResponse> send(const HttpRequest& request, std::stop_token stop) override;

 private:
  class Pool;
  std::unique_ptr<Pool> pool_;
};

}  // namespace linnet::net
