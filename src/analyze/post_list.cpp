#include "analyze/post_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "analyze/search_text.hpp"
#include "base/text.hpp"

namespace linnet::analyze {
namespace {

using store::Statement;
using store::Value;

constexpr std::string_view kColumns =
    "p.instance_id, i.base_url, i.platform, p.id, p.url, p.uri, p.created_at, p.edited_at, p.deleted_at, "
    "u.id, u.acct, u.username, u.display_name, u.profile_url, u.avatar_url, u.domain, u.is_bot, "
    "u.follower_count, "
    "p.content_html, p.content_text, p.spoiler_text, p.sensitive, p.language, p.visibility, "
    "p.in_reply_to_id, "
    "p.reblog_of_id, p.content_type, p.replies_count, p.reblogs_count, p.favourites_count, "
    "p.engagement_score, "
    "p.hashtags, p.mentions, p.version_seq, p.discovered_at, p.last_extracted_at, s.sentiment_label, "
    "s.score, "
    "p.row_number";
// `{}` is where the posts come from.
constexpr std::string_view kJoins =
    "{} JOIN instances i ON i.id = p.instance_id "
    "LEFT JOIN platform_users u ON u.instance_id = p.instance_id AND u.id = p.account_id "
    "LEFT JOIN post_sentiments s ON s.instance_id = p.instance_id AND s.post_id = p.id "
    "AND s.status_version_seq = p.version_seq AND s.model = 'vader-3.3.2' ";

std::optional<SentimentView> sentiment_at(const Statement& row, int column) {
  if (row.is_null(column)) return {};
  return SentimentView{std::string(row.text(column)), row.real(column + 1)};
}

PostView read_post(const Statement& row) {
  PostView post;
  const auto text = [&](int column) { return std::string(row.text(column)); };
  post.instance = InstanceId(row.integer(0));
  post.base_url = text(1);
  post.platform = text(2);
  post.id = text(3);
  post.url = row.maybe_text(4);
  post.uri = row.maybe_text(5);
  post.created_at = row.instant(6);
  post.edited_at = row.maybe_instant(7);
  post.deleted_at = row.maybe_instant(8);
  post.author = {text(9),
                 text(10),
                 text(11),
                 text(12),
                 text(13),
                 text(14),
                 text(15),
                 row.integer(16) != 0,
                 row.maybe_integer(17)};
  post.content_html = text(18);
  post.content_text = text(19);
  post.spoiler_text = text(20);
  post.sensitive = row.integer(21) != 0;
  post.language = row.maybe_text(22);
  post.visibility = row.maybe_text(23);
  post.in_reply_to_id = row.maybe_text(24);
  post.reblog_of_id = row.maybe_text(25);
  post.content_type = text(26);
  post.replies = row.integer(27);
  post.reblogs = row.integer(28);
  post.favourites = row.integer(29);
  post.engagement_score = row.integer(30);
  post.hashtags_json = text(31);
  post.mentions_json = text(32);
  post.versions = row.integer(33);
  post.first_seen_at = row.instant(34);
  post.last_seen_at = row.instant(35);
  post.sentiment = sentiment_at(row, 36);
  post.row_number = row.integer(38);
  return post;
}

// The place after which a page begins: the sorting figure and the row number of the last post before it.
struct Place {
  std::int64_t figure = 0;
  std::int64_t row = 0;
};

Result<std::optional<Place>> parse_cursor(std::string_view cursor) {
  if (cursor.empty()) return std::optional<Place>();
  Place place;
  const auto* const end = cursor.data() + cursor.size();
  const auto first = std::from_chars(cursor.data(), end, place.figure);
  if (first.ec == std::errc{} && first.ptr != end && *first.ptr == '_') {
    const auto second = std::from_chars(first.ptr + 1, end, place.row);
    if (second.ec == std::errc{} && second.ptr == end) return std::optional(place);
  }
  return invalid("cursor: expected the `next` of an earlier answer");
}

// Builds the SELECT of one instance's share of a page; parameters are numbered as they are added.
class PageQuery {
 public:
  explicit PageQuery(const PostFilter& filter) : filter_(filter) {}

