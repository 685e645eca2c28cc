// Whether a provider may be asked now: its circuit, its limits a minute, and the budget of the month. All of
// it stands in the database and holds for every process on it, by the database's clock. Each function works
// within the caller's writing transaction.
#pragma once

#include <optional>
#include <string>

#include "base/instant.hpp"
#include "llm/provider.hpp"
#include "store/connection.hpp"

namespace linnet::llm {

// Failures in a row after which nobody asks a provider for a while.
inline constexpr std::int64_t kFailuresToOpen = 3;
inline constexpr Duration kLongestOpen = std::chrono::minutes(5);
// As long as a circuit that has been open lets one call try it.
inline constexpr Duration kTrial = std::chrono::minutes(5);

enum class Obstacle { circuit, requests, tokens, budget };

struct Refusal {
  Obstacle obstacle{};
  Duration wait{};  // as far as is known; of the budget nothing
};

// Takes one request and so many tokens from what is left this minute; nothing is taken where it is refused.
Result<std::optional<Refusal>> take_from_limits(store::Connection& connection, const Provider& provider,
                                                std::int64_t tokens);
// What turned out to be more, or less, than was taken.
Status correct_tokens(store::Connection& connection, const Provider& provider, std::int64_t more);

struct Failure {
  std::string error;
  bool counts = false;  // as the provider's own fault
  std::optional<Duration> leave_alone;
};
Status note_answer(store::Connection& connection, std::string_view provider, Duration took);
// `jitter` is between 0.5 and 1.
Status note_failure(store::Connection& connection, std::string_view provider, const Failure& failure,
                    double jitter);

struct ProviderHealth {
  std::string provider_id;
  std::int64_t failures = 0;
  Instant open_until{};
  std::optional<Instant> last_answer_at;
  std::optional<Instant> last_failed_at;
  std::string last_error;
  std::int64_t took_us = 0;
};
Result<std::vector<ProviderHealth>> list_health(store::Connection& connection);

// The budget, in millionths of what prices are given in.
struct Budget {
  std::string month;  // "2026-08"
  std::int64_t limit_micros = 0;
  std::int64_t spent_micros = 0;
  std::int64_t reserved_micros = 0;
};
std::string month_of(Instant now);
Result<Budget> read_budget(store::Connection& connection, Instant now);
// Noted in the audit trail. 0: nothing that costs is asked.
Status set_budget(store::Connection& connection, std::int64_t limit_micros, const Change& by);
// False where spent and reserved together would be more than the budget: then nothing is reserved.
Result<bool> reserve(store::Connection& connection, const std::string& month, std::int64_t micros);
Status settle(store::Connection& connection, const std::string& month, std::int64_t reserved_micros,
              std::int64_t spent_micros);

// What so many tokens cost, rounded up.
std::int64_t cost_micros(const ProviderCapabilities& prices, std::int64_t tokens_in, std::int64_t tokens_out);

}  // namespace linnet::llm

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::llm::ProviderHealth>();
template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::llm::Budget>();
