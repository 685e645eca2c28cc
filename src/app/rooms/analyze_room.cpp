#include "app/rooms/rooms.hpp"

#include <limits>
#include <optional>

#include "analyze/daily_summaries.hpp"
#include "analyze/domain_stats.hpp"
#include "base/json_fields.hpp"

namespace linnet::app {
namespace {

using jobs::JobContext;
using std::chrono::hours;

Status count_domains(const JobParts& parts, JobContext& context, hours back) {
  LINNET_TRY(auto reader, parts.database.reader());
  LINNET_TRY(const auto changed,
             analyze::refresh_domain_stats_since(*reader, parts.writer, parts.clock.now(), back));
  (void)changed;
  context.nothing_to_do();
  return {};
}

Status summarise(const JobParts& parts, JobContext& context) {
  context.nothing_to_do();
  LINNET_TRY(auto reader, parts.database.reader());
  return analyze::summarise_ended_days(*reader, parts.writer, parts.clock.now());
}

// A day that somebody asked for, also one that was summarised before.
Status summarise_day(const JobParts& parts, JobContext& context) {
  LINNET_TRY(const auto input, context.input());
  JsonFields fields(input);
  std::string date;
  std::int64_t instance = 0;
  LINNET_CHECK(fields.text("date", date));
  LINNET_CHECK(fields.integer("instance_id", instance, 0, std::numeric_limits<std::int64_t>::max()));
  LINNET_TRY(const auto day, analyze::parse_day("date", date));
  LINNET_TRY(auto reader, parts.database.reader());
  LINNET_TRY(const auto made,
             analyze::make_daily_summaries(
                 *reader, parts.writer, instance > 0 ? std::optional(InstanceId(instance)) : std::nullopt,
                 day, parts.clock.now(), [&](std::int64_t done, std::int64_t total) {
                   context.progress(done, total);
                   return context.check_stop();
                 }));
  context.set_result({{"date", date}, {"made", made}});
  return {};
}

Status count_domains_of_hours(const JobParts& parts, JobContext& context) {
  return count_domains(parts, context, hours(2));
}

Status count_domains_of_days(const JobParts& parts, JobContext& context) {
  return count_domains(parts, context, hours(72));
}

}  // namespace

Room analyze_room() {
  return {.name = "analyze",
          .commands =
              {
                  {"Understand", cli::add_posts_command},
                  {"Understand", cli::add_hashtags_command},
                  {"Understand", cli::add_summaries_command},
                  {"Understand", cli::add_domains_command},
              },
          .routes = {api::post_routes, api::hashtag_routes, api::summary_routes, api::forkalytics_routes,
                     api::forkalytics_topic_routes},
          .jobs = {
              {"domain_hours", count_domains_of_hours},
              {"domain_days", count_domains_of_days},
              {"summaries", summarise},
              {"summarise", summarise_day},
          }};
}

}  // namespace linnet::app