  void where(std::string_view condition, const Value& value) {
    values_.push_back(value);
    conditions_ += fmt::format(" AND {} ${}", condition, values_.size());
  }
  void where(std::string_view condition) { conditions_ += fmt::format(" AND {}", condition); }
  // The posts come from post_hashtags, which is in the order of its own copy of their time.
  void by_hashtag_time() { time_ = "t.created_at"; }
  std::string place(const Value& value) {
    values_.push_back(value);
    return fmt::format("${}", values_.size());
  }

  Result<std::vector<PostView>> fetch(store::Connection& connection, std::string_view from,
                                      const std::optional<Place>& after) {
    const std::string_view figure = filter_.by_engagement ? "p.engagement_score" : time_;
    if (after)
      where(fmt::format("({}, p.row_number) < ({}, {})", figure, place(after->figure), place(after->row)));
    if (filter_.since) where(fmt::format("{} >=", time_), to_micros(*filter_.since));
    if (filter_.until) where(fmt::format("{} <", time_), to_micros(*filter_.until));
    if (!filter_.language.empty()) where("p.language =", std::string_view(filter_.language));
    if (filter_.by_engagement) where("p.engagement_score > 0");
    const auto sql = fmt::format(
        "SELECT {} FROM {} WHERE p.deleted_at IS NULL{} ORDER BY {} DESC, p.row_number DESC LIMIT {}",
        kColumns, fmt::format(fmt::runtime(kJoins), from), conditions_, figure,
        place(static_cast<std::int64_t>(filter_.limit + 1)));
    std::vector<PostView> posts;
    LINNET_TRY(auto* statement, connection.prepare(sql));
    for (std::size_t i = 0; i < values_.size(); ++i) statement->bind(static_cast<int>(i + 1), values_[i]);
    while (true) {
      LINNET_TRY(const bool has_row, statement->step());
      if (!has_row) return posts;
      posts.push_back(read_post(*statement));
    }
  }

