#include "net/event_source.hpp"

#include <fmt/format.h>

#include "base/ascii.hpp"
#include "base/text.hpp"
#include "net/curl_session.hpp"

namespace linnet::net {
namespace {

constexpr int kMostRedirects = 5;
constexpr std::string_view kEventStream = "text/event-stream";

bool is_event_stream(const Headers& headers) {
  const auto type = headers.find("Content-Type").value_or("");
  return ascii::equal_ignoring_case(trim(type.substr(0, type.find(';'))), kEventStream);
}

}  // namespace

Status CurlEventSource::stream(const EventStreamRequest& request,
                               const std::function<Status(const ServerEvent&)>& on_event,
                               std::stop_token stop) {
  HttpRequest http = request.http;
  http.headers.set("Accept", std::string(kEventStream));
  http.headers.set("Cache-Control", "no-store");
  if (!request.last_event_id.empty()) http.headers.set("Last-Event-ID", request.last_event_id);
  CurlExchange exchange;
  exchange.request = &http;
  exchange.method = http.method;
  exchange.url = http.url;
  exchange.compressed = false;  // a compressed stream would be held back until a block is full
  exchange.idle_timeout = request.idle_timeout;
  if (request.most_time) exchange.deadline = std::chrono::steady_clock::now() + *request.most_time;

  CurlSession session(options_);
  for (int redirects = 0; redirects <= kMostRedirects; ++redirects) {
    std::optional<std::string> target;
    EventParser parser(request.max_event_bytes, request.last_event_id);
    CurlSink sink;
    sink.on_head = [&](int status, const Headers& headers) -> Status {
      LINNET_TRY(target, redirect_target(http.redirects, exchange.url, status, headers));
      if (target) return {};
      if (status != 200) return error_for_status(status, "event stream");
      if (!is_event_stream(headers))
        return unavailable("the server answered 200, but not with an event stream");
      if (request.on_open) request.on_open();
      return {};
    };
    sink.on_body = [&](std::string_view bytes) -> Status {
      return target ? Status{} : parser.feed(bytes, on_event);
    };
    LINNET_CHECK(session.perform(exchange, sink, stop));
    if (!target) return unavailable("the server ended the event stream");
    exchange.url = *target;
  }
  return invalid(fmt::format("more than {} redirects", kMostRedirects));
}

}  // namespace linnet::net
