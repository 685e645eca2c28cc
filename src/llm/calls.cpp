#include "llm/calls.hpp"

#include <fmt/format.h>

#include <limits>

#include "base/log.hpp"
#include "base/text.hpp"
#include "govern/person_key.hpp"
#include "llm/limits.hpp"
#include "store/record/sql.hpp"
#include "store/sealing_key.hpp"

namespace linnet::llm {
namespace {

// Longer than a question may take, whatever it waits for.
constexpr Duration kLongestCall = std::chrono::minutes(30);

// As erasure looks for them: by the id where it means the same person everywhere, else by that of their
// server.
Status keep_people(store::Connection& connection, const Call& call, const std::vector<PersonInIt>& people) {
  for (const auto& person : people) {
    LINNET_TRY(const auto platform,
               store::query_text(connection, "SELECT platform FROM instances WHERE id = $1",
                                 {person.instance.value()}));
    if (!platform) return invalid(fmt::format("people: there is no instance {}", person.instance.value()));
    std::string server;
    if (!govern::has_global_ids(*platform)) {
      LINNET_TRY(server, govern::host_of_instance(connection, person.instance));
    }
    LINNET_CHECK(store::run(connection,
                            R"(INSERT INTO llm_call_people (call_id, platform, server, user_id)
                               VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING)",
                            {std::string_view(call.id), std::string_view(*platform), std::string_view(server),
                             std::string_view(person.user.value())}));
  }
  return {};
}

Status keep_sources(store::Connection& connection, const Call& call,
                    const std::vector<std::string>& sources) {
  for (const auto& source : sources) {
    LINNET_CHECK(store::run(
        connection, "INSERT INTO llm_call_sources (call_id, source) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        {std::string_view(call.id), std::string_view(source)}));
  }
  return {};
}

Result<std::string> seal_text(store::Connection& connection, std::string_view text, std::string_view id,
                              const SecretBox& box) {
  if (text.empty()) return std::string();
  LINNET_CHECK(store::refuse_old_key(connection, box));
  return box.seal(text, id);
}

}  // namespace

Status begin_call(store::Connection& connection, const Call& call, const Contents& contents,
                  std::string_view sent, const SecretBox& box) {
  LINNET_TRY(const auto sealed, seal_text(connection, sent, call.id, box));
  LINNET_CHECK(record::insert(connection, call, {{"sent", store::text_or_null(sealed)}}));
  if (sent.empty()) return {};
  LINNET_CHECK(keep_people(connection, call, contents.people));
  return keep_sources(connection, call, contents.sources);
}

Result<bool> end_call(store::Connection& connection, const Call& call, const CallEnd& end,
                      const SecretBox& box) {
  LINNET_TRY(const auto sealed, seal_text(connection, end.answer, call.id, box));
  const std::string error(truncate_utf8(to_valid_utf8(end.error), 1'000));
  LINNET_CHECK(
      store::run(connection,
                 R"(UPDATE llm_calls
         SET outcome = $2, tokens_in = $3, tokens_out = $4, cost_micros = $5, reserved_micros = 0, took_us = $6,
           error = $7, answer = $8
         WHERE id = $1 AND outcome = 'asking')",
                 {std::string_view(call.id), enum_name(end.outcome), end.tokens_in, end.tokens_out,
                  end.cost_micros, std::chrono::duration_cast<std::chrono::microseconds>(end.took).count(),
                  std::string_view(error), store::text_or_null(sealed)}));
  if (connection.changes() == 0) return false;
  LINNET_CHECK(settle(connection, call.month, call.reserved_micros, end.cost_micros));
  return true;
}

Result<std::int64_t> settle_lost_calls(store::Connection& connection, Instant now) {
  struct Lost {
    std::string id, month;
    std::int64_t reserved = 0;
  };
  std::vector<Lost> lost;
  LINNET_CHECK(store::for_each_row(
      connection,
      "SELECT id, month, reserved_micros FROM llm_calls WHERE outcome = 'asking' AND started_at < $1",
      {to_micros(now - kLongestCall)}, [&](const store::Statement& row) {
        lost.push_back({std::string(row.text(0)), std::string(row.text(1)), row.integer(2)});
      }));
  for (const auto& call : lost) {
    LINNET_CHECK(store::run(connection,
                            R"(UPDATE llm_calls
                               SET outcome = 'lost', cost_micros = reserved_micros, reserved_micros = 0,
                                 error = 'the program ended before the answer came'
                               WHERE id = $1 AND outcome = 'asking')",
                            {std::string_view(call.id)}));
    if (connection.changes() > 0) LINNET_CHECK(settle(connection, call.month, call.reserved, call.reserved));
  }
  return static_cast<std::int64_t>(lost.size());
}

Result<std::optional<KeptAnswer>> find_kept_answer(store::Connection& connection,
                                                   const std::string& cache_key, const SecretBox& box) {
  LINNET_TRY(auto call,
             record::find_first<Call>(
                 connection,
                 "cache_key = $1 AND answer IS NOT NULL AND outcome = 'answered' ORDER BY started_at DESC "
                 "LIMIT 1",
                 {std::string_view(cache_key)}));
  if (!call) return std::optional<KeptAnswer>();
  LINNET_TRY(const auto sealed, store::query_text(connection, "SELECT answer FROM llm_calls WHERE id = $1",
                                                  {std::string_view(call->id)}));
  auto text = box.unseal(sealed.value_or(""), call->id);
  if (!text) {
    log::warn("the answer of call {} cannot be read: {}", call->id, text.error().message);
    return std::optional<KeptAnswer>();
  }
  return std::optional(KeptAnswer{std::move(*text), std::move(*call)});
}

Result<std::vector<Call>> list_calls(store::Connection& connection, const CallQuery& query) {
  return record::find_all<Call>(
      connection,
      R"(($1 = '' OR provider = $1) AND ($2 = '' OR run = $2) AND ($3 = '' OR purpose = $3)
         AND started_at >= $4 AND started_at < $5 ORDER BY started_at DESC, id DESC LIMIT $6)",
      {std::string_view(query.provider), std::string_view(query.run), std::string_view(query.purpose),
       query.since ? to_micros(*query.since) : std::numeric_limits<std::int64_t>::min(),
       query.before ? to_micros(*query.before) : std::numeric_limits<std::int64_t>::max(), query.limit});
}

Result<Call> find_call(store::Connection& connection, std::string_view id) {
  LINNET_TRY(auto found, record::find_first<Call>(connection, "id = $1", {id}));
  if (found) return std::move(*found);
  return not_found("call: there is none of that id; linnet provider calls shows those there are");
}

Result<CallTexts> texts_of_call(store::Connection& connection, std::string_view id, const SecretBox& box) {
  std::optional<std::pair<std::string, std::string>> sealed;
  LINNET_CHECK(store::for_each_row(connection, "SELECT sent, answer FROM llm_calls WHERE id = $1", {id},
                                   [&](const store::Statement& row) {
                                     sealed = {std::string(row.text(0)), std::string(row.text(1))};
                                   }));
  if (!sealed)
    return not_found("call: there is none of that id; linnet provider calls shows those there are");
  CallTexts texts;
  if (!sealed->first.empty()) {
    LINNET_TRY(texts.sent, box.unseal(sealed->first, id));
  }
  if (!sealed->second.empty()) {
    LINNET_TRY(texts.answer, box.unseal(sealed->second, id));
  }
  return texts;
}

Result<std::vector<std::string>> calls_made_of(store::Connection& connection, std::string_view source) {
  std::vector<std::string> ids;
  LINNET_CHECK(store::for_each_row(connection,
                                   R"(SELECT c.id FROM llm_call_sources s JOIN llm_calls c ON c.id = s.call_id
         WHERE s.source = $1 ORDER BY c.started_at, c.id)",
                                   {source},
                                   [&](const store::Statement& row) { ids.emplace_back(row.text(0)); }));
  return ids;
}

