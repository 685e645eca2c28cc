// What the HTTP server hands to a handler, and what it gets back.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "net/headers.hpp"

namespace linnet::net {

enum class Method : std::uint8_t { get, post, put, patch, del, options, other };

// Where a request's header fields come from.
class HeaderSource {
 public:
  virtual ~HeaderSource() = default;
  [[nodiscard]] virtual std::optional<std::string_view> find(std::string_view name) const = 0;
  // All fields of that name, joined by ", " as RFC 9110 allows; empty when there is none.
  [[nodiscard]] virtual std::string joined(std::string_view name) const = 0;
};

// Takes the body of a request piece by piece, where it is too large for memory. Used by one worker thread at
// a time.
class BodySink {
 public:
  virtual ~BodySink() = default;
  // An error refuses the request.
  virtual Status take(std::string_view piece) = 0;
};

// What the server knows of a request beside what it says.
struct RequestContext {
  std::string_view remote;         // the sender's address without port
  bool is_https = false;           // it came to a trusted proxy by https
  bool is_cross_site = false;      // a page of another site made the browser send it
  bool is_admitted = false;        // HttpHandlers::admit let its body in
  std::shared_ptr<BodySink> sink;  // where its body went; null: into body()
};

// One request. Views are valid while the handler runs. Not thread-safe.
class Request {
 public:
  Request(Method method, std::string_view target, std::string_view body, const HeaderSource& headers,
          RequestContext context);
  // A request that owns what it holds, for tests.
  static Request make(Method method, std::string target, Headers headers = {}, std::string body = {});

  // HEAD reads as get: the server sends the head of the answer only.
  [[nodiscard]] Method method() const { return method_; }
  [[nodiscard]] std::string_view target() const { return target_; }  // path and query as received
  [[nodiscard]] std::string_view path() const {
    return path_;
  }  // as received, percent-encoded, without query
  [[nodiscard]] std::string_view query_string() const { return query_; }
  [[nodiscard]] std::string_view body() const { return body_; }
  // The sender's address without port: the peer's, or what a trusted proxy says it is.
  [[nodiscard]] std::string_view remote() const { return context_.remote; }
  // Whether it came to a trusted proxy by https.
  [[nodiscard]] bool is_https() const { return context_.is_https; }
  // Whether a page of another site had it sent, as far as browsers tell.
  [[nodiscard]] bool is_cross_site() const { return context_.is_cross_site; }
  // Whether it was judged by its head already, before its body was read.
  [[nodiscard]] bool is_admitted() const { return context_.is_admitted; }
  [[nodiscard]] const std::shared_ptr<BodySink>& sink() const { return context_.sink; }
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;

  // The path's segments, decoded: "/api/v1/a%2Fb" is {"api", "v1", "a/b"}, "/" is {}. Empty segments are left
  // out. A broken %XX is kept as it is written. Decoded on first use.
  [[nodiscard]] const std::vector<std::string>& segments() const;
  // The first query parameter of that name, decoded.
  [[nodiscard]] std::optional<std::string> query(std::string_view name) const;
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& query_parameters() const;
  // True when the client lists this coding ("gzip") in Accept-Encoding and does not rule it out by q=0.
  [[nodiscard]] bool accepts_encoding(std::string_view coding) const;

 private:
  Method method_;
  std::string_view target_;
  std::string_view path_;
  std::string_view query_;
  std::string_view body_;
  RequestContext context_;
  const HeaderSource* headers_;
  std::shared_ptr<const void> owned_;
  mutable std::optional<std::vector<std::string>> segments_;
  mutable std::optional<std::vector<std::pair<std::string, std::string>>> parameters_;
};

struct Response {
  // A shared body goes out without being copied: for answers that are kept.
  using Body = std::variant<std::string, std::shared_ptr<const std::string>>;

  int status = 200;
  std::string content_type = "application/json";  // empty: no such header
  Body body;
  Headers headers;  // besides Content-Type, Content-Length, Date, Connection and the server's static ones

  [[nodiscard]] std::string_view body_text() const;
};

// RFC 9457: {"type":"about:blank","title":…,"status":…,"detail":…}
Response problem(int status, std::string_view detail);
// The one table from error kinds to statuses; the detail is the error's safe text.
int http_status(ErrorKind kind);
Response problem(const Error& error);
// "Not Found" for 404; "" for what has no name.
std::string_view reason_phrase(int status);

}  // namespace linnet::net
