#include "net/http_message.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/json_text.hpp"
#include "base/text.hpp"
#include "net/url.hpp"

namespace linnet::net {
namespace {

struct OwnedMessage final : HeaderSource {
  std::string target;
  std::string body;
  Headers headers;
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const override {
    return headers.find(name);
  }
  [[nodiscard]] std::string joined(std::string_view name) const override { return headers.joined(name); }
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// True for "q=0", "q=0.0" and the like.
bool is_refused(std::string_view parameters) {
  const auto q = parameters.find("q=");
  if (q == std::string_view::npos) return false;
  const auto value = trimmed(parameters.substr(q + 2));
  return !value.empty() && value.find_first_not_of("0.") == std::string_view::npos;
}

}  // namespace

Request::Request(Method method, std::string_view target, std::string_view body, const HeaderSource& headers,
                 RequestContext context)
    : method_(method),
      target_(target),
      path_(target),
      body_(body),
      context_(std::move(context)),
      headers_(&headers) {
  if (const auto mark = target.find('?'); mark != std::string_view::npos) {
    path_ = target.substr(0, mark);
    query_ = target.substr(mark + 1);
  }
}

Request Request::make(Method method, std::string target, Headers headers, std::string body) {
  auto owned = std::make_shared<OwnedMessage>();
  owned->target = std::move(target);
  owned->headers = std::move(headers);
  owned->body = std::move(body);
  RequestContext context;
  context.remote = "127.0.0.1";
  Request request(method, owned->target, owned->body, *owned, context);
  request.owned_ = std::move(owned);
  return request;
}

std::optional<std::string_view> Request::header(std::string_view name) const {
  return headers_->find(name);
}

const std::vector<std::string>& Request::segments() const {
  if (segments_) return *segments_;
  segments_.emplace();
  std::string_view rest = path_;
  while (!rest.empty()) {
    const auto slash = std::min(rest.find('/'), rest.size());
    const auto segment = rest.substr(0, slash);
    if (!segment.empty()) segments_->push_back(percent_decode(segment).value_or(std::string(segment)));
    rest.remove_prefix(std::min(slash + 1, rest.size()));
  }
  return *segments_;
}

const std::vector<std::pair<std::string, std::string>>& Request::query_parameters() const {
  if (!parameters_) parameters_ = parse_query(query_);
  return *parameters_;
}

std::optional<std::string> Request::query(std::string_view name) const {
  for (const auto& [key, value] : query_parameters()) {
    if (key == name) return value;
  }
  return std::nullopt;
}

bool Request::accepts_encoding(std::string_view coding) const {
  auto rest = header("Accept-Encoding").value_or("");
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    const auto item = rest.substr(0, comma);
    const auto semicolon = std::min(item.find(';'), item.size());
    if (ascii::equal_ignoring_case(trimmed(item.substr(0, semicolon)), coding))
      return !is_refused(item.substr(semicolon));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return false;
}

std::string_view Response::body_text() const {
  if (const auto* text = std::get_if<std::string>(&body)) return *text;
  const auto& shared = std::get<1>(body);
  return shared ? std::string_view(*shared) : std::string_view();
}

Response problem(int status, std::string_view detail) {
  Response response;
  response.status = status;
  response.content_type = "application/problem+json";
  std::string body = R"({"type":"about:blank","title":)";
  append_json_text(body, reason_phrase(status));
  body += R"(,"status":)" + std::to_string(status) + R"(,"detail":)";
  append_json_text(body, to_valid_utf8(detail));
  body += '}';
  response.body = std::move(body);
  return response;
}

int http_status(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
      return 400;
    case ErrorKind::not_found:
      return 404;
    case ErrorKind::conflict:
      return 409;
    case ErrorKind::denied:
      return 403;
    case ErrorKind::rate_limited:
      return 429;
    case ErrorKind::unavailable:
    case ErrorKind::cancelled:
      return 503;
    case ErrorKind::corrupt:
    case ErrorKind::internal:
      break;
  }
  return 500;
}

Response problem(const Error& error) {
  return problem(http_status(error.kind), error.safe);
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    case 507:
      return "Insufficient Storage";
    default:
      return "";
  }
}

}  // namespace linnet::net
