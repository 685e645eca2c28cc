#include "app/rooms/rooms.hpp"

#include <limits>
#include <optional>

#include "analyze/daily_summaries.hpp"
#include "analyze/domain_stats.hpp"
#include "analyze/followers.hpp"
#include "base/json_fields.hpp"

namespace linnet::app {
namespace {

using jobs::JobContext;
using std::chrono::hours;
using std::chrono::minutes;

// What differs from when it was counted before: posts come late, and counts and edits change them.
Status count_domains(const JobParts& parts, JobContext& context, hours back) {
  const auto end = floor_hour(parts.clock.now()) + hours(1);
  LINNET_TRY(auto reader, parts.database.reader());
  LINNET_TRY(const auto changed, analyze::refresh_domain_stats(*reader, parts.writer, end - back, end));
  (void)changed;
  context.nothing_to_do();
  return {};
}

// Yesterday, and days on which the program did not run, are summarised once all posts have been scored.
Status summarise(const JobParts& parts, JobContext& context) {
  context.nothing_to_do();
  const auto now = parts.clock.now();
  if (now - floor_day(now) < minutes(5)) return {};
  LINNET_TRY(auto reader, parts.database.reader());
  LINNET_TRY(const auto sentiment, analyze::sentiment_state(*reader));
  if (sentiment.lag > 0) return {};
  return analyze::make_missing_summaries(*reader, parts.writer, now);
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
