#include "observe/salience/own_lines.hpp"

#include <algorithm>

#include "observe/own_facts.hpp"
#include "observe/salience/topic_list.hpp"

namespace linnet::salience {
namespace {

constexpr std::chrono::days kMostDaysAtOnce{60};

std::string day_text(Instant day) {
  return to_iso8601(day).substr(0, 10);
}

Result<std::optional<std::string>> known_as(store::Database& database, std::string_view name) {
  LINNET_TRY(auto reader, database.reader());
  return store::query_text(*reader, "SELECT value FROM salience_settings WHERE name = $1", {name});
}

// Whether any topic would lose something by the end of that day.
Result<bool> is_any_idle(store::Database& database, Instant end) {
  LINNET_TRY(auto reader, database.reader());
  LINNET_TRY(const auto settings, current_settings(*reader));
  const auto idle = std::chrono::days(settings.numbers.idle_days / kOne);
  LINNET_TRY(const auto found,
             store::query_integer(*reader,
                                  "SELECT 1 FROM topic_balances WHERE balance > 0 AND earned_at < $1 LIMIT 1",
                                  {to_micros(end - idle)}));
  return found.has_value();
}

}  // namespace

Status tell(observe::Ingest& ingest, const std::vector<Fact>& facts, Instant now) {
  std::vector<observe::RawEvent> events;
  for (const auto& fact : facts) events.push_back({observe::kLinnet, line_of(fact, now)});
  return events.empty() ? Status() : ingest.submit_durably(std::move(events));
}

Status tell_settings(store::Database& database, observe::Ingest& ingest, const Settings& settings,
                     Instant now) {
  LINNET_TRY(const auto known, known_as(database, "numbers"));
  const auto wanted = to_text(settings);
  if (known.value_or(to_text(Settings())) == wanted) return {};
  return tell(ingest, {SettingsChanged{wanted}}, now);
}

Result<std::int64_t> tell_days(store::Database& database, observe::Ingest& ingest, Instant now) {
  LINNET_TRY(const auto known, known_as(database, "day"));
  const auto yesterday = floor_day(now) - std::chrono::days(1);
  LINNET_TRY(const bool is_idle, is_any_idle(database, floor_day(now)));
  if (!is_idle) return std::int64_t{0};
  const auto last = known ? parse_iso8601(*known) : std::nullopt;
  auto day = last ? *last + std::chrono::days(1) : yesterday;
  day = std::max<Instant>(day, yesterday - kMostDaysAtOnce);
  std::vector<Fact> facts;
  for (; day <= yesterday; day += std::chrono::days(1)) facts.emplace_back(DayEnded{day_text(day)});
  const auto count = static_cast<std::int64_t>(facts.size());
  if (count == 0) return count;
  LINNET_CHECK(tell(ingest, facts, now));
  LINNET_CHECK(ingest.drain());
  return count;
}

}  // namespace linnet::salience
