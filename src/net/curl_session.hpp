// One libcurl handle with its connections. Private to this library: curl shows in no other header.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "net/body_reader.hpp"
#include "net/curl_transport.hpp"
#include "net/http_transport.hpp"

namespace linnet::net {

// Where an answer goes as it comes. An error from either ends the transfer and is returned.
struct CurlSink {
  std::function<Status(int status, const Headers& headers)> on_head;
  std::function<Status(std::string_view bytes)> on_body;
};

struct CurlExchange {
  const HttpRequest* request = nullptr;
  std::string method;  // as after redirects
  std::string url;
  bool with_body = true;
  bool compressed = true;
  std::optional<std::chrono::steady_clock::time_point> deadline;
  std::optional<Duration> idle_timeout;  // the longest time without a byte; else CurlOptions' low speed holds
};

// Not thread-safe: one exchange at a time. Redirects are not followed.
class CurlSession {
 public:
  explicit CurlSession(const CurlOptions& options);
  ~CurlSession();
  CurlSession(const CurlSession&) = delete;
  CurlSession& operator=(const CurlSession&) = delete;

  Status perform(const CurlExchange& exchange, const CurlSink& sink, const std::stop_token& stop);

 private:
  Status prepare(const CurlExchange& exchange);
  Status set_method_and_body(const CurlExchange& exchange);
  Status run(const CurlExchange& exchange, const std::stop_token& stop);
  Status check_pace(const CurlExchange& exchange);
  Status finish(CURLcode code, const CurlExchange& exchange);
  void take_header_line(std::string_view line);

  static curl_socket_t on_open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_read(char* room, std::size_t size, std::size_t count, void* self);
  static int on_seek(void* self, curl_off_t offset, int origin);
  static std::size_t on_write(char* data, std::size_t size, std::size_t count, void* self);

  const CurlOptions& options_;
  std::unique_ptr<CURLM, CURLMcode (*)(CURLM*)> multi_;
  std::unique_ptr<CURL, void (*)(CURL*)> easy_;
  std::unique_ptr<curl_slist, void (*)(curl_slist*)> header_list_;

  const CurlSink* sink_ = nullptr;
  std::optional<BodyReader> body_;  // of a body that comes from a file
  Status failure_;
  std::optional<Error> refusal_;  // of an address that may not be connected to
  std::string host_;
  int status_ = 0;
  Headers headers_;
  bool has_head_ = false;
  std::size_t window_bytes_ = 0;
  std::chrono::steady_clock::time_point window_start_;
  std::chrono::steady_clock::time_point last_byte_;
  char error_text_[CURL_ERROR_SIZE] = {};
};

// Where a 3xx sends us, by the request's policy: nullopt when the answer is to be taken as it is, `invalid`
// when it leads to another host or from https to http.
Result<std::optional<std::string>> redirect_target(Redirects policy, const std::string& url, int status,
                                                   const Headers& headers);

}  // namespace linnet::net
