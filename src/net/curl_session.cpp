#include "net/curl_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "base/text.hpp"
#include "net/network_guard.hpp"
#include "net/url.hpp"

namespace linnet::net {
namespace {

using SteadyClock = std::chrono::steady_clock;

long millis(Duration duration) {
  return static_cast<long>(
      std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::milliseconds>(duration).count()));
}

// For messages: a query may hold a token.
std::string without_query(const std::string& url) {
  return url.substr(0, url.find_first_of("?#"));
}

Error cancelled() {
  return Error::of(ErrorKind::cancelled, "stopped while waiting for a server");
}

Error error_for_code(CURLcode code, const char* detail, const std::string& url) {
  const std::string_view text = *detail != '\0' ? std::string_view(detail) : curl_easy_strerror(code);
  const std::string message = fmt::format("{}: {}", without_query(url), to_valid_utf8(text));
  switch (code) {
    case CURLE_URL_MALFORMAT:
      return invalid(message);
    case CURLE_OUT_OF_MEMORY:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_UNKNOWN_OPTION:
    case CURLE_FAILED_INIT:
      return internal_error(message);
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION: {
      auto error = unavailable(message);
      error.never_sent = true;
      if (code == CURLE_COULDNT_RESOLVE_HOST) {
        const auto address = parse_url(url);
        error.safe = fmt::format("there is no server {}, or this machine is offline",
                                 address ? address->host : without_query(url));
      }
      return error;
    }
    default:
      return unavailable(message);
  }
}

void initialise_curl_once() {
  static const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)result;
}

// As libcurl reads the environment.
bool uses_proxy(const std::string& scheme) {
  const auto is_set = [](const char* name) {
    const char* const value = std::getenv(name);
    return value != nullptr && *value != '\0';
  };
  if (is_set("all_proxy") || is_set("ALL_PROXY")) return true;
  return scheme == "http" ? is_set("http_proxy") : is_set("https_proxy") || is_set("HTTPS_PROXY");
}

// A proxy looks names up itself, so that only written addresses can be judged.
Status check_host_behind_proxy(const std::string& host) {
  const auto bare = host.front() == '[' ? host.substr(1, host.size() - 2) : host;
  const auto address = parse_ip(bare);
  if (!address || may_connect(*address)) return {};
  return connection_refused(host, *address);
}

}  // namespace

CurlSession::CurlSession(const CurlOptions& options)
    : options_(options),
      multi_((initialise_curl_once(), curl_multi_init()), &curl_multi_cleanup),
      easy_(curl_easy_init(), &curl_easy_cleanup),
      header_list_(nullptr, &curl_slist_free_all) {}

CurlSession::~CurlSession() = default;

Status CurlSession::perform(const CurlExchange& exchange, const CurlSink& sink, const std::stop_token& stop) {
  if (!multi_ || !easy_) return internal_error("libcurl gives no handle");
  if (stop.stop_requested()) return cancelled();
  sink_ = &sink;
  failure_ = {};
  refusal_.reset();
  body_.reset();
  status_ = 0;
  headers_ = {};
  has_head_ = false;
  window_bytes_ = 0;
  window_start_ = last_byte_ = SteadyClock::now();
  error_text_[0] = '\0';
  LINNET_CHECK(prepare(exchange));
  curl_multi_add_handle(multi_.get(), easy_.get());
  Status result = run(exchange, stop);
  curl_multi_remove_handle(multi_.get(), easy_.get());
  return result;
}

