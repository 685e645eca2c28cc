#include <fmt/format.h>

#include <algorithm>

#include "reflect/fetch.hpp"
#include "reflect/query.hpp"

namespace linnet::reflect {
namespace {

using salience::Category;

// False where the topic is about no posts.
bool choose_posts(const FetchContext& context, const std::string& base_url, const std::string& words,
                  Query& query) {
  switch (context.topic.category) {
    case Category::account:
      query.add("AND i.base_url = {}", std::string_view(base_url))
          .add("AND p.account_id = {}", std::string_view(context.topic.second));
      return true;
    case Category::hashtag:
      query.add(
          R"(AND EXISTS (SELECT 1 FROM post_hashtags t JOIN hashtags h ON h.id = t.hashtag_id
               WHERE t.instance_id = p.instance_id AND t.created_at = p.created_at AND t.post_id = p.id
                 AND h.name = {}))",
          std::string_view(context.topic.first));
      return true;
    case Category::subject:
      query.add("AND lower(p.content_text) LIKE {}", std::string_view(words));
      return true;
    case Category::self:
      return true;
    default:
      return false;
  }
}

}  // namespace

Result<std::vector<Passage>> fetch_posts(const FetchContext& context, const LayerNode& node) {
  const auto since = context.until - std::chrono::hours(node.whole("lookback_hours"));
  const auto base_url = "https://" + context.topic.first;
  auto words = fmt::format("%{}%", context.topic.first);
  std::ranges::replace(words, '_', ' ');
  Query query(
      R"(SELECT p.instance_id, p.id, p.account_id, COALESCE(u.acct, p.account_id), p.content_text, p.created_at,
           p.followers_only, i.base_url
         FROM posts p
         JOIN instances i ON i.id = p.instance_id
         LEFT JOIN platform_users u ON u.instance_id = p.instance_id AND u.id = p.account_id
         WHERE p.deleted_at IS NULL AND p.version_seq > 0 AND p.content_text IS NOT NULL AND p.content_text <> '')");
  query.add("AND p.created_at >= {}", to_micros(since))
      .add("AND p.created_at < {}", to_micros(context.until));
  if (!may_be_seen(Scope::derived, context.most)) query.add("AND p.followers_only = 0");
  std::vector<Passage> passages;
  if (!choose_posts(context, base_url, words, query)) return passages;
  query.add("ORDER BY p.created_at DESC, p.instance_id, p.id DESC LIMIT {}", node.whole("limit"));
  LINNET_CHECK(query.for_each(context.connection, [&](const store::Statement& row) {
    const auto scope = row.integer(6) != 0 ? Scope::derived : Scope::open;
    if (!may_be_seen(scope, context.most)) return;
    Passage passage;
    passage.who = row.text(3);
    passage.text = row.text(4);
    passage.where = row.text(7);
    passage.at = row.instant(5);
    passage.sources.push_back({SourceKind::post, InstanceId(row.integer(0)), std::string(row.text(1)),
                               std::string(row.text(2)), scope, passage.at});
    passages.push_back(std::move(passage));
  }));
  std::ranges::reverse(passages);
  return passages;
}

}  // namespace linnet::reflect
