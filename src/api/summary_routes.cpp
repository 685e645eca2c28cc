#include <fmt/format.h>

#include <algorithm>

#include "analyze/daily_summary_json.hpp"
#include "analyze/domain_stats.hpp"
#include "api/json_views.hpp"
#include "api/parameters.hpp"
#include "api/shapes.hpp"
#include "api/typed_routes.hpp"
#include "model/instances.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;
using std::chrono::days;
using std::chrono::hours;

Answer list(const Call& call) {
  const Parameters given(call.request);
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto window, given.integer("days", 30, 1, 366));
  analyze::SummaryFilter filter;
  filter.limit = 366;
  filter.first_date = to_iso8601(call.api.dependencies.clock.now() - days(window)).substr(0, 10);
  LINNET_TRY(filter.instance, given.instance(*reader));
  if (const auto date = given.text("date"); !date.empty()) {
    LINNET_TRY(const auto day, analyze::parse_day("date", date));
    filter.first_date = filter.last_date = to_iso8601(day).substr(0, 10);
  }
  LINNET_TRY(const auto summaries, analyze::list_daily_summaries(*reader, filter));
  json::array items;
  for (const auto& summary : summaries) items.push_back(analyze::to_json(summary));
  return json::object{{"items", items}, {"next", nullptr}};
}

struct Wanted {
  Instant day{};
  std::optional<InstanceId> instance;
};

// {"date": "2026-08-01", "instance_id": 1}; without a date the day before, without an instance all of them.
Result<Wanted> read_wanted(std::string_view body, Instant now) {
  Wanted wanted{floor_day(now) - days(1), {}};
  if (body.empty()) return wanted;
  boost::system::error_code error;
  const auto value = json::parse({body.data(), body.size()}, error);
  if (error || !value.is_object())
    return invalid(R"(body: expected a JSON object such as {"date": "2026-08-01"})");
  for (const auto& [name, field] : value.get_object()) {
    if (name == "date" && field.is_string()) {
      LINNET_TRY(wanted.day, analyze::parse_day("date", std::string_view(field.get_string())));
    } else if (name == "instance_id" && field.is_int64()) {
      wanted.instance = InstanceId(field.get_int64());
    } else {
      return invalid(
          fmt::format("{}: expected date (text) or instance_id (a number)", std::string_view(name)));
    }
  }
  if (wanted.day > now) return invalid("date: that day has not begun; give one that has");
  return wanted;
}

// Of a day and an instance one job is alive at a time.
Answer make(const Call& call) {
  auto& given = call.api.dependencies;
  LINNET_TRY(const auto wanted, read_wanted(call.request.body(), given.clock.now()));
  {
    LINNET_TRY(auto reader, given.database.reader());
    LINNET_TRY(const auto instances, model::list_instances(*reader));
    const bool is_there = std::any_of(instances.begin(), instances.end(), [&](const model::Instance& one) {
      return !wanted.instance || one.id == *wanted.instance;
    });
    if (!is_there) return not_found("instance_id: there is no such instance");
  }
  jobs::NewJob job{.key = to_iso8601(wanted.day).substr(0, 10)};
  json::object input{{"date", job.key}};
  if (wanted.instance) {
    input["instance_id"] = wanted.instance->value();
    job.key += fmt::format(" {}", wanted.instance->value());
  }
  job.input = json::serialize(input);
  return ask_for_job(call, "summarise", job);
}

Result<Page<analyze::DomainFigures>> domains(const Call& call) {
  const Parameters given(call.request);
  LINNET_TRY(const auto window, given.integer("hours", 24, 1, std::int64_t{24} * 90));
  LINNET_TRY(const auto limit, given.integer("limit", 50, 1, 500));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto instance, given.instance(*reader));
  const auto to = floor_hour(call.api.dependencies.clock.now()) + hours(1);
  LINNET_TRY(auto busiest, analyze::busiest_domains(*reader, instance, to - hours(window), to, limit));
  return Page<analyze::DomainFigures>{std::move(busiest)};
}

// The shape Forkalytics gave its summaries.
json::object forkalytics_summary(const analyze::StoredSummary& summary) {
  json::array topics;
  if (const auto list = analyze::parse_column(summary.topics_json); list.is_array()) {
    for (const auto& topic : list.get_array()) {
      if (topic.is_object() && topic.get_object().contains("name")) topics.push_back(topic.at("name"));
    }
  }
  const auto stats = analyze::parse_column(summary.input_stats_json);
  const auto figure = [&](std::string_view name) {
    const auto* found = stats.is_object() ? stats.get_object().if_contains(name) : nullptr;
    return found != nullptr ? *found : json::value();
  };
  return {{"date", summary.date},
          {"summary_text", summary.text},
          {"trending_topics", topics},
          {"notable_events", analyze::parse_column(summary.notable_json)},
          {"total_posts", figure("posts")},
          {"total_authors", figure("accounts")},
          {"avg_sentiment", summary.mean_sentiment ? json::value(*summary.mean_sentiment) : json::value()},
          {"window_start", to_iso8601(summary.window_start)},
          {"window_end", to_iso8601(summary.window_end)},
          {"model", summary.model},
          {"prompt_version", summary.prompt_version},
          {"created_at", to_iso8601(summary.created_at)}};
}

Answer forkalytics_list(const Call& call) {
  const Parameters given(call.request);
  LINNET_TRY(const auto window, given.integer("days", 7, 1, 30));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  analyze::SummaryFilter filter;
  filter.first_date = to_iso8601(call.api.dependencies.clock.now() - days(window)).substr(0, 10);
  filter.limit = 1'000;
  LINNET_TRY(const auto summaries, analyze::list_daily_summaries(*reader, filter));
  json::array list;
  for (const auto& summary : summaries) list.push_back(forkalytics_summary(summary));
  return list;
}

Answer forkalytics_latest(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto summaries, analyze::list_daily_summaries(*reader, {{}, {}, {}, 1}));
  if (summaries.empty()) return not_found("no day has been summarised yet; linnet summaries make does it");
  return forkalytics_summary(summaries.front());
}

}  // namespace

}  // namespace linnet::api

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::analyze::DomainFigures>() {
  using linnet::analyze::DomainFigures;
  static const auto described = entity<DomainFigures>(
      {.name = "DomainFigures"},
      {field<&DomainFigures::domain>("domain"), field<&DomainFigures::posts>("posts"),
       field<&DomainFigures::accounts>("accounts"), field<&DomainFigures::engagement>("engagement")});
  return described;
}

namespace linnet::api {

std::vector<Route> summary_routes() {
  using net::Method;
  return {
      {govern::Permission::read,
       Method::get,
       "/api/v1/summaries",
       "Daily summaries, newest first",
       {"days", "date", "instance"},
       list},
      with_body(kSmallBody, answers<StartedJob>({govern::Permission::analyze,
                                                 Method::post,
                                                 "/api/v1/summaries",
                                                 "Summarise a day, also one that was summarised before; "
                                                 "answers with a job",
                                                 {},
                                                 make,
                                                 202,
                                                 Freshness::live})),
      typed({govern::Permission::read,
             Method::get,
             "/api/v1/domains",
             "The servers that posts come from, the busiest first",
             {"hours", "limit", "instance"},
             {}},
            domains),
      {govern::Permission::read,
       Method::get,
       "/api/summaries",
       "Forkalytics: daily summaries, newest first",
       {"days"},
       forkalytics_list},
      {govern::Permission::read,
       Method::get,
       "/api/summaries/latest",
       "Forkalytics: the newest daily summary",
       {},
       forkalytics_latest},
  };
}

}  // namespace linnet::api
