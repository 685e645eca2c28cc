#include "api/answerer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "api/auth.hpp"
#include "api/limits.hpp"
#include "base/json_fields.hpp"
#include "base/log.hpp"
#include "base/memory.hpp"
#include "base/text.hpp"
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
constexpr std::size_t kLargeAnswer = std::size_t{1} << 20U;
constexpr std::size_t kMostUnreturned = std::size_t{16} << 20U;
constexpr std::string_view kOpenApi = "/api/openapi.json";
constexpr std::string_view kDocs = "/api/docs";

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

// What is answered here is about people: neither the browser nor a proxy keeps it, unless it says so itself.
net::Response not_kept(net::Response response) {
  if (!response.headers.find("Cache-Control")) response.headers.add("Cache-Control", "no-store");
  return response;
}

// What a database of one kind would keep, and the other refuse, and no JSON could show.
bool is_readable(std::string_view text) {
  return is_valid_utf8(text) && text.find('\0') == std::string_view::npos;
}

Status check_readable(const net::Request& request) {
  const auto& segments = request.segments();
  if (!std::all_of(segments.begin(), segments.end(), is_readable))
    return invalid("the address: expected text in UTF-8 without NUL between its slashes; escape it anew");
  for (const auto& [name, value] : request.query_parameters()) {
    if (!is_readable(value))
      return invalid(
          fmt::format("{}: expected text in UTF-8 without NUL; escape it anew", truncate_utf8(name, 60)));
  }
  return {};
}

// Why this route is not for them; nullopt: it is.
std::optional<net::Response> refusal_of(const Route& route, const net::Request& request,
                                        const govern::Who& who) {
  if (!route.is_open_to(who)) return refuse(who, route.permission);
  if (route.permission == govern::Permission::open) {
    // Signing in changes nothing that a session could be tricked into.
  } else if (request.is_cross_site()) {
    // While nobody has a password a browser needs no cookie for this, and a picture's address is enough.
    return net::problem(403, "requests from pages of another site are not answered; open the address itself");
  } else if (const auto shown = check_csrf(who, request); !shown) {
    return net::problem(403, shown.error().safe);
  }
  for (const auto& [name, value] : request.query_parameters()) {
    if (std::find(route.parameters.begin(), route.parameters.end(), name) == route.parameters.end()) {
      return net::problem(invalid(fmt::format(
          "{}: not a parameter of {}; it takes: {}", truncate_utf8(name, 60), route.pattern,
          route.parameters.empty() ? "none" : fmt::format("{}", fmt::join(route.parameters, ", ")))));
    }
  }
  if (const auto readable = check_readable(request); !readable) return net::problem(readable.error());
  return {};
}

// Whether the web app answers there: it has every address that is not the API's.
bool is_of_app(std::string_view path) {
  return !path.starts_with("/api/");
}

}  // namespace

Answerer::Answerer(Api& api) : api_(api) {
  for (const auto family : api_.dependencies.routes) {
    auto routes = family();
    std::move(routes.begin(), routes.end(), std::back_inserter(routes_));
  }
}

// Made when they are first asked for: few do, and a start waits for nothing that nobody reads.
const Answerer::Documents& Answerer::documents() {
  std::call_once(documents_made_, [this] {
    documents_.openapi =
        std::make_shared<const std::string>(openapi_document(routes_, api_.dependencies.version));
    documents_.page = docs_page(routes_);
  });
  return documents_;
}

std::optional<net::Response> Answerer::from_memory(const net::Request& request) {
  if (request.method() != net::Method::get) return {};
  if (auto body = cache_.find(request.target(), api_.dependencies.clock.now())) {
    const auto who = authenticate_from_memory(*api_.dependencies.people, request);
    if (!who || !who->may(govern::Permission::read) || request.is_cross_site()) return {};
    ++api_.requests;
    const auto allowance = count_request(api_, *who, request);
    if (allowance && !allowance->is_allowed) {
      ++api_.problems;
      return not_kept(too_many_requests(*allowance, api_.dependencies.clock.now()));
    }
    net::Response response{200, std::string(kJson), std::move(body), {}};
    if (allowance) add_allowance(response.headers, *allowance);
    return not_kept(std::move(response));
  }
  if (!is_of_app(request.path()) || is_route(request.path())) return {};
  return asset(request);
}

bool Answerer::is_route(std::string_view path) const {
  return std::any_of(routes_.begin(), routes_.end(),
                     [&](const Route& route) { return route.pattern == path; });
}

net::Response Answerer::answer(const net::Request& request) {
  const auto ahead = ahead_of_readers(request);
  return counted(answer_uncounted(request));
}

net::Response Answerer::counted(net::Response response) {
  ++api_.requests;
  if (const auto size = response.body_text().size(); size >= kLargeAnswer) large_bytes_ += size;
  if (response.status >= 400) ++api_.problems;
  return not_kept(std::move(response));
}

std::variant<net::Admission, net::Response> Answerer::admit(const net::Request& request) {
  const auto ahead = ahead_of_readers(request);
  const auto path = request.path();
  const bool is_for_all = path == kOpenApi || path == kDocs || (is_of_app(path) && !is_route(path));
  if (request.method() == net::Method::get && is_for_all) return net::Admission{kSmallBody, nullptr};
  auto judged = judge(request);
  if (auto* const refused = std::get_if<net::Response>(&judged)) return counted(std::move(*refused));
  const auto& asked = std::get<Asked>(judged);
  const auto& route = *asked.route;
  net::Admission admission{route.max_body_bytes, nullptr};
  if (!route.open_sink) return admission;
  auto sink = route.open_sink(api_, asked.who, request);
  if (!sink) return counted(net::problem(sink.error()));
  admission.sink = std::move(*sink);
  return admission;
}

