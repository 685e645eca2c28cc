#include "govern/withdrawal.hpp"

#include <fmt/format.h>

#include <set>

#include "govern/consent.hpp"
#include "observe/salience/topic_key.hpp"

namespace linnet::govern {
namespace {

struct MadeOfIt {
  std::string insight;
  std::string topic;
};

Result<std::vector<MadeOfIt>> made_of(store::Connection& connection, const PersonSource& person,
                                      std::string_view kind) {
  std::vector<MadeOfIt> found;
  LINNET_CHECK(store::for_each_row(
      connection,
      R"(SELECT DISTINCT s.insight_id, COALESCE(i.topic_key, '') FROM insight_sources s
         LEFT JOIN insights i ON i.id = s.insight_id
         WHERE s.instance_id = $1 AND s.person_id = $2 AND ($3 = '' OR s.source_kind = $3) ORDER BY s.insight_id)",
      {person.instance.value(), std::string_view(person.id), kind}, [&](const store::Statement& row) {
        found.push_back({std::string(row.text(0)), std::string(row.text(1))});
      }));
  return found;
}

// What was sent to models and what they answered; their rows stay, for what they cost.
Status forget_texts_of_calls(store::Connection& connection, std::string_view source) {
  return store::run(connection,
                    R"(UPDATE llm_calls SET sent = NULL, answer = NULL, error = ''
                       WHERE id IN (SELECT call_id FROM llm_call_sources WHERE source = $1))",
                    {source});
}
Status forget_calls_with_messages_of(store::Connection& connection, const PersonSource& person) {
  const auto before = fmt::format("dm {}/", person.instance.value());
  std::vector<std::string> sources;
  LINNET_CHECK(store::for_each_row(
      connection, "SELECT id FROM dm_messages WHERE sender_id = $1", {std::string_view(person.id)},
      [&](const store::Statement& row) { sources.push_back(before + std::string(row.text(0))); }));
  for (const auto& source : sources) LINNET_CHECK(forget_texts_of_calls(connection, source));
  return {};
}

}  // namespace

Result<std::vector<std::string>> with_what_followed(store::Connection& connection,
                                                    std::vector<std::string> insights) {
  std::set<std::string> seen(insights.begin(), insights.end());
  for (std::size_t i = 0; i < insights.size(); ++i) {
    LINNET_CHECK(store::for_each_row(connection,
                                     R"(SELECT insight_id FROM insight_sources
           WHERE source_kind = 'insight' AND instance_id = 0 AND source_id = $1 ORDER BY insight_id)",
                                     {std::string_view(insights[i])}, [&](const store::Statement& row) {
                                       if (seen.emplace(row.text(0)).second)
                                         insights.emplace_back(row.text(0));
                                     }));
  }
  return insights;
}

Result<std::int64_t> withdraw_with_what_followed(store::Connection& connection,
                                                 std::vector<std::string> insights, std::string_view by,
                                                 std::string_view why, Instant now) {
  LINNET_TRY(const auto all, with_what_followed(connection, std::move(insights)));
  std::int64_t withdrawn = 0;
  for (const auto& id : all) {
    // A correction may say the same again, and so may the reason that somebody gave.
    LINNET_CHECK(store::run(connection,
                            R"(UPDATE insights
           SET content = '', correction = NULL, metadata = '{}', is_pinned = 0,
             is_to_be_remade = CASE WHEN withdrawn_at IS NULL AND superseded_by IS NULL THEN 1 ELSE 0 END,
             withdrawn_at = $2, withdrawn_by = $3, withdrawn_why = $4
           WHERE id = $1 AND content <> '')",
                            {std::string_view(id), to_micros(now), by, why}));
    withdrawn += connection.changes();
    LINNET_CHECK(forget_texts_of_calls(connection, "insight " + id));
    // What a run says of a failure may quote an answer.
    LINNET_CHECK(store::run(connection,
                            R"(UPDATE layer_run_targets SET error = NULL
                               WHERE run_id = (SELECT layer_run_id FROM insights WHERE id = $1) AND error IS NOT NULL)",
                            {std::string_view(id)}));
  }
  return withdrawn;
}

Result<std::int64_t> withdraw_without_consent(store::Connection& connection, const PersonSource& person,
                                              Instant now) {
  LINNET_TRY(const auto made, made_of(connection, person, "dm"));
  std::vector<std::string> revoked;
  for (const auto& one : made) {
    const auto topic = salience::parse_topic_key(one.topic);
    LINNET_TRY(const bool may_be_read,
               may_read_messages(connection, person_key(person.platform, person.host, person.id, ""),
                                 topic ? topic->server : std::string()));
    if (!may_be_read) revoked.push_back(one.insight);
  }
  LINNET_TRY(const bool is_agreed,
             has_consent(connection, person_key(person.platform, person.host, person.id, ""), "dm_read"));
  if (!is_agreed) LINNET_CHECK(forget_calls_with_messages_of(connection, person));
  return withdraw_with_what_followed(connection, std::move(revoked), kByConsent,
                                     "somebody does not agree any more that their direct messages are read",
                                     now);
}

Result<std::int64_t> withdraw_all_of(store::Connection& connection, const PersonSource& person, Instant now) {
  LINNET_TRY(const auto made, made_of(connection, person, ""));
  std::vector<std::string> insights;
  for (const auto& one : made) insights.push_back(one.insight);
  return withdraw_with_what_followed(connection, std::move(insights), kByErasure, "somebody was erased", now);
}

}  // namespace linnet::govern
