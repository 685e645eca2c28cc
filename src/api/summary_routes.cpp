#include <fmt/format.h>

#include <algorithm>

#include "analyze/daily_summary_json.hpp"
#include "analyze/hashtag_json.hpp"
#include "api/parameters.hpp"
#include "api/shapes.hpp"
#include "api/typed_routes.hpp"
#include "model/instances.hpp"

namespace linnet::api {
namespace {

using std::chrono::days;
using std::chrono::hours;

Result<Page<analyze::StoredSummary>> list(const Call& call) {
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
  LINNET_TRY(auto summaries, analyze::list_daily_summaries(*reader, filter));
  return Page<analyze::StoredSummary>{std::move(summaries)};
}

// Without a date the day before, without an instance all of them.
struct WantedSummary {
  std::string date;
  std::optional<InstanceId> instance_id;
};
Result<Instant> day_of(const WantedSummary& wanted, Instant now) {
  if (wanted.date.empty()) return floor_day(now) - days(1);
  LINNET_TRY(const auto day, analyze::parse_day("date", wanted.date));
  if (day > now) return invalid("date: that day has not begun; give one that has");
  return day;
}

// Of a day and an instance one job is alive at a time.
Answer make(const Call& call, const WantedSummary& wanted) {
  auto& given = call.api.dependencies;
  LINNET_TRY(const auto day, day_of(wanted, given.clock.now()));
  {
    LINNET_TRY(auto reader, given.database.reader());
    LINNET_TRY(const auto instances, model::list_instances(*reader));
    const bool is_there = std::any_of(instances.begin(), instances.end(), [&](const model::Instance& one) {
      return !wanted.instance_id || one.id == *wanted.instance_id;
    });
    if (!is_there) return not_found("instance_id: there is no such instance");
  }
  jobs::NewJob job{.key = to_iso8601(day).substr(0, 10)};
  boost::json::object input{{"date", job.key}};
  if (wanted.instance_id) {
    input["instance_id"] = wanted.instance_id->value();
    job.key += fmt::format(" {}", wanted.instance_id->value());
  }
  job.input = boost::json::serialize(input);
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
struct ForkalyticsSummary {
  analyze::StoredSummary summary;
};

std::optional<std::int64_t> figure_of(const ForkalyticsSummary& one, std::string_view name) {
  const auto stats = analyze::parse_column(one.summary.input_stats_json);
  const auto* const found = stats.is_object() ? stats.get_object().if_contains(name) : nullptr;
  return found != nullptr && found->is_int64() ? std::optional(found->get_int64()) : std::nullopt;
}
std::optional<std::int64_t> posts_of(const ForkalyticsSummary& one) {
  return figure_of(one, "posts");
}
std::optional<std::int64_t> authors_of(const ForkalyticsSummary& one) {
  return figure_of(one, "accounts");
}
std::vector<std::string> trending_of(const ForkalyticsSummary& one) {
  std::vector<std::string> names;
  const auto list = analyze::parse_column(one.summary.topics_json);
  if (!list.is_array()) return names;
  for (const auto& topic : list.get_array()) {
    const auto* const name = topic.is_object() ? topic.get_object().if_contains("name") : nullptr;
    if (name != nullptr && name->is_string()) names.emplace_back(std::string_view(name->get_string()));
  }
  return names;
}

Result<std::vector<ForkalyticsSummary>> forkalytics_list(const Call& call) {
  const Parameters given(call.request);
  LINNET_TRY(const auto window, given.integer("days", 7, 1, 30));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  analyze::SummaryFilter filter;
  filter.first_date = to_iso8601(call.api.dependencies.clock.now() - days(window)).substr(0, 10);
  filter.limit = 1'000;
  LINNET_TRY(auto summaries, analyze::list_daily_summaries(*reader, filter));
  std::vector<ForkalyticsSummary> list;
  for (auto& summary : summaries) list.push_back({std::move(summary)});
  return list;
}

Result<ForkalyticsSummary> forkalytics_latest(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(auto summaries, analyze::list_daily_summaries(*reader, {{}, {}, {}, 1}));
  if (summaries.empty()) return not_found("no day has been summarised yet; linnet summaries make does it");
  return ForkalyticsSummary{std::move(summaries.front())};
}

}  // namespace

}  // namespace linnet::api

namespace linnet::record {

using namespace linnet::api;
using analyze::StoredSummary;

template <>
const Entity& entity_of<WantedSummary>() {
  static const auto described = entity<WantedSummary>(
      {.name = "WantedSummary"},
      {field<&WantedSummary::date>("date").like("2026-08-01").means("Absent: the day before, UTC"),
       field<&WantedSummary::instance_id>("instance_id").means("Absent: all of them")});
  return described;
}
template <>
const Entity& entity_of<ForkalyticsSummary>() {
  using One = ForkalyticsSummary;
  static const auto described = entity<One>(
      {.name = "ForkalyticsSummary"},
      {field<&One::summary, &StoredSummary::date>("date").like("2026-08-01"),
       field<&One::summary, &StoredSummary::text>("summary_text"), shown<&trending_of>("trending_topics"),
       field<&One::summary, &StoredSummary::notable_json>("notable_events")
           .json()
           .shaped_as_list_of<analyze::KeptPost>(),
       shown<&posts_of>("total_posts"), shown<&authors_of>("total_authors"),
       field<&One::summary, &StoredSummary::mean_sentiment>("avg_sentiment"),
       field<&One::summary, &StoredSummary::window_start>("window_start"),
       field<&One::summary, &StoredSummary::window_end>("window_end"),
       field<&One::summary, &StoredSummary::model>("model"),
       field<&One::summary, &StoredSummary::prompt_version>("prompt_version"),
       field<&One::summary, &StoredSummary::created_at>("created_at")});
  return described;
}

}  // namespace linnet::record

namespace linnet::api {

std::vector<Route> summary_routes() {
  using net::Method;
  return {
      typed({govern::Permission::read,
             Method::get,
             "/api/v1/summaries",
             "Daily summaries, newest first",
             {"days", "date", "instance"},
             {}},
            list),
      with_body(kSmallBody,
                answers<StartedJob>(typed({govern::Permission::analyze,
                                           Method::post,
                                           "/api/v1/summaries",
                                           "Summarise a day, also one that was summarised before; "
                                           "answers with a job",
                                           {},
                                           {},
                                           202,
                                           Freshness::live},
                                          make))),
      typed({govern::Permission::read,
             Method::get,
             "/api/v1/domains",
             "The servers that posts come from, the busiest first",
             {"hours", "limit", "instance"},
             {}},
            domains),
      typed({govern::Permission::read,
             Method::get,
             "/api/summaries",
             "Forkalytics: daily summaries, newest first",
             {"days"},
             {}},
            forkalytics_list),
      typed({govern::Permission::read,
             Method::get,
             "/api/summaries/latest",
             "Forkalytics: the newest daily summary",
             {},
             {}},
            forkalytics_latest),
  };
}

}  // namespace linnet::api
