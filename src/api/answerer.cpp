#include "api/answerer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "api/auth.hpp"
#include "api/limits.hpp"
#include "base/log.hpp"
#include "web/assets.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;

// The values of {…} when the path fits the pattern.
std::optional<std::vector<std::string>> match(std::string_view pattern,
                                              const std::vector<std::string>& segments) {
  std::vector<std::string> values;
  std::size_t i = 0;
  while (!pattern.empty()) {
    pattern.remove_prefix(1);  // the slash
    const auto end = std::min(pattern.find('/'), pattern.size());
    const auto part = pattern.substr(0, end);
    pattern.remove_prefix(end);
    if (i == segments.size()) return {};
    if (part.starts_with('{')) {
      values.push_back(segments[i]);
    } else if (part != segments[i]) {
      return {};
    }
    ++i;
  }
  if (i != segments.size()) return {};
  return values;
}

net::Response asset(const net::Request& request) {
  const auto* file = web::find_asset(request.path());
  if (file == nullptr) file = web::find_asset("/index.html");
  if (file == nullptr) return net::problem(404, "the web app is not part of this program");
  net::Response response;
  response.headers = {{"ETag", std::string(file->etag)},
                      {"Cache-Control", "no-cache"},
                      {"Vary", "Accept-Encoding"},
                      {"Content-Security-Policy", std::string(web::kContentSecurityPolicy)}};
  response.content_type = std::string(file->content_type);
  if (request.header("If-None-Match") == file->etag) {
    response.status = 304;
    return response;
  }
  const bool zipped = !file->gzip_body.empty() && request.accepts_encoding("gzip");
  if (zipped) response.headers.add("Content-Encoding", "gzip");
  response.body = std::string(zipped ? file->gzip_body : file->body);
  return response;
}

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kReads = "GET, HEAD";

net::Response not_taken(std::string_view allowed) {
  auto response = net::problem(405, fmt::format("this address takes {}", allowed));
  response.headers.add("Allow", std::string(allowed));
  return response;
}

// With what the handler put into the head.
net::Response problem_of(const Error& error, const net::Headers& headers) {
  const bool asks_who = error.kind == ErrorKind::denied && headers.find(kAsksWho);
  auto response = asks_who ? net::problem(401, error.safe) : net::problem(error);
  response.headers = headers;
  return response;
}

// Whether the web app answers there: it has every address that is not the API's.
bool is_of_app(std::string_view path) {
  return !path.starts_with("/api/");
}

}  // namespace

Answerer::Answerer(Api& api) : api_(api) {
  for (auto* family :
       {&status_routes, &post_routes, &hashtag_routes, &event_routes, &summary_routes, &forkalytics_routes,
        &forkalytics_topic_routes, &session_routes, &access_routes, &account_routes, &action_routes,
        &govern_routes, &message_routes, &person_routes, &platform_routes}) {
    auto routes = (*family)();
    std::move(routes.begin(), routes.end(), std::back_inserter(routes_));
  }
  openapi_ = std::make_shared<const std::string>(openapi_document(routes_, api_.dependencies.version));
  docs_ = docs_page(routes_);
}

std::optional<net::Response> Answerer::from_memory(const net::Request& request) {
  if (request.method() != net::Method::get) return {};
  if (auto body = cache_.find(request.target(), api_.dependencies.clock.now())) {
    const auto who = authenticate_from_memory(*api_.dependencies.people, request);
    if (!who || !who->may(govern::Permission::read)) return {};
    ++api_.requests;
    const auto allowance = count_request(api_, *who, request);
    if (allowance && !allowance->is_allowed) {
      ++api_.problems;
      return too_many_requests(*allowance, api_.dependencies.clock.now());
    }
    net::Response response{200, std::string(kJson), std::move(body), {}};
    if (allowance) add_allowance(response.headers, *allowance);
    return response;
  }
  if (!is_of_app(request.path())) return {};
  if (std::any_of(routes_.begin(), routes_.end(),
                  [&](const Route& route) { return route.pattern == request.path(); }))
    return {};
  return asset(request);
}