Status CurlSession::prepare(const CurlExchange& exchange) {
  LINNET_TRY(const Url url, parse_url(exchange.url));
  if (url.scheme != "http" && url.scheme != "https")
    return invalid("expected an http or https URL, got " + url.scheme);
  CURL* easy = easy_.get();
  curl_easy_reset(easy);
  curl_easy_setopt(easy, CURLOPT_URL, url.to_string().c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  // Otherwise a slow name server would hold up a cancelled request.
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, options_.user_agent.c_str());
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_text_);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, millis(exchange.request->connect_timeout));
  // On a kept connection curl sends anew by itself when nothing came back.
  if (!exchange.request->may_be_repeated) curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  if (exchange.compressed) curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  if (!options_.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
  if (is_loopback_host(url.host)) curl_easy_setopt(easy, CURLOPT_PROXY, "");
  host_ = url.host;
  if (is_loopback_host(url.host) || !uses_proxy(url.scheme)) {
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &CurlSession::on_open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  } else {
    LINNET_CHECK(check_host_behind_proxy(url.host));
    // No exceptions from the proxy: a direct connection would go unjudged.
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
  }
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &CurlSession::on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &CurlSession::on_write);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  return set_method_and_body(exchange);
}

Status CurlSession::set_method_and_body(const CurlExchange& exchange) {
  CURL* easy = easy_.get();
  if (!is_valid_header_name(exchange.method)) return invalid("the HTTP method is not a token");
  const auto& request = *exchange.request;
  LINNET_CHECK(check_headers(request.headers));
  const bool sends_body = exchange.with_body && exchange.method != "GET" && exchange.method != "HEAD";
  if (sends_body && request.file) LINNET_CHECK(body_.emplace(*request.file).open());
  curl_slist* list = nullptr;
  const auto append = [&](const std::string& line) {
    if (curl_slist* longer = curl_slist_append(list, line.c_str())) list = longer;
  };
  for (const auto& [name, value] : request.headers) {
    // A semicolon is curl's way to write an empty field.
    append(value.empty() ? fmt::format("{};", name) : fmt::format("{}: {}", name, value));
  }
  append("Expect:");
  if (exchange.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  } else if (sends_body && request.file) {
    if (!request.headers.find("Content-Type")) append("Content-Type:");
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.file->length()));
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, &CurlSession::on_read);
    curl_easy_setopt(easy, CURLOPT_READDATA, this);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, &CurlSession::on_seek);
    curl_easy_setopt(easy, CURLOPT_SEEKDATA, this);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, exchange.method.c_str());
  } else if (sends_body && (!request.body.empty() || exchange.method != "DELETE")) {
    if (!request.headers.find("Content-Type")) append("Content-Type:");
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, exchange.method.c_str());
  } else if (exchange.method != "GET") {
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, exchange.method.c_str());
  }
  header_list_.reset(list);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
  return {};
}

Status CurlSession::run(const CurlExchange& exchange, const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] { curl_multi_wakeup(multi_.get()); });
  while (true) {
    int running = 0;
    if (curl_multi_perform(multi_.get(), &running) != CURLM_OK)
      return internal_error("curl_multi_perform failed");
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg == CURLMSG_DONE) return finish(message->data.result, exchange);
    }
    if (stop.stop_requested()) return cancelled();
    if (exchange.deadline && SteadyClock::now() >= *exchange.deadline) {
      return unavailable(without_query(exchange.url) + ": no whole answer in time");
    }
    LINNET_CHECK(check_pace(exchange));
    int wait = 250;
    if (exchange.deadline) {
      const auto left_time =
          std::chrono::ceil<std::chrono::milliseconds>(*exchange.deadline - SteadyClock::now());
      wait = static_cast<int>(std::clamp<std::int64_t>(left_time.count(), 1, wait));
    }
    curl_multi_poll(multi_.get(), nullptr, 0, wait, nullptr);
  }
}

// Silence on a stream, or an answer that drips. Before the head only time-outs hold: a server may think.
Status CurlSession::check_pace(const CurlExchange& exchange) {
  const auto now = SteadyClock::now();
  if (exchange.idle_timeout) {
    if (now - last_byte_ < *exchange.idle_timeout) return {};
    return unavailable(fmt::format("{}: nothing came for {} ms", without_query(exchange.url),
                                   millis(*exchange.idle_timeout)));
  }
  if (!has_head_ || now - window_start_ < options_.low_speed_time) return {};
  const double seconds = std::chrono::duration<double>(now - window_start_).count();
  if (static_cast<double>(window_bytes_) <
      seconds * static_cast<double>(options_.low_speed_bytes_per_second)) {
    return unavailable(without_query(exchange.url) + ": the answer comes too slowly");
  }
  window_start_ = now;
  window_bytes_ = 0;
  return {};
}

