// How Linnet asks an HTTP server something: one request, one whole answer.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "net/headers.hpp"

namespace linnet::net {

enum class Redirects {
  refuse,     // an answer 3xx is handed back as it is
  same_host,  // followed within the same scheme, host and port (or from http to https of one host); anything
              // else is an error
};

// A body that is read from disk while it is sent: a film is too large for memory.
struct FileBody {
  std::string before;  // what goes before the file, and behind it
  std::string path;
  std::uint64_t size = 0;  // of the file; one that has become shorter ends the request
  std::string behind;
  [[nodiscard]] std::uint64_t length() const { return before.size() + size + behind.size(); }
};
// All of it, for whoever does not send it in pieces.
Result<std::string> read_whole(const FileBody& body);

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // http or https, absolute
  Headers headers;
  std::string body;
  std::optional<FileBody> file;  // instead of `body`
  Duration connect_timeout = std::chrono::seconds{10};
  Duration timeout = std::chrono::seconds{30};  // for the whole exchange, redirects included
  std::size_t max_body_bytes = 16U << 20;       // of the answer, counted after decompression
  Redirects redirects = Redirects::same_host;
  // Whether it may be sent again unasked when a kept connection turns out to be closed. False for what must
  // not be done twice: it then goes over a connection of its own.
  bool may_be_repeated = true;
};

struct HttpResponse {
  int status = 0;
  Headers headers;
  std::string body;
  std::string url;  // the one that answered, after redirects
};

// The door to the outside that tests replace. Implementations are thread-safe.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  // Any status, 404 and 500 included, is a value; an error means that there is no whole answer:
  // `invalid` (URL, header, redirect to another host), `unavailable` (network, TLS, timeout, answer too
  // large), `cancelled` (stop requested). Error::never_sent says that no connection was made.
  virtual Result<HttpResponse> send(const HttpRequest& request, std::stop_token stop) = 0;
};

// The error that a status means: 401, 403 and 451 denied; 404 and 410 not_found; 409 conflict; 429
// rate_limited; 408, 425 and 5xx unavailable; any other 4xx invalid; 1xx and 3xx unavailable. `what` names
// the request.
Error error_for_status(int status, std::string_view what);

// Nothing for 2xx, else the error above with the start of the body in the log text.
Status check_status(const HttpResponse& response, std::string_view what);

}  // namespace linnet::net
