#include "llm/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "store/lease.hpp"
#include "store/record/sql.hpp"

namespace linnet::llm {
namespace {

constexpr double kMicrosPerMinute = 60e6;

struct Bucket {
  double level = 0;
  std::int64_t size = 0;
};

// What is in it now. It was full before anybody took from it, and holds a minute's worth.
Result<Bucket> read_bucket(store::Connection& connection, std::string_view provider, std::string_view what,
                           std::int64_t size, Instant now) {
  Bucket bucket{static_cast<double>(size), size};
  LINNET_CHECK(store::for_each_row(
      connection, "SELECT level, filled_at FROM llm_buckets WHERE provider_id = $1 AND what = $2",
      {provider, what}, [&](const store::Statement& row) {
        const auto passed = static_cast<double>(std::max<std::int64_t>(0, to_micros(now) - row.integer(1)));
        bucket.level = std::min(bucket.level, row.real(0) + passed * bucket.level / kMicrosPerMinute);
      }));
  return bucket;
}

Status write_bucket(store::Connection& connection, std::string_view provider, std::string_view what,
                    double level, Instant now) {
  return store::run(connection,
                    R"(INSERT INTO llm_buckets (provider_id, what, level, filled_at) VALUES ($1, $2, $3, $4)
                       ON CONFLICT (provider_id, what) DO UPDATE
                       SET level = excluded.level, filled_at = excluded.filled_at)",
                    {provider, what, level, to_micros(now)});
}

Duration until_it_holds(const Bucket& bucket, double needed) {
  const auto minutes = (needed - bucket.level) / static_cast<double>(bucket.size);
  return Duration(static_cast<std::int64_t>(std::ceil(std::max(0.0, minutes) * kMicrosPerMinute)));
}

// On PostgreSQL the rows of a provider are locked by its row, so that two processes do not take the same.
Status lock_provider(store::Connection& connection, std::string_view provider) {
  if (connection.engine() == store::Engine::sqlite) return {};
  LINNET_TRY(
      const auto found,
      store::query_text(connection, "SELECT id FROM llm_providers WHERE id = $1 FOR UPDATE", {provider}));
  (void)found;
  return {};
}

// Open, or open until now and tried by somebody: one call goes first.
Result<std::optional<Refusal>> look_at_circuit(store::Connection& connection, std::string_view provider,
                                               Instant now) {
  std::int64_t failures = 0;
  std::int64_t open_until = 0;
  LINNET_CHECK(store::for_each_row(connection,
                                   "SELECT failures, open_until FROM llm_health WHERE provider_id = $1",
                                   {provider}, [&](const store::Statement& row) {
                                     failures = row.integer(0);
                                     open_until = row.integer(1);
                                   }));
  if (open_until > to_micros(now))
    return std::optional(Refusal{Obstacle::circuit, from_micros(open_until) - now});
  if (failures >= kFailuresToOpen) {
    LINNET_CHECK(store::run(connection, "UPDATE llm_health SET open_until = $2 WHERE provider_id = $1",
                            {provider, to_micros(now + kTrial)}));
  }
  return std::optional<Refusal>();
}

}  // namespace

Result<std::optional<Refusal>> take_from_limits(store::Connection& connection, const Provider& provider,
                                                std::int64_t tokens) {
  LINNET_CHECK(lock_provider(connection, provider.id));
  LINNET_TRY(const auto now, store::database_now(connection));
  const auto& limits = provider.rate_limits;
  std::optional<Bucket> requests;
  std::optional<Bucket> words;
  if (limits.requests_per_minute) {
    LINNET_TRY(requests, read_bucket(connection, provider.id, "requests", *limits.requests_per_minute, now));
    if (requests->level < 1) return std::optional(Refusal{Obstacle::requests, until_it_holds(*requests, 1)});
  }
  double needed = static_cast<double>(tokens);
  if (limits.tokens_per_minute) {
    LINNET_TRY(words, read_bucket(connection, provider.id, "tokens", *limits.tokens_per_minute, now));
    // What is more than a minute's worth goes when the bucket is full.
    const auto least = std::min(needed, static_cast<double>(words->size));
    if (words->level < least) return std::optional(Refusal{Obstacle::tokens, until_it_holds(*words, least)});
  }
  LINNET_TRY(auto refusal, look_at_circuit(connection, provider.id, now));
  if (refusal) return refusal;
  if (requests) LINNET_CHECK(write_bucket(connection, provider.id, "requests", requests->level - 1, now));
  if (words) LINNET_CHECK(write_bucket(connection, provider.id, "tokens", words->level - needed, now));
  return std::optional<Refusal>();
}

