#include "observe/log_survey.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "observe/projector.hpp"

namespace linnet::observe {
namespace {

Result<std::vector<LogDamage>> known_gaps(store::Connection& connection) {
  std::vector<LogDamage> gaps;
  LINNET_CHECK(store::for_each_row(
      connection, "SELECT first_event_id, last_event_id FROM event_gaps ORDER BY first_event_id", {},
      [&](const store::Statement& row) {
        gaps.push_back({EventId(row.integer(0)), EventId(row.integer(1)), "not in the log"});
      }));
  return gaps;
}

bool is_known(const LogSurvey& survey, const LogDamage& damage) {
  return std::any_of(survey.known_gaps.begin(), survey.known_gaps.end(), [&](const LogDamage& gap) {
    return gap.first.value() <= damage.first.value() && gap.last.value() >= damage.last.value();
  });
}

}  // namespace

Result<LogPlaces> log_places(store::Database& database) {
  LINNET_TRY(auto reader, database.reader());
  LogPlaces places;
  LINNET_TRY(places.applied, read_mark(*reader));
  LINNET_TRY(places.logged, last_logged(*reader));
  return places;
}

Result<LogSurvey> survey_log(store::Connection& connection) {
  LogSurvey survey;
  LINNET_TRY(survey.applied, read_mark(connection));
  LINNET_TRY(survey.last, last_logged(connection));
  LINNET_TRY(survey.known_gaps, known_gaps(connection));
  // Where not even its beginning can be read, everything before what can be is missing.
  const auto first = first_logged(connection);
  if (!first && first.error().kind != ErrorKind::corrupt) return first.error();
  survey.first = first ? *first : EventId(1);
  if (survey.first.value() == 0) return survey;
  LINNET_CHECK(read_around_damage(
      connection, survey.first, survey.last, [](const LoggedEvent&) { return Status(); },
      [&](const LogDamage& damage) -> Status {
        if (!is_known(survey, damage)) survey.damage.push_back(damage);
        return {};
      }));
  return survey;
}

Status refuse_log_behind(EventId last, EventId applied) {
  if (last >= applied) return {};
  return Error::of(
      ErrorKind::corrupt,
      fmt::format(
          "the event log ends with event {}, but the tables hold everything up to event {}: the log is "
          "missing, or older than the tables. Put the file linnet.events.db that belongs to them back; if "
          "it is lost, linnet events continue goes on without it, and the posts stay",
          last.value(), applied.value()));
}

Result<std::optional<LogDamage>> go_on_after_loss(store::Database& database, Instant now) {
  EventId applied;
  {
    LINNET_TRY(auto reader, database.reader());
    LINNET_TRY(applied, read_mark(*reader));
  }
  LINNET_TRY(auto log, database.connect(store::Part::log));
  LINNET_TRY(auto transaction, store::Transaction::begin(*log));
  LINNET_TRY(const auto last, last_logged(*log));
  if (last >= applied) return std::optional<LogDamage>();
  LogDamage gap{EventId(last.value() + 1), applied, "not in the log"};
  LINNET_CHECK(store::run(*log,
                          "INSERT INTO event_log_head (only_row, last_event_id) VALUES (1, $1) ON CONFLICT "
                          "(only_row) DO UPDATE SET last_event_id = excluded.last_event_id",
                          {applied.value()}));
  LINNET_CHECK(
      store::run(*log, "INSERT INTO event_gaps (first_event_id, last_event_id, noted_at) VALUES ($1, $2, $3)",
                 {gap.first.value(), gap.last.value(), to_micros(now)}));
  LINNET_CHECK(transaction.commit());
  return std::optional(std::move(gap));
}

std::string in_words(std::span<const LogDamage> damage) {
  constexpr std::size_t kMost = 10;
  std::string words;
  for (const auto& part : damage.subspan(0, std::min(damage.size(), kMost))) {
    if (!words.empty()) words += ", ";
    words += part.first == part.last
                 ? fmt::format("event {} ({})", part.first.value(), part.why)
                 : fmt::format("events {} to {} ({})", part.first.value(), part.last.value(), part.why);
  }
  if (damage.size() > kMost) words += fmt::format(", and {} stretches more", damage.size() - kMost);
  return words;
}

}  // namespace linnet::observe
