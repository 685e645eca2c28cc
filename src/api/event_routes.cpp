#include <fmt/format.h>

#include <charconv>

#include "api/parameters.hpp"
#include "api/shapes.hpp"
#include "api/typed_routes.hpp"
#include "connect/event_reader.hpp"
#include "connect/every_platform.hpp"
#include "net/url.hpp"
#include "observe/event_page.hpp"
#include "observe/ingest.hpp"

namespace linnet::api {
namespace {

// How long whoever posts events is kept waiting for the disk.
constexpr auto kEventsPatience = std::chrono::seconds(4);

// Which post an event for few is about, and what was odd in it, is for those who may read the trail.
bool sees_all(const Call& call) {
  return call.who.may(govern::Permission::audit);
}

Result<Page<observe::LoggedItem>> list(const Call& call) {
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
  Page<observe::LoggedItem> page;
  if (static_cast<std::int64_t>(found.size()) > limit) {
    found.pop_back();
    page.next = std::to_string(found.back().id.value());
  }
  for (auto& item : found)
    page.items.push_back(sees_all(call) ? std::move(item) : observe::for_everyone(std::move(item)));
  return page;
}

Result<observe::EventPage> show(const Call& call) {
  const auto& text = call.path[0];
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size())
    return not_found(fmt::format("id: the log has no event {}", text.substr(0, 40)));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  using Sight = observe::EventSight;
  return observe::event_page(*reader, EventId(id), sees_all(call) ? Sight::trail : Sight::everybody);
}

Answer replay(const Call& call) {
  return ask_for_job(call, "replay", {});
}

Answer retry(const Call& call) {
  return ask_for_job(call, "retry", {});
}

// Lines as in a stream dump; they are on disk when this answers.
struct Taken {
  std::int64_t taken = 0;
};
Result<Taken> take(const Call& call) {
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
  return Taken{static_cast<std::int64_t>(lines.size())};
}

}  // namespace

}  // namespace linnet::api

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::api::Taken>() {
  using linnet::api::Taken;
  static const auto described = entity<Taken>({.name = "Taken"}, {field<&Taken::taken>("taken")});
  return described;
}

namespace linnet::api {

std::vector<Route> event_routes() {
  using net::Method;
  return {
      typed({govern::Permission::read,
             Method::get,
             "/api/v1/events",
             "The event log, newest first",
             {"failed", "kind", "status_id", "limit", "cursor"},
             {},
             200,
             Freshness::live},
            list),
      with_body(kLargeBody,
                takes_lines(
                    typed({govern::Permission::analyze,
                           Method::post,
                           "/api/v1/events",
                           "Take events, one a line as in a stream dump; they are on disk when this answers",
                           {"instance"},
                           {},
                           201},
                          take))),
      typed({govern::Permission::read,
             Method::get,
             "/api/v1/events/{id}",
             "One event with what came in",
             {},
             {},
             200,
             Freshness::live},
            show),
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
