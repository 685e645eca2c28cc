// Jobs: what is due, at work and done; asked for and called off.
#include <charconv>

#include "api/parameters.hpp"
#include "api/shapes.hpp"
#include "api/typed_routes.hpp"
#include "base/text.hpp"
#include "jobs/job_json.hpp"
#include "jobs/known_kinds.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;
using govern::Permission;

Error no_such_job(const std::string& id) {
  return not_found("id: there is no job " + id.substr(0, 40));
}

Result<jobs::JobId> id_of(const Call& call) {
  const auto& text = call.path[0];
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size()) return no_such_job(text);
  return jobs::JobId(id);
}

Result<jobs::Job> find_job(const Call& call, store::Connection& reader) {
  LINNET_TRY(const auto id, id_of(call));
  LINNET_TRY(auto job, jobs::find(reader, id));
  if (!job) return no_such_job(call.path[0]);
  return std::move(*job);
}

// Each kind says which right it takes; the least of them is the route's.
Status check_right(const Call& call, std::string_view kind) {
  const auto* const known = jobs::find_kind(jobs::known_kinds(), kind);
  const auto right = known != nullptr ? govern::parse_permission(known->right) : std::nullopt;
  const auto needed = right.value_or(Permission::people);
  if (call.who.may(needed)) return {};
  return Error::of(ErrorKind::denied, "this job takes the right \"" + std::string(to_string(needed)) + "\"");
}

Result<Page<jobs::JobView>> list(const Call& call) {
  const Parameters given(call.request);
  jobs::JobFilter filter;
  filter.kind = given.text("kind");
  if (!filter.kind.empty() && jobs::find_kind(jobs::known_kinds(), filter.kind) == nullptr)
    return invalid("kind: expected one of those that /api/v1/job-kinds lists, got \"" +
                   std::string(truncate_utf8(filter.kind, 40)) + "\"");
  if (const auto state = given.text("state"); !state.empty()) {
    filter.state = jobs::parse_state(state);
    if (!filter.state) return invalid("state: expected waiting, running, asking, done, failed or cancelled");
  }
  LINNET_TRY(filter.is_alive, given.flag("alive"));
  LINNET_TRY(filter.limit, given.integer("limit", 50, 1, 500));
  LINNET_TRY(const auto cursor, given.integer("cursor", 0, 1, std::numeric_limits<std::int64_t>::max()));
  if (cursor > 0) filter.before = jobs::JobId(cursor);
  const auto asked = filter.limit++;  // one more tells whether there is a next page
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(auto found, jobs::list(*reader, filter));
  Page<jobs::JobView> page;
  if (static_cast<std::int64_t>(found.size()) > asked) {
    found.pop_back();
    page.next = std::to_string(found.back().id.value());
  }
  const auto now = call.api.dependencies.clock.now();
  for (const auto& job : found) page.items.push_back(view_of(job, now));
  return page;
}

Result<jobs::JobView> show(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto job, find_job(call, *reader));
  return view_of(job, call.api.dependencies.clock.now());
}

using Change = Status (*)(store::Connection&, jobs::JobId, std::string_view, Instant);

Result<jobs::JobView> change(const Call& call, Change what) {
  auto& given = call.api.dependencies;
  const auto now = given.clock.now();
  jobs::Job job;
  LINNET_CHECK(given.writer.write([&](store::Connection& connection) -> Status {
    LINNET_TRY(job, find_job(call, connection));
    LINNET_CHECK(check_right(call, job.kind));
    LINNET_CHECK(what(connection, job.id, call.who.name, now));
    LINNET_TRY(job, find_job(call, connection));
    return {};
  }));
  given.wake_jobs();
  return view_of(job, now);
}

Result<jobs::JobView> cancel(const Call& call, const NoBody& /*none*/) {
  return change(call, jobs::cancel);
}

Result<jobs::JobView> run(const Call& call, const NoBody& /*none*/) {
  return change(call, jobs::run_now);
}

Result<Page<jobs::KindView>> list_kinds(const Call& call) {
  Page<jobs::KindView> page;
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  for (const auto& kind : jobs::known_kinds()) {
    std::string schedule(kind.schedule);
    // Settings may have put it on one.
    if (schedule.empty()) {
      LINNET_TRY(const auto job, jobs::find_alive(*reader, kind.name, ""));
      if (job) schedule = job->schedule;
    }
    page.items.push_back({std::string(kind.name), std::string(kind.title), std::move(schedule),
                          std::string(kind.right), kind.may_be_asked_for});
  }
  return page;
}

Answer run_kind(const Call& call, const NoBody& /*none*/) {
  const auto* const kind = jobs::find_kind(jobs::known_kinds(), call.path[0]);
  if (kind == nullptr)
    return not_found("kind: there is no kind of jobs called " + call.path[0].substr(0, 40));
  if (!kind->may_be_asked_for)
    return invalid("kind: " + std::string(kind->name) + " is asked for by " +
                   std::string(kind->asked_for_by));
  LINNET_CHECK(check_right(call, kind->name));
  return ask_for_job(call, kind->name, {});
}

}  // namespace

Answer ask_for_job(const Call& call, std::string_view name, const jobs::NewJob& job,
                   const std::function<Status(store::Connection&, jobs::JobId)>& in_its_transaction) {
  auto& given = call.api.dependencies;
  const auto* const kind = jobs::find_kind(jobs::known_kinds(), name);
  if (kind == nullptr) return internal_error("there is no kind of jobs called " + std::string(name));
  auto wanted = job;
  wanted.asked_by = call.who.name;
  std::optional<jobs::JobId> id;
  LINNET_CHECK(given.writer.write([&](store::Connection& connection) -> Status {
    LINNET_TRY(id, jobs::run_kind_now(connection, *kind, wanted, given.clock.now()));
    return in_its_transaction(connection, *id);
  }));
  given.wake_jobs();
  return json::object{{"job", std::to_string(id->value())}};
}

std::vector<Route> job_routes() {
  using net::Method;
  constexpr auto kLive = Freshness::live;
  return {
      typed({Permission::read,
             Method::get,
             "/api/v1/jobs",
             "Jobs that wait, run and have ended, newest first",
             {"kind", "state", "alive", "limit", "cursor"},
             {},
             200,
             kLive},
            list),
      typed(
          {Permission::read, Method::get, "/api/v1/jobs/{id}", "How far a job has come", {}, {}, 200, kLive},
          show),
      with_body(kSmallBody, typed({Permission::analyze,
                                   Method::post,
                                   "/api/v1/jobs/{id}/cancel",
                                   "Call a job off; one with a schedule leaves out this time",
                                   {},
                                   {},
                                   200,
                                   kLive},
                                  cancel)),
      with_body(kSmallBody, typed({Permission::analyze,
                                   Method::post,
                                   "/api/v1/jobs/{id}/run",
                                   "Run a job that waits, or that asks, as soon as may be",
                                   {},
                                   {},
                                   202,
                                   kLive},
                                  run)),
      as_command("job kinds", typed({Permission::read,
                                     Method::get,
                                     "/api/v1/job-kinds",
                                     "What kinds of jobs there are",
                                     {},
                                     {},
                                     200,
                                     kLive},
                                    list_kinds)),
      with_body(kSmallBody, answers<StartedJob>(typed({Permission::analyze,
                                                       Method::post,
                                                       "/api/v1/job-kinds/{kind}/run",
                                                       "Ask for a job of this kind; answers with its number",
                                                       {},
                                                       {},
                                                       202,
                                                       kLive},
                                                      run_kind))),
  };
}

}  // namespace linnet::api