 private:
  const PostFilter& filter_;
  std::string_view time_ = "p.created_at";
  std::vector<Value> values_;
  std::string conditions_;
};

std::string search_source(store::Connection& connection, PageQuery& query, const std::string& expression) {
  if (connection.engine() == store::Engine::sqlite) {
    // CROSS JOIN fixes the order: the index first, newest rows first.
    return fmt::format(
        "(SELECT rowid AS found FROM post_search WHERE post_search MATCH {} ORDER BY rowid DESC LIMIT 10000) "
        "f "
        "CROSS JOIN posts p ON p.row_number = f.found ",
        query.place(std::string_view(expression)));
  }
  return fmt::format(
      "posts p JOIN post_search f ON f.row_number = p.row_number AND f.document @@ {}::tsquery ",
      query.place(std::string_view(expression)));
}

Result<std::vector<PostView>> fetch_instance(store::Connection& connection, const PostFilter& filter,
                                             const SearchQuery& search, const std::optional<Place>& after,
                                             InstanceId instance) {
  PageQuery query(filter);
  std::string expression;
  std::string from = "posts p ";
  std::string author = filter.author.empty() && !search.from.empty() ? search.from.front() : filter.author;
  std::string tag = filter.tag.empty() && !search.tags.empty() ? search.tags.front() : filter.tag;
  if (!tag.empty() && tag.front() == '#') tag.erase(0, 1);
  tag = fold_case(tag);
  if (!search.phrases.empty()) {
    expression = connection.engine() == store::Engine::sqlite ? to_fts5_match(search) : to_tsquery(search);
    from = search_source(connection, query, expression);
  }
  std::optional<std::int64_t> tag_id;
  if (!tag.empty()) {
    LINNET_TRY(tag_id, store::query_integer(connection,
                                            "SELECT id FROM hashtags WHERE instance_id = $1 AND name = $2",
                                            {instance.value(), std::string_view(tag)}));
    if (!tag_id) return std::vector<PostView>();
    if (search.phrases.empty()) {
      from = "post_hashtags t CROSS JOIN posts p ON p.instance_id = t.instance_id AND p.id = t.post_id ";
      if (connection.engine() == store::Engine::postgres) {
        from = "post_hashtags t JOIN posts p ON p.instance_id = t.instance_id AND p.id = t.post_id ";
      }
      query.by_hashtag_time();
      query.where("t.instance_id =", instance.value());
      query.where("t.hashtag_id =", *tag_id);
      if (after && !filter.by_engagement) query.where("t.created_at <=", after->figure);
    } else {
      query.where(
          fmt::format("EXISTS (SELECT 1 FROM post_hashtags t WHERE t.instance_id = p.instance_id AND "
                      "t.hashtag_id = {} AND t.created_at = p.created_at AND t.post_id = p.id)",
                      query.place(*tag_id)));
    }
  }
  query.where("p.instance_id =", instance.value());
  std::optional<std::string> account;
  if (!author.empty()) {
    if (author.front() == '@') author.erase(0, 1);
    LINNET_TRY(account, store::query_text(
                            connection, "SELECT id FROM platform_users WHERE instance_id = $1 AND acct = $2",
                            {instance.value(), std::string_view(author)}));
    if (!account) return std::vector<PostView>();
    query.where("p.account_id =", std::string_view(*account));
  }
  return query.fetch(connection, from, after);
}

Result<std::vector<InstanceId>> instances_of(store::Connection& connection, const PostFilter& filter) {
  if (filter.instance) return std::vector<InstanceId>{*filter.instance};
  std::vector<InstanceId> instances;
  LINNET_CHECK(store::for_each_row(connection, "SELECT id FROM instances ORDER BY id", {},
                                   [&](const Statement& row) { instances.emplace_back(row.integer(0)); }));
  return instances;
}

std::int64_t figure_of(const PostView& post, bool by_engagement) {
  return by_engagement ? post.engagement_score : to_micros(post.created_at);
}

}  // namespace

Result<PostPage> list_posts(store::Connection& connection, const PostFilter& filter) {
  LINNET_TRY(const auto after, parse_cursor(filter.cursor));
  LINNET_TRY(const auto instances, instances_of(connection, filter));
  const auto search = parse_search_query(filter.query);
  PostPage page;
  // Each instance gives its share in order; the page is the front of all shares together.
  for (const auto instance : instances) {
    LINNET_TRY(auto share, fetch_instance(connection, filter, search, after, instance));
    std::move(share.begin(), share.end(), std::back_inserter(page.items));
  }
  std::stable_sort(page.items.begin(), page.items.end(), [&](const PostView& a, const PostView& b) {
    return std::pair(figure_of(a, filter.by_engagement), a.row_number) >
           std::pair(figure_of(b, filter.by_engagement), b.row_number);
  });
  if (page.items.size() > filter.limit) {
    page.items.resize(filter.limit);
    const auto& last = page.items.back();
    page.next = fmt::format("{}_{}", figure_of(last, filter.by_engagement), last.row_number);
  }
  return page;
}

Result<PostView> find_post(store::Connection& connection, InstanceId instance, const std::string& id) {
  std::optional<PostView> post;
  const auto sql = fmt::format("SELECT {} FROM {} WHERE p.instance_id = $1 AND p.id = $2", kColumns,
                               fmt::format(fmt::runtime(kJoins), "posts p"));
  LINNET_CHECK(store::for_each_row(connection, sql, {instance.value(), std::string_view(id)},
                                   [&](const Statement& row) { post = read_post(row); }));
  if (!post) return not_found(fmt::format("id: there is no post {} on instance {}", id, instance.value()));
  return std::move(*post);
}

Result<std::vector<VersionView>> versions_of(store::Connection& connection, const PostView& post) {
  std::vector<VersionView> versions;
  LINNET_CHECK(store::for_each_row(
      connection,
      "SELECT v.version_seq, v.valid_from, v.valid_to, v.edited_at, v.content_html, v.content_text, "
      "v.spoiler_text, "
      "s.sentiment_label, s.score FROM (SELECT instance_id, post_id, version_seq, valid_from, valid_to, "
      "edited_at, "
      "content_html, content_text, spoiler_text FROM post_past_versions WHERE instance_id = $1 AND post_id = "
      "$2 "
      "UNION ALL SELECT instance_id, id, version_seq, valid_from, NULL, edited_at, content_html, "
      "content_text, "
      "spoiler_text FROM posts WHERE instance_id = $1 AND id = $2 AND version_seq > 0) v "
      "LEFT JOIN post_sentiments s ON s.instance_id = v.instance_id AND s.post_id = v.post_id "
      "AND s.status_version_seq = v.version_seq AND s.model = 'vader-3.3.2' ORDER BY v.version_seq",
      {post.instance.value(), std::string_view(post.id)}, [&](const Statement& row) {
        versions.push_back({row.integer(0), row.instant(1), row.maybe_instant(2), row.maybe_instant(3),
                            std::string(row.text(4)), std::string(row.text(5)), std::string(row.text(6)),
                            sentiment_at(row, 7)});
      }));
  return versions;
}

Result<std::vector<SnapshotView>> snapshots_of(store::Connection& connection, const PostView& post) {
  std::vector<SnapshotView> snapshots;
  LINNET_CHECK(store::for_each_row(
      connection,
      "SELECT captured_at, replies_count, reblogs_count, favourites_count, engagement_score "
      "FROM post_metric_snapshots WHERE instance_id = $1 AND post_id = $2 ORDER BY captured_at",
      {post.instance.value(), std::string_view(post.id)}, [&](const Statement& row) {
        snapshots.push_back({row.instant(0), row.integer(1), row.integer(2), row.integer(3), row.integer(4)});
      }));
  return snapshots;
}

Result<std::vector<MediaView>> media_of(store::Connection& connection, const PostView& post) {
  std::vector<MediaView> media;
  LINNET_CHECK(
      store::for_each_row(connection,
                          "SELECT id, type, url, preview_url, description FROM media_attachments "
                          "WHERE instance_id = $1 AND post_id = $2 ORDER BY position",
                          {post.instance.value(), std::string_view(post.id)}, [&](const Statement& row) {
                            media.push_back({std::string(row.text(0)), std::string(row.text(1)),
                                             row.maybe_text(2), row.maybe_text(3), row.maybe_text(4)});
                          }));
  return media;
}

Result<std::vector<ThreadPost>> thread_of(store::Connection& connection, const PostView& post) {
  constexpr std::size_t kMost = 500;
  PostView root = post;
  for (std::size_t up = 0; up < kMost && root.in_reply_to_id; ++up) {
    auto parent = find_post(connection, root.instance, *root.in_reply_to_id);
    if (!parent) break;
    root = std::move(parent).value();
  }
  std::vector<ThreadPost> thread;
  std::vector<ThreadPost> open{{std::move(root), 0}};
  const auto sql = fmt::format(
      "SELECT {} FROM {} WHERE p.instance_id = $1 AND p.in_reply_to_id = $2 "
      "AND p.deleted_at IS NULL ORDER BY p.created_at DESC, p.row_number DESC",
      kColumns, fmt::format(fmt::runtime(kJoins), "posts p"));
  while (!open.empty() && thread.size() < kMost) {
    auto next = std::move(open.back());
    open.pop_back();
    LINNET_CHECK(store::for_each_row(connection, sql,
                                     {next.post.instance.value(), std::string_view(next.post.id)},
                                     [&](const Statement& row) {
                                       open.push_back({read_post(row), next.depth + 1});
                                     }));
    thread.push_back(std::move(next));
  }
  return thread;
}

Result<std::vector<EditedPost>> edited_posts(store::Connection& connection, bool sentiment_changed,
                                             std::size_t limit) {
  std::vector<PostView> posts;
  const auto sql = fmt::format(
      "SELECT {} FROM {} WHERE p.version_seq > 1 AND p.deleted_at IS NULL "
      "ORDER BY p.edited_at DESC, p.row_number DESC LIMIT $1",
      kColumns, fmt::format(fmt::runtime(kJoins), "posts p"));
  const auto candidates = static_cast<std::int64_t>(sentiment_changed ? limit * 50 : limit);
  LINNET_CHECK(store::for_each_row(connection, sql, {candidates},
                                   [&](const Statement& row) { posts.push_back(read_post(row)); }));
  std::vector<EditedPost> edited;
  for (auto& post : posts) {
    if (edited.size() == limit) break;
    LINNET_TRY(auto versions, versions_of(connection, post));
    const bool changed =
        std::adjacent_find(versions.begin(), versions.end(), [](const auto& a, const auto& b) {
          return a.sentiment && b.sentiment && a.sentiment->label != b.sentiment->label;
        }) != versions.end();
    if (sentiment_changed && !changed) continue;
    edited.push_back({std::move(post), std::move(versions)});
  }
  return edited;
}

}  // namespace linnet::analyze