Result<std::int64_t> forget_texts_made_of(store::Connection& connection, std::string_view source) {
  LINNET_CHECK(store::run(connection,
                          R"(UPDATE llm_calls SET sent = NULL, answer = NULL, input_hash = '', cache_key = ''
                             WHERE id IN (SELECT call_id FROM llm_call_sources WHERE source = $1))",
                          {source}));
  return connection.changes();
}

Result<std::vector<DayOfUse>> use_by_day(store::Connection& connection, Instant since) {
  std::vector<DayOfUse> days;
  LINNET_CHECK(store::for_each_row(
      connection,
      R"(SELECT started_at / 86400000000, provider, count(*),
           SUM(CASE WHEN outcome IN ('failed', 'unfit', 'refused', 'lost') THEN 1 ELSE 0 END),
           SUM(CASE WHEN outcome = 'cached' THEN 1 ELSE 0 END), CAST(SUM(tokens_in) AS BIGINT),
           CAST(SUM(tokens_out) AS BIGINT), CAST(SUM(cost_micros) AS BIGINT), CAST(SUM(took_us) AS BIGINT)
         FROM llm_calls WHERE started_at >= $1
         GROUP BY started_at / 86400000000, provider ORDER BY 1, 2)",
      {to_micros(since)}, [&](const store::Statement& row) {
        const auto day = to_iso8601(from_micros(row.integer(0) * 86'400'000'000)).substr(0, 10);
        days.push_back({day, std::string(row.text(1)), row.integer(2), row.integer(3), row.integer(4),
                        row.integer(5), row.integer(6), row.integer(7), row.integer(8)});
      }));
  return days;
}

}  // namespace linnet::llm