Status CurlSession::finish(CURLcode code, const CurlExchange& exchange) {
  if (!failure_) return failure_;
  if (code == CURLE_COULDNT_CONNECT && refusal_) return *refusal_;
  if (code != CURLE_OK) return error_for_code(code, error_text_, exchange.url);
  if (!has_head_) return unavailable(without_query(exchange.url) + ": the server gave no HTTP answer");
  return {};
}

void CurlSession::take_header_line(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  if (line.substr(0, 5) == "HTTP/") {
    headers_ = {};
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    status_ = static_cast<int>(status);
    return;
  }
  if (line.empty()) {
    if (status_ < 200 || has_head_) return;  // 100 Continue, or trailers
    has_head_ = true;
    window_start_ = SteadyClock::now();
    failure_ = sink_->on_head(status_, headers_);
    return;
  }
  const auto colon = line.find(':');
  if (has_head_ || colon == std::string_view::npos) return;
  headers_.add(std::string(line.substr(0, colon)), std::string(trim(line.substr(colon + 1))));
}

// Called with each address of the host that is tried: the name may have changed its meaning since it was
// checked.
curl_socket_t CurlSession::on_open_socket(void* self, curlsocktype /*purpose*/, curl_sockaddr* address) {
  auto& session = *static_cast<CurlSession*>(self);
  if (!may_connect(&address->addr)) {
    session.refusal_ = connection_refused(session.host_, &address->addr);
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype, address->protocol);
}

std::size_t CurlSession::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto& session = *static_cast<CurlSession*>(self);
  session.last_byte_ = SteadyClock::now();
  session.take_header_line({data, size * count});
  return session.failure_ ? size * count : 0;
}

std::size_t CurlSession::on_read(char* room, std::size_t size, std::size_t count, void* self) {
  auto& session = *static_cast<CurlSession*>(self);
  session.last_byte_ = SteadyClock::now();
  const auto got = session.body_->read(room, size * count);
  if (got) return *got;
  // Part of it may have left: whether the server makes anything of that is not known.
  session.failure_ = got.error();
  return CURL_READFUNC_ABORT;
}

int CurlSession::on_seek(void* self, curl_off_t offset, int origin) {
  if (origin != SEEK_SET || offset < 0) return CURL_SEEKFUNC_CANTSEEK;
  static_cast<CurlSession*>(self)->body_->seek(static_cast<std::uint64_t>(offset));
  return CURL_SEEKFUNC_OK;
}

std::size_t CurlSession::on_write(char* data, std::size_t size, std::size_t count, void* self) {
  auto& session = *static_cast<CurlSession*>(self);
  session.last_byte_ = SteadyClock::now();
  session.window_bytes_ += size * count;
  if (session.failure_) session.failure_ = session.sink_->on_body({data, size * count});
  return session.failure_ ? size * count : CURL_WRITEFUNC_ERROR;
}

Result<std::optional<std::string>> redirect_target(Redirects policy, const std::string& url, int status,
                                                   const Headers& headers) {
  const bool is_redirect = status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  if (!is_redirect || policy == Redirects::refuse) return std::optional<std::string>{};
  const auto location = headers.find("Location");
  if (!location) return std::optional<std::string>{};
  LINNET_TRY(const std::string target, resolve_url(url, *location));
  LINNET_TRY(const Url from, parse_url(url));
  LINNET_TRY(const Url to, parse_url(target));
  const bool is_upgrade =
      from.scheme == "http" && to.scheme == "https" && from.has_default_port() && to.has_default_port();
  if (from.host == to.host && (from.origin() == to.origin() || is_upgrade)) return std::optional(target);
  return invalid(fmt::format("{} redirects to {}, another server: not followed", from.origin(), to.origin()));
}

}  // namespace linnet::net