// What a few large answers were made from would stay with the program for good.
void Answerer::tidy() {
  cache_.tidy(api_.dependencies.clock.now());
  if (large_bytes_ < kMostUnreturned) return;
  large_bytes_ = 0;
  give_memory_back();
}

// Four slow questions must not keep the emergency stop waiting, nor make it look as if it had failed.
std::unique_ptr<store::ReadsWithoutWaiting> Answerer::ahead_of_readers(const net::Request& request) const {
  const bool is_urgent = lane_of(request) == net::Lane::urgent;
  return is_urgent ? std::make_unique<store::ReadsWithoutWaiting>() : nullptr;
}

net::Lane Answerer::lane_of(const net::Request& request) const {
  if (request.method() != net::Method::post) return net::Lane::usual;
  for (const auto& route : routes_) {
    const bool is_aside = route.lane != net::Lane::usual && route.method == request.method();
    if (is_aside && match(route.pattern, request.segments())) return route.lane;
  }
  return net::Lane::usual;
}

net::Response Answerer::answer_uncounted(const net::Request& request) {
  const auto path = request.path();
  if (request.method() == net::Method::get && path == kOpenApi)
    return {200, std::string(kJson), documents().openapi, {}};
  if (request.method() == net::Method::get && path == kDocs) {
    return {200,
            "text/html; charset=utf-8",
            documents().page,
            {{"Content-Security-Policy",
              "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
              "frame-ancestors 'none'"}}};
  }
  auto judged = judge(request);
  if (auto* const refused = std::get_if<net::Response>(&judged)) return std::move(*refused);
  auto& asked = std::get<Asked>(judged);
  auto response = answer_route(request, asked);
  if (asked.allowance) add_allowance(response.headers, *asked.allowance);
  return response;
}

// Everything that can be said of a request without its body. One whose body was let in is judged once more
// when that is there, for rights may have gone in between; it is counted once.
std::variant<Answerer::Asked, net::Response> Answerer::judge(const net::Request& request) {
  const auto path = request.path();
  if (path == kOpenApi || path == kDocs) return not_taken(kReads);
  auto who = authenticate(*api_.dependencies.people, request);
  if (!who) return unauthorised(who.error());
  Asked asked;
  asked.who = std::move(*who);
  asked.allowance = request.is_admitted() ? allowance_left(api_, asked.who, request)
                                          : count_request(api_, asked.who, request);
  if (asked.allowance && !asked.allowance->is_allowed)
    return too_many_requests(*asked.allowance, api_.dependencies.clock.now());
  auto refused = find_route(request, asked);
  if (!refused) return asked;
  if (asked.allowance) add_allowance(refused->headers, *asked.allowance);
  return std::move(*refused);
}

// The route and its values into `asked`; or why it is not answered.
std::optional<net::Response> Answerer::find_route(const net::Request& request, Asked& asked) const {
  bool is_read_there = false;
  bool is_changed_there = false;
  for (const auto& route : routes_) {
    auto values = match(route.pattern, request.segments());
    if (!values) continue;
    if (route.method == request.method()) {
      asked.route = &route;
      asked.values = std::move(*values);
      return refusal_of(route, request, asked.who);
    }
    (route.method == net::Method::post ? is_changed_there : is_read_there) = true;
  }
  if (is_read_there && is_changed_there) return not_taken("GET, HEAD, POST");
  if (is_changed_there) return not_taken("POST");
  if (is_read_there || is_of_app(request.path())) return not_taken(kReads);
  return net::problem(404, "there is nothing at this address; /api/docs lists what there is");
}

namespace {

// What a route does not read is not passed over: whoever sent it meant something by it.
Status refuse_unread_body(const Route& route, const net::Request& request) {
  if (route.method != net::Method::post || route.request_schema != nullptr || route.open_sink) return {};
  if (trim(request.body()).empty()) return {};
  LINNET_TRY(const auto body, parse_json_object("body", request.body()));
  if (body.empty()) return {};
  return invalid(fmt::format("{}: expected nothing, or {{}}; this address takes no members",
                             truncate_utf8(std::string_view(body.begin()->key()), 60)));
}

}  // namespace

net::Response Answerer::answer_route(const net::Request& request, Asked& asked) {
  const Route& route = *asked.route;
  net::Headers headers;
  std::string content_type(route.content_type);
  if (const auto unread = refuse_unread_body(route, request); !unread)
    return problem_of(unread.error(), headers);
  const auto result =
      route.handler({api_, request, std::move(asked.values), asked.who, headers, content_type});
  if (!result) {
    if (result.error().kind == ErrorKind::internal)
      log::error("{}: {}", route.pattern, result.error().message);
    return problem_of(result.error(), headers);
  }
  if (content_type != kJson)
    return {route.status, content_type, std::string(result.value().as_string()), headers};
  auto body = std::make_shared<const std::string>(json::serialize(result.value()));
  const bool is_kept = route.freshness == Freshness::kept && route.permission == govern::Permission::read;
  if (route.method == net::Method::get && is_kept)
    cache_.put(request.target(), body, api_.dependencies.clock.now());
  return {route.status, std::string(kJson), std::move(body), std::move(headers)};
}

Route with_body(std::size_t most, Route route) {
  route.max_body_bytes = most;
  return route;
}

Route as_command(std::string_view words, Route route) {
  route.command = words;
  return route;
}

Route takes_lines(Route route) {
  route.takes = "application/x-ndjson";
  route.request_schema = [](json::object&) {
    return json::object{{"type", "string"},
                        {"examples", json::array{R"({"event":"delete","payload":"1154"})"}}};
  };
  return route;
}

Route in_lane(net::Lane lane, Route route) {
  route.lane = lane;
  return route;
}

}  // namespace linnet::api