namespace linnet::record {

using llm::Asker;
using llm::Call;
using llm::DayOfUse;

// Theirs by the accounts whose words stood in it. With the row go its texts, and the answer that would be
// given again.
template <>
const Entity& entity_of<Call>() {
  static const Entity described =
      entity<Call>({.name = "LanguageModelCall",
                    .table = "llm_calls",
                    .care = {.person = OfPerson::rows,
                             .condition =
                                 R"(id IN (SELECT call_id FROM llm_call_people
                              WHERE user_id = {id} AND platform = {platform} AND server = {server}))",
                             .kept_for = "calls of language models"}},
                   {field<&Call::id>("id").key(),
                    field<&Call::question>("question").means("The calls that one question took"),
                    field<&Call::started_at>("started_at"),
                    field<&Call::took_us>("took_us"),
                    field<&Call::asker, &Asker::by>("asked_by").ours().like("layer daily-digest"),
                    field<&Call::asker, &Asker::purpose>("purpose").like("insight"),
                    field<&Call::asker, &Asker::run>("run"),
                    field<&Call::what>("what"),
                    field<&Call::provider>("provider").like("mlx::qwen3"),
                    field<&Call::model>("model"),
                    field<&Call::prompt>("prompt"),
                    field<&Call::prompt_version>("prompt_version"),
                    field<&Call::input_hash>("input_hash"),
                    field<&Call::cache_key>("cache_key").hidden(),
                    field<&Call::privacy>("privacy"),
                    field<&Call::tokens_in>("tokens_in"),
                    field<&Call::tokens_out>("tokens_out"),
                    field<&Call::month>("month"),
                    field<&Call::reserved_micros>("reserved_micros"),
                    field<&Call::cost_micros>("cost_micros"),
                    field<&Call::outcome>("outcome"),
                    field<&Call::error>("error")});
  return described;
}
template <>
const Entity& entity_of<DayOfUse>() {
  using Day = DayOfUse;
  static const Entity described = entity<Day>(
      {.name = "LanguageModelUse"},
      {field<&Day::day>("day").like("2026-08-01"), field<&Day::provider>("provider").like("mlx::qwen3"),
       field<&Day::calls>("calls"), field<&Day::failed>("failed"), field<&Day::cached>("cached"),
       field<&Day::tokens_in>("tokens_in"), field<&Day::tokens_out>("tokens_out"),
       field<&Day::cost_micros>("cost_micros"), field<&Day::took_us>("took_us").means("Together")});
  return described;
}

}  // namespace linnet::record