net::Response Answerer::answer(const net::Request& request) {
  ++api_.requests;
  auto response = answer_uncounted(request);
  if (response.status >= 400) ++api_.problems;
  return response;
}

net::Response Answerer::answer_uncounted(const net::Request& request) {
  const auto path = request.path();
  const bool is_read = request.method() == net::Method::get;
  if (!is_read && (path == "/api/openapi.json" || path == "/api/docs")) return not_taken(kReads);
  if (path == "/api/openapi.json") return {200, "application/json", openapi_, {}};
  if (path == "/api/docs") {
    return {200,
            "text/html; charset=utf-8",
            docs_,
            {{"Content-Security-Policy",
              "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
              "frame-ancestors 'none'"}}};
  }
  const auto who = authenticate(*api_.dependencies.people, request);
  if (!who) return unauthorised(who.error());
  const auto allowance = count_request(api_, *who, request);
  if (!allowance) return answer_to(*who, request);
  if (!allowance->is_allowed) return too_many_requests(*allowance, api_.dependencies.clock.now());
  auto response = answer_to(*who, request);
  add_allowance(response.headers, *allowance);
  return response;
}

net::Response Answerer::answer_to(const govern::Who& who, const net::Request& request) {
  bool is_read_there = false;
  bool is_changed_there = false;
  for (const auto& route : routes_) {
    auto values = match(route.pattern, request.segments());
    if (!values) continue;
    if (route.method == request.method()) return answer_route(route, request, std::move(*values), who);
    (route.method == net::Method::post ? is_changed_there : is_read_there) = true;
  }
  if (is_read_there && is_changed_there) return not_taken("GET, HEAD, POST");
  if (is_changed_there) return not_taken("POST");
  if (is_read_there || is_of_app(request.path())) return not_taken(kReads);
  return net::problem(404, "there is nothing at this address; /api/docs lists what there is");
}

net::Response Answerer::answer_route(const Route& route, const net::Request& request,
                                     std::vector<std::string> values, const govern::Who& who) {
  if (!route.is_open_to(who)) return refuse(who, route.permission);
  // Signing in changes nothing that a session could be tricked into.
  const bool needs_csrf = route.permission != govern::Permission::open;
  if (const auto shown = check_csrf(who, request); needs_csrf && !shown)
    return net::problem(403, shown.error().safe);
  for (const auto& [name, value] : request.query_parameters()) {
    if (std::find(route.parameters.begin(), route.parameters.end(), name) == route.parameters.end()) {
      return net::problem(invalid(fmt::format(
          "{}: not a parameter of {}; it takes: {}", name.substr(0, 60), route.pattern,
          route.parameters.empty() ? "none" : fmt::format("{}", fmt::join(route.parameters, ", ")))));
    }
  }
  net::Headers headers;
  std::string content_type(route.content_type);
  const auto result = route.handler({api_, request, std::move(values), who, headers, content_type});
  if (!result) {
    if (result.error().kind == ErrorKind::internal)
      log::error("{}: {}", route.pattern, result.error().message);
    return problem_of(result.error(), headers);
  }
  if (route.freshness == Freshness::live) headers.add("Cache-Control", "no-store");
  if (content_type != kJson)
    return {route.status, content_type, std::string(result.value().as_string()), headers};
  auto body = std::make_shared<const std::string>(json::serialize(result.value()));
  const bool is_kept = route.freshness == Freshness::kept && route.permission == govern::Permission::read;
  const bool is_job = route.pattern.starts_with("/api/v1/jobs");
  if (route.method == net::Method::get && is_kept && !is_job)
    cache_.put(request.target(), body, api_.dependencies.clock.now());
  return {route.status, "application/json", std::move(body), std::move(headers)};
}

}  // namespace linnet::api
