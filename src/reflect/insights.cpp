#include "reflect/insights.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "govern/consent.hpp"
#include "store/record/sql.hpp"

namespace linnet::reflect {
namespace {

constexpr int kLongestChain = 100;

// Conditions with their values, in step.
class InsightCondition {
 public:
  // What is true of every read.
  InsightCondition(Scope most, Instant now) {
    text_ = seen_sql("sources_scope_max", most);
    add("(expires_at IS NULL OR expires_at > {})", to_micros(now));
  }
  void add(std::string_view condition, store::Value value) {
    values_.push_back(value);
    text_ += " AND " + fmt::format(fmt::runtime(condition), fmt::format("${}", values_.size()));
  }
  void add(std::string_view condition) { text_ += fmt::format(" AND {}", condition); }
  void add_one_of(std::string_view column, const std::vector<std::string>& names) {
    if (names.empty()) return;
    std::string list;
    for (const auto& name : names) {
      values_.emplace_back(std::string_view(name));
      list += fmt::format("{}${}", list.empty() ? "" : ", ", values_.size());
    }
    text_ += fmt::format(" AND {} IN ({})", column, list);
  }
  Result<std::vector<Insight>> read(store::Connection& connection, std::int64_t limit) {
    values_.emplace_back(limit);
    return record::find_all<Insight>(
        connection, fmt::format("{} ORDER BY created_at DESC, id DESC LIMIT ${}", text_, values_.size()),
        values_);
  }

 private:
  std::string text_;
  record::Values values_;
};

// For LIKE, where the words stand as they are.
std::string like_pattern(std::string_view words) {
  std::string pattern = "%";
  for (const char c : words) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + "%";
}

}  // namespace

Result<std::vector<Insight>> list_insights(store::Connection& connection, Scope most,
                                           const InsightFilter& filter, Instant now) {
  InsightCondition condition(most, now);
  if (!filter.topic_key.empty()) condition.add("topic_key = {}", std::string_view(filter.topic_key));
  condition.add_one_of("category", filter.categories);
  if (!filter.run_id.empty()) condition.add("layer_run_id = {}", std::string_view(filter.run_id));
  if (filter.scope) condition.add("sources_scope_max = {}", to_string(*filter.scope));
  if (filter.since) condition.add("created_at >= {}", to_micros(*filter.since));
  if (filter.until) condition.add("created_at < {}", to_micros(*filter.until));
  const auto pattern = like_pattern(filter.query);
  if (!filter.query.empty())
    condition.add(R"(lower(COALESCE(correction, content)) LIKE lower({}) ESCAPE '\')",
                  std::string_view(pattern));
  if (!filter.before_id.empty()) condition.add("id < {}", std::string_view(filter.before_id));
  if (!filter.with_superseded) condition.add("superseded_by IS NULL");
  if (!filter.with_withdrawn) condition.add("withdrawn_at IS NULL");
  return condition.read(connection, filter.limit);
}

Result<std::optional<Insight>> find_insight(store::Connection& connection, Scope most, const std::string& id,
                                            Instant now) {
  InsightCondition condition(most, now);
  condition.add("id = {}", std::string_view(id));
  LINNET_TRY(auto found, condition.read(connection, 1));
  return found.empty() ? std::optional<Insight>() : std::optional(std::move(found.front()));
}

Result<std::vector<Insight>> chain_of(store::Connection& connection, Scope most, const Insight& insight,
                                      Instant now) {
  std::vector<Insight> chain{insight};
  while (!chain.back().supersedes.empty() && chain.size() < kLongestChain) {
    LINNET_TRY(auto older, find_insight(connection, most, chain.back().supersedes, now));
    if (!older) break;
    chain.push_back(std::move(*older));
  }
  return chain;
}

Result<std::vector<Insight>> list_insights_of_category(store::Connection& connection, Scope most,
                                                       std::string_view topic_category, std::int64_t limit,
                                                       Instant now) {
  InsightCondition condition(most, now);
  condition.add("superseded_by IS NULL");
  condition.add("withdrawn_at IS NULL");
  // «hashtag:NAME», «server:S:channel:C»: no id within a key holds a colon, but for those of accounts.
  const auto first = fmt::format("{}:%", topic_category);
  condition.add("(topic_key LIKE {0} OR topic_key LIKE 'server:%:' || {0})", std::string_view(first));
  return condition.read(connection, limit);
}

Result<std::vector<std::pair<std::string, TopicInsights>>> count_by_topic(store::Connection& connection,
                                                                          std::string_view category,
                                                                          Instant now) {
  std::vector<std::pair<std::string, TopicInsights>> found;
  LINNET_CHECK(
      store::for_each_row(connection,
                          R"(SELECT topic_key,
                                        COUNT(CASE WHEN superseded_by IS NULL AND withdrawn_at IS NULL
                                          AND (expires_at IS NULL OR expires_at > $2) THEN 1 END), MAX(created_at)
                                      FROM insights WHERE category = $1 GROUP BY topic_key ORDER BY topic_key)",
                          {category, to_micros(now)}, [&](const store::Statement& row) {
                            found.push_back({std::string(row.text(0)), {row.integer(1), row.instant(2)}});
                          }));
  return found;
}

Result<std::vector<Source>> sources_of(store::Connection& connection, const std::string& insight_id) {
  return record::find_all<Source>(connection,
                                  "insight_id = $1 ORDER BY made_at, source_kind, instance_id, source_id",
                                  {std::string_view(insight_id)});
}

Result<Insight> store_insight(store::Connection& connection, Insight insight,
                              const std::vector<Source>& sources, Instant now) {
  LINNET_TRY(insight.id, govern::make_ulid(now));
  insight.created_at = now;
  insight.sources_scope_max = Scope::open;
  for (const auto& source : sources)
    insight.sources_scope_max = wider(insight.sources_scope_max, source.scope);
  LINNET_CHECK(record::insert(connection, insight));
  for (const auto& source : sources) {
    LINNET_CHECK(record::insert(connection, source, {{"insight_id", std::string_view(insight.id)}},
                                "ON CONFLICT DO NOTHING"));
  }
  if (!insight.supersedes.empty()) {
    LINNET_CHECK(store::run(connection, "UPDATE insights SET superseded_by = $2 WHERE id = $1",
                            {std::string_view(insight.supersedes), std::string_view(insight.id)}));
  }
  return insight;
}

Result<std::int64_t> remove_expired(store::Connection& connection, Instant now) {
  LINNET_CHECK(store::run(
      connection, "DELETE FROM insights WHERE expires_at IS NOT NULL AND expires_at <= $1 AND is_pinned = 0",
      {to_micros(now)}));
  const auto removed = connection.changes();
  // A row of lineage that nothing leads to any more; one goes after the other along a chain.
  do {
    LINNET_CHECK(store::run(connection,
                            R"(DELETE FROM insight_sources
                               WHERE NOT EXISTS (SELECT 1 FROM insights i WHERE i.id = insight_sources.insight_id)
                                 AND NOT EXISTS (SELECT 1 FROM insight_sources later
                                   WHERE later.source_kind = 'insight' AND later.instance_id = 0
                                     AND later.source_id = insight_sources.insight_id))"));
  } while (connection.changes() > 0);
  return removed;
}

}  // namespace linnet::reflect