Status correct_tokens(store::Connection& connection, const Provider& provider, std::int64_t more) {
  if (!provider.rate_limits.tokens_per_minute || more == 0) return {};
  return store::run(connection,
                    "UPDATE llm_buckets SET level = level - $2 WHERE provider_id = $1 AND what = 'tokens'",
                    {std::string_view(provider.id), static_cast<double>(more)});
}

Status note_answer(store::Connection& connection, std::string_view provider, Duration took) {
  LINNET_TRY(const auto now, store::database_now(connection));
  // The provider may have been removed meanwhile.
  return store::run(
      connection,
      R"(INSERT INTO llm_health (provider_id, failures, open_until, last_answer_at, last_error, took_us)
                       SELECT id, 0, 0, CAST($2 AS BIGINT), '', CAST($3 AS BIGINT) FROM llm_providers WHERE id = $1
                       ON CONFLICT (provider_id) DO UPDATE
                       SET failures = 0, open_until = 0, last_answer_at = excluded.last_answer_at,
                         took_us = excluded.took_us)",
      {provider, to_micros(now), std::chrono::duration_cast<std::chrono::microseconds>(took).count()});
}

Status note_failure(store::Connection& connection, std::string_view provider, const Failure& failure,
                    double jitter) {
  LINNET_CHECK(lock_provider(connection, provider));
  LINNET_TRY(const auto now, store::database_now(connection));
  LINNET_TRY(
      const auto before,
      store::query_integer(connection, "SELECT failures FROM llm_health WHERE provider_id = $1", {provider}));
  const auto failures = before.value_or(0) + (failure.counts ? 1 : 0);
  Duration open{};
  if (failures >= kFailuresToOpen) {
    const auto seconds = std::exp2(static_cast<double>(std::min<std::int64_t>(failures, 20)));
    const auto longest = std::chrono::duration<double>(kLongestOpen).count();
    open = Duration(static_cast<std::int64_t>(std::min(seconds, longest) * jitter * 1e6));
  }
  open = std::max(open, failure.leave_alone.value_or(Duration{}));
  const std::string words(truncate_utf8(failure.error, 500));
  return store::run(
      connection,
      R"(INSERT INTO llm_health (provider_id, failures, open_until, last_failed_at, last_error, took_us)
                       SELECT id, CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS BIGINT), CAST($5 AS TEXT), 0
                       FROM llm_providers WHERE id = $1
                       ON CONFLICT (provider_id) DO UPDATE
                       SET failures = excluded.failures, open_until = excluded.open_until,
                         last_failed_at = excluded.last_failed_at, last_error = excluded.last_error)",
      {provider, failures, to_micros(now + open), to_micros(now), std::string_view(words)});
}

Result<std::vector<ProviderHealth>> list_health(store::Connection& connection) {
  return record::find_all<ProviderHealth>(connection, "1 = 1 ORDER BY provider_id");
}

}  // namespace linnet::llm

namespace linnet::record {

template <>
const Entity& entity_of<llm::ProviderHealth>() {
  using llm::ProviderHealth;
  static const Entity described = entity<ProviderHealth>(
      {.name = "LanguageModelHealth", .table = "llm_health", .care = {.origin = Origin::upkeep}},
      {field<&ProviderHealth::provider_id>("provider_id").key(),
       field<&ProviderHealth::failures>("failures").means("One after the other"),
       field<&ProviderHealth::open_until>("open_until").means("Nobody asks it before"),
       field<&ProviderHealth::last_answer_at>("last_answer_at"),
       field<&ProviderHealth::last_failed_at>("last_failed_at"),
       field<&ProviderHealth::last_error>("last_error"), field<&ProviderHealth::took_us>("took_us")});
  return described;
}

}  // namespace linnet::record
