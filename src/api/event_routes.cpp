#include <fmt/format.h>

#include <charconv>

#include "api/parameters.hpp"
#include "api/shapes.hpp"
#include "api/typed_routes.hpp"
#include "base/text.hpp"
#include "connect/event_reader.hpp"
#include "connect/every_platform.hpp"
#include "connect/private_lines.hpp"
#include "net/url.hpp"
#include "observe/event_log.hpp"
#include "observe/ingest.hpp"
#include "observe/log_list.hpp"
#include "store/record/json.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;

// How long whoever posts events is kept waiting for the disk.
constexpr auto kEventsPatience = std::chrono::seconds(4);

// Which post an event for few is about, and what was odd in it, is for those who may read the trail.
bool sees_all(const Call& call) {
  return call.who.may(govern::Permission::audit);
}

json::object event_json(const Call& call, observe::LoggedItem item) {
  if (item.is_for_few && !sees_all(call)) {
    item.status_id.reset();
    item.left_out.reset();
  }
  return record::to_json(item);
}

Answer list(const Call& call) {
  const Parameters given(call.request);
  observe::LogQuery query;
  LINNET_TRY(query.only_failed, given.flag("failed"));
  LINNET_TRY(const auto limit, given.integer("limit", 20, 1, 100));
  LINNET_TRY(query.before, given.integer("cursor", query.before, 1, query.before));
  query.kind = given.text("kind");
  query.status_id = given.text("status_id");
  query.without_few = !query.status_id.empty() && !sees_all(call);
  query.limit = limit + 1;  // one more tells whether there is another page
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(auto found, observe::list_log(*reader, query));
  json::value next;
  if (static_cast<std::int64_t>(found.size()) > limit) {
    found.pop_back();
    next = std::to_string(found.back().id.value());
  }
  json::array items;
  for (auto& item : found) items.push_back(event_json(call, std::move(item)));
  return json::object{{"items", std::move(items)}, {"next", std::move(next)}};
}

bool is_for_everyone(std::string_view line) {
  using connect::KeptLine;
  return !connect::may_be_private(line, model::Reach::followers) ||
         connect::without_private(line, model::Reach::followers).kept == KeptLine::Kept::whole;
}

Answer show(const Call& call) {
  std::int64_t id = 0;
  std::from_chars(call.path[0].data(), call.path[0].data() + call.path[0].size(), id);
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto found, observe::find_logged(*reader, EventId(id)));
  if (!found) return not_found(fmt::format("id: the log has no event {}", call.path[0].substr(0, 40)));
  const bool is_shown = !found->is_for_few || sees_all(call);
  auto event = event_json(call, *found);
  LINNET_CHECK(observe::read_events(
      *reader, EventId(id), EventId(id), [&](const observe::LoggedEvent& logged) -> Status {
        // What only followers see is not for everybody who may read; nor is what names it alone, as a
        // deletion does.
        if (!is_shown || !is_for_everyone(logged.line)) {
          event["payload"] = nullptr;
          event["withheld"] = found->instance ? "only followers of the author see what this is about"
                                              : "it may name posts that only followers of their authors see";
          return {};
        }
        boost::system::error_code error;
        auto line = json::parse({logged.line.data(), logged.line.size()}, error);
        if (error) {
          event["payload_raw"] = to_valid_utf8(logged.line.substr(0, 1U << 20U));
          return {};
        }
        auto* const payload = line.is_object() ? line.get_object().if_contains("payload") : nullptr;
        if (payload != nullptr && payload->is_string() && payload->get_string().starts_with("{")) {
          auto inner = json::parse(payload->get_string(), error);
          event["payload"] = error ? *payload : inner;
        } else {
          event["payload"] = payload != nullptr ? *payload : line;
        }
        return {};
      }));
  return event;
}

Answer replay(const Call& call) {
  return ask_for_job(call, "replay", {});
}

Answer retry(const Call& call) {
  return ask_for_job(call, "retry", {});
}

// Lines as in a stream dump; they are on disk when this answers.
Answer take(const Call& call) {
  auto& given = call.api.dependencies;
  if (given.ingest == nullptr) return unavailable("this program takes no events");
  const Parameters parameters(call.request);
  LINNET_TRY(const auto base_url, net::normalise_instance_url(parameters.text("instance")));
  std::vector<std::string_view> lines;
  std::string_view rest = call.request.body();
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const auto line = rest.substr(0, end);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) lines.push_back(line);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  if (lines.empty()) return invalid("body: expected one JSON event, or one status, a line");
  if (connect::begins_document(lines.front())) return invalid(fmt::format("body: {}", connect::kOneALine));
  const auto platform = connect::default_platform().name;
  LINNET_TRY(const auto instance, observe::find_or_add_instance(given.database, given.writer, base_url,
                                                                platform, given.clock.now()));
  std::vector<observe::RawEvent> events;
  events.reserve(lines.size());
  for (const auto line : lines) events.push_back({instance, std::string(line)});
  LINNET_CHECK(given.ingest->submit_within(std::move(events), kEventsPatience));
  return json::object{{"taken", lines.size()}};
}

}  // namespace

std::vector<Route> event_routes() {
  using net::Method;
  return {
      answers<Page<observe::LoggedItem>>({govern::Permission::read,
                                          Method::get,
                                          "/api/v1/events",
                                          "The event log, newest first",
                                          {"failed", "kind", "status_id", "limit", "cursor"},
                                          list,
                                          200,
                                          Freshness::live}),
      {govern::Permission::analyze,
       Method::post,
       "/api/v1/events",
       "Take events, one a line as in a stream dump; they are on disk when this answers",
       {"instance"},
       take,
       201,
       Freshness::kept,
       "application/json",
       {},
       kLargeBody},
      answers<observe::LoggedItem>({govern::Permission::read,
                                    Method::get,
                                    "/api/v1/events/{id}",
                                    "One event with what came in",
                                    {},
                                    show,
                                    200,
                                    Freshness::live}),
      answers<StartedJob>({govern::Permission::analyze,
                           Method::post,
                           "/api/v1/events/retry",
                           "Read failed events again",
                           {},
                           retry,
                           202}),
      answers<StartedJob>({govern::Permission::analyze,
                           Method::post,
                           "/api/v1/events/replay",
                           "Rebuild every table from the log",
                           {},
                           replay,
                           202}),
  };
}

}  // namespace linnet::api
