#include "observe/check.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "observe/every_projection.hpp"
#include "observe/log_survey.hpp"
#include "observe/lost_tables.hpp"

namespace linnet::observe {
Result<std::vector<CheckFinding>> check_projections(store::Connection& connection) {
  LINNET_TRY(auto transaction, store::Transaction::begin(connection, store::Transaction::Mode::read));
  std::vector<CheckFinding> findings;
  const auto look = [&](std::string_view name, std::string_view sql) -> Status {
    LINNET_TRY(const auto differing, store::query_integer(connection, sql));
    findings.push_back({std::string(name), differing.value_or(0)});
    return {};
  };
  for (const auto* const projection : every_projection()) {
    for (const auto* const sum : projection->sums()) LINNET_CHECK(look(sum->in_words, check_sql(*sum)));
    for (const auto& comparison : projection->comparisons)
      LINNET_CHECK(look(comparison.name, comparison.sql));
  }
  return findings;
}

Result<std::vector<CheckFinding>> check_files(store::Connection& connection) {
  std::vector<CheckFinding> findings;
  if (connection.engine() == store::Engine::postgres) return findings;
  struct File {
    std::string_view schema, name, remedy;
  };
  constexpr File kFiles[] = {
      {"main", "the tables' file", "restore linnet.db from the newest backup, with the files beside it"},
      {"log", "the log's file",
       "put linnet.events.db back from a backup, or move it away and run linnet events continue"},
      {"search", "the search index's file",
       "stop linnet serve and delete linnet.search.db: the search fills itself again"}};
  for (const auto& file : kFiles) {
    const auto said = store::query_text(connection, fmt::format("PRAGMA {}.quick_check(1)", file.schema));
    if (!said && said.error().kind != ErrorKind::corrupt) return said.error();
    const bool is_whole = said && *said == "ok";
    findings.push_back({fmt::format("{} is whole", file.name), is_whole ? 0 : 1, Remedy::restore,
                        is_whole ? std::string() : fmt::format("{}: {}", file.name, file.remedy)});
  }
  return findings;
}

Result<std::vector<CheckFinding>> check_log(store::Connection& connection) {
  LINNET_TRY(const auto survey, survey_log(connection));
  LINNET_TRY(const auto behind, find_tables_behind(connection));
  std::int64_t unread = 0;
  for (const auto& damage : survey.damage) unread += damage.count();
  return std::vector<CheckFinding>{
      {"the tables are not ahead of the log",
       std::max<std::int64_t>(survey.applied.value() - survey.last.value(), 0), Remedy::put_log_back,
       survey.is_behind() ? refuse_log_behind(survey.last, survey.applied).error().safe : std::string()},
      {"the tables are not older than the log", behind ? behind->once.value() - behind->applied.value() : 0,
       Remedy::put_tables_back, behind ? behind->in_words : std::string()},
      {"every event of the log can be read", unread, Remedy::none, in_words(survey.damage)}};
}

}  // namespace linnet::observe
