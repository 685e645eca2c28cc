// The table of routes: what is served, and what the OpenAPI document says of it, are the same list.
#pragma once

#include <atomic>
#include <boost/json.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyze/totals.hpp"
#include "api/api_server.hpp"
#include "govern/access.hpp"
#include "govern/request_limits.hpp"
#include "jobs/job_store.hpp"
#include "net/http_message.hpp"
#include "net/http_server.hpp"

namespace linnet::api {

// What handlers work with.
struct Api {
  explicit Api(ApiDependencies given) : dependencies(std::move(given)) {}
  ApiDependencies dependencies;
  Instant started_at{};
  std::function<std::size_t()> listeners;
  std::atomic<double> events_per_second{0};  // of the last second
  analyze::Totals totals;
  govern::RequestLimits request_limits;
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> problems{0};
};

// One request, with what its path held in place of {name}.
struct Call {
  Api& api;
  const net::Request& request;
  std::vector<std::string> path;  // the values, in order
  const govern::Who& who;
  // What a handler adds to the answer's head: the cookie of a session. It goes out with errors too.
  net::Headers& headers;
  // Of the answer, where it is not the route's own.
  std::string& content_type;
};

using Answer = Result<boost::json::value>;

enum class Freshness {
  kept,  // the answer is kept for a moment and given to all who may have it
  live,  // made anew each time: it changes at once, or depends on who asks
};

// Most bytes of a request's body: names, passwords and reasons, what people write, and what brings files or
// long lists along.
inline constexpr std::size_t kSmallBody = std::size_t{16} << 10U;
inline constexpr std::size_t kUsualBody = std::size_t{1} << 20U;
inline constexpr std::size_t kLargeBody = std::size_t{16} << 20U;

struct Route {
  govern::Permission permission;  // no route is without one
  net::Method method;
  std::string_view pattern;  // "/api/v1/posts/{instance_id}/{id}"
  std::string_view summary;
  std::vector<std::string_view> parameters;  // of the query; others are refused
  std::function<Answer(const Call&)> handler;
  int status = 200;
  Freshness freshness = Freshness::kept;
  std::string_view content_type = "application/json";    // of anything else the handler gives the bytes
  std::optional<govern::Permission> or_permission = {};  // one that does as well
  std::size_t max_body_bytes = kUsualBody;
  net::Lane lane = net::Lane::usual;
  // Where the body goes as it comes, for bodies too large for memory; the handler finds it in the request.
  using OpenSink =
      std::function<Result<std::shared_ptr<net::BodySink>>(Api&, const govern::Who&, const net::Request&)>;
  OpenSink open_sink = {};
  // Schemas of what it takes and gives (typed_routes.hpp); what they refer to goes into `components`.
  using SchemaOf = boost::json::object (*)(boost::json::object& components);
  SchemaOf request_schema = nullptr;
  SchemaOf answer_schema = nullptr;
  std::string_view takes = "application/json";  // what its body is
  // "hashtags show": the command line has it as well, made of the same description (app/route_commands.hpp).
  std::string_view command = {};

  [[nodiscard]] bool is_open_to(const govern::Who& who) const {
    return who.may(permission) || (or_permission && who.may(*or_permission));
  }
};

// Asks for a job of this kind, in the name of whoever asks: {"job": its number}. `conflict` while another
// runs. `in_its_transaction` puts in what has to know the number.
Answer ask_for_job(
    const Call& call, std::string_view kind, const jobs::NewJob& job,
    const std::function<Status(store::Connection&, jobs::JobId)>& in_its_transaction =
        [](store::Connection&, jobs::JobId) { return Status(); });

// The route with another limit on its body, or in another lane.
Route with_body(std::size_t most, Route route);
Route in_lane(net::Lane lane, Route route);
// The route as a command, too: one that needs nothing but what a command has open (acting_context.hpp).
Route as_command(std::string_view words, Route route);
// A body of JSON objects, one a line.
Route takes_lines(Route route);

std::vector<Route> post_routes();
std::vector<Route> hashtag_routes();
std::vector<Route> topic_routes();
std::vector<Route> zos_routes();
std::vector<Route> event_routes();
std::vector<Route> job_routes();
std::vector<Route> status_routes();
std::vector<Route> summary_routes();
std::vector<Route> session_routes();
std::vector<Route> access_routes();
std::vector<Route> action_routes();
std::vector<Route> govern_routes();
std::vector<Route> blocklist_routes();
std::vector<Route> account_routes();
std::vector<Route> message_routes();
std::vector<Route> person_routes();
std::vector<Route> platform_routes();
std::vector<Route> draft_routes();
std::vector<Route> model_routes();
std::vector<Route> provider_routes();
std::vector<Route> prompt_routes();
std::vector<Route> layer_routes();
std::vector<Route> insight_routes();
std::vector<Route> forkalytics_routes();
std::vector<Route> forkalytics_topic_routes();

// OpenAPI 3.1.
std::string openapi_document(const std::vector<Route>& routes, std::string_view version);
// A page for people, made from the same table.
std::string docs_page(const std::vector<Route>& routes);

}  // namespace linnet::api
