// What language models may cost a month: the most that a call can cost is reserved before it goes, in one
// statement that finds room for it or changes nothing, so that no two processes together pass the limit.
#include <fmt/format.h>

#include <cmath>

#include "govern/audit.hpp"
#include "llm/limits.hpp"
#include "store/record/sql.hpp"

namespace linnet::llm {

std::string month_of(Instant now) {
  return to_iso8601(now).substr(0, 7);
}

Result<Budget> read_budget(store::Connection& connection, Instant now) {
  Budget budget;
  budget.month = month_of(now);
  LINNET_TRY(const auto limit,
             store::query_integer(connection, "SELECT limit_micros FROM llm_budget WHERE span = 'month'"));
  budget.limit_micros = limit.value_or(0);
  LINNET_CHECK(store::for_each_row(connection,
                                   "SELECT spent_micros, reserved_micros FROM llm_months WHERE month = $1",
                                   {std::string_view(budget.month)}, [&](const store::Statement& row) {
                                     budget.spent_micros = row.integer(0);
                                     budget.reserved_micros = row.integer(1);
                                   }));
  return budget;
}

Status set_budget(store::Connection& connection, std::int64_t limit_micros, const Change& by) {
  constexpr std::int64_t kMost = 1'000'000'000'000;
  if (limit_micros < 0 || limit_micros > kMost)
    return invalid(
        fmt::format("monthly: expected 0 to 1000000, got {}", static_cast<double>(limit_micros) / 1e6));
  LINNET_CHECK(
      store::run(connection, "UPDATE llm_budget SET limit_micros = $1 WHERE span = 'month'", {limit_micros}));
  govern::AuditEntry entry;
  entry.event = govern::AuditEvent::action_complete;
  entry.actor = by.actor;
  entry.outcome = govern::AuditOutcome::success;
  entry.details = {{"what", "language_model_budget_set"}, {"limit_micros", limit_micros}};
  return govern::append_audit(connection, std::move(entry), by.now);
}

Result<bool> reserve(store::Connection& connection, const std::string& month, std::int64_t micros) {
  if (micros == 0) return true;
  LINNET_CHECK(store::run(connection,
                          R"(INSERT INTO llm_months (month, spent_micros, reserved_micros) VALUES ($1, 0, 0)
                             ON CONFLICT (month) DO NOTHING)",
                          {std::string_view(month)}));
  LINNET_CHECK(store::run(connection,
                          R"(UPDATE llm_months SET reserved_micros = reserved_micros + $2
                             WHERE month = $1 AND spent_micros + reserved_micros + $2 <=
                               (SELECT limit_micros FROM llm_budget WHERE span = 'month'))",
                          {std::string_view(month), micros}));
  return connection.changes() > 0;
}

Status settle(store::Connection& connection, const std::string& month, std::int64_t reserved_micros,
              std::int64_t spent_micros) {
  if (reserved_micros == 0 && spent_micros == 0) return {};
  return store::run(
      connection,
      R"(UPDATE llm_months SET reserved_micros = reserved_micros - $2, spent_micros = spent_micros + $3
                       WHERE month = $1)",
      {std::string_view(month), reserved_micros, spent_micros});
}

std::int64_t cost_micros(const ProviderCapabilities& prices, std::int64_t tokens_in,
                         std::int64_t tokens_out) {
  const auto in = prices.cost_per_1k_tokens;
  const auto out = prices.cost_per_1k_output_tokens.value_or(in);
  return static_cast<std::int64_t>(
      // Less the hair by which a product of prices may be too large.
      std::ceil(1'000 * (in * static_cast<double>(tokens_in) + out * static_cast<double>(tokens_out)) -
                1e-6));
}

}  // namespace linnet::llm

namespace linnet::record {

template <>
const Entity& entity_of<llm::Budget>() {
  using llm::Budget;
  static const Entity described = entity<Budget>(
      {.name = "LanguageModelBudget"},
      {field<&Budget::month>("month").like("2026-08"),
       field<&Budget::limit_micros>("limit_micros").means("Millionths of what prices are in"),
       field<&Budget::spent_micros>("spent_micros"),
       field<&Budget::reserved_micros>("reserved_micros").means("The most that calls under way can cost")});
  return described;
}

}  // namespace linnet::record
