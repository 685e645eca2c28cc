#include <fmt/format.h>

#include <map>
#include <tuple>

#include "reflect/fetch.hpp"
#include "reflect/query.hpp"

namespace linnet::reflect {
namespace {

using salience::Category;

// False where the topic is about no reactions.
bool choose_reactions(const FetchContext& context, Query& query) {
  const std::string_view first = context.topic.first;
  const std::string_view second = context.topic.second;
  if (!context.topic.server.empty())
    query.add("AND m.server_id = {}", std::string_view(context.topic.server));
  switch (context.topic.category) {
    case Category::user:
      query.add("AND (m.author_id = {} OR r.user_id = {})", first);
      return true;
    case Category::dyad:
      query.add("AND ((m.author_id = {}", first)
          .add("AND r.user_id = {}) OR", second)
          .add("(m.author_id = {}", second)
          .add("AND r.user_id = {}))", first);
      return true;
    case Category::channel:
    case Category::thread:
      query.add("AND m.channel_id = {}", first);
      return true;
    case Category::emoji:
      query.add("AND r.emoji = {}", first);
      return true;
    default:
      return false;
  }
}

}  // namespace

// Counted by who gave what to whom; each of them is a source.
Result<std::vector<Passage>> fetch_reactions(const FetchContext& context, const LayerNode& node) {
  constexpr std::int64_t kMost = 1'000;
  const auto since = context.until - std::chrono::days(node.whole("lookback_days"));
  Query query(
      R"(SELECT r.instance_id, r.message_id, r.user_id, r.emoji, r.added_at, m.author_id,
           COALESCE(giver.nick, r.user_id), COALESCE(author.nick, m.author_id),
           CASE WHEN EXISTS (SELECT 1 FROM open_channels o WHERE o.instance_id = m.instance_id
             AND o.id = m.channel_id) THEN 'public' ELSE 'derived' END, m.server_id,
           CASE WHEN EXISTS (SELECT 1 FROM salience_holders h WHERE h.server_id = m.server_id
             AND h.user_id = r.user_id) THEN 1 ELSE 0 END,
           CASE WHEN EXISTS (SELECT 1 FROM salience_holders h WHERE h.server_id = m.server_id
             AND h.user_id = m.author_id) THEN 1 ELSE 0 END, r.shown
         FROM message_reactions r
         JOIN messages m ON m.instance_id = r.instance_id AND m.id = r.message_id
         LEFT JOIN server_members giver ON giver.instance_id = m.instance_id AND giver.server_id = m.server_id
           AND giver.user_id = r.user_id
         LEFT JOIN server_members author ON author.instance_id = m.instance_id
           AND author.server_id = m.server_id AND author.user_id = m.author_id
         WHERE r.removed_at IS NULL AND m.deleted_at IS NULL AND m.visibility_scope = 'public')");
  query.add("AND r.added_at >= {}", to_micros(since)).add("AND r.added_at < {}", to_micros(context.until));
  std::vector<Passage> passages;
  if (!choose_reactions(context, query)) return passages;
  query.add("ORDER BY r.added_at DESC, r.message_id, r.user_id, r.emoji LIMIT {}", kMost);
  std::map<std::tuple<std::string, std::string, std::string>, Passage> counted;
  std::int64_t seen = 0;
  const auto name = [&](const store::Statement& row, int column, int holds_role) {
    const bool is_gated = context.gated_servers != nullptr && context.gated_servers->contains(row.text(9));
    return is_gated && row.integer(holds_role) == 0 ? std::string("<chat>") : std::string(row.text(column));
  };
  LINNET_CHECK(query.for_each(context.connection, [&](const store::Statement& row) {
    const auto scope = parse_scope(row.text(8)).value_or(Scope::derived);
    if (!may_be_seen(scope, context.most)) return;
    ++seen;
    auto& passage = counted[{name(row, 6, 10), name(row, 7, 11), std::string(row.text(12))}];
    passage.at = std::max(passage.at, row.instant(4));
    passage.sources.push_back({SourceKind::reaction, InstanceId(row.integer(0)),
                               fmt::format("{} {} {}", row.text(1), row.text(2), row.text(3)),
                               std::string(row.text(2)), scope, row.instant(4)});
  }));
  if (seen < node.whole("min_reactions")) return passages;
  for (auto& [of, passage] : counted) {
    const auto& [giver, author, emoji] = of;
    passage.who = giver;
    passage.text = fmt::format("{} × {} to {}", passage.sources.size(), emoji, author);
    passages.push_back(std::move(passage));
  }
  return passages;
}

}  // namespace linnet::reflect
