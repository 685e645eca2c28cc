// Pages of posts: each instance gives its share in order, the page is the front of all shares together.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <deque>
#include <optional>

#include "analyze/language_tag.hpp"
#include "analyze/post_list.hpp"
#include "analyze/post_row.hpp"
#include "analyze/search_query.hpp"
#include "base/hashtag_name.hpp"
#include "base/text.hpp"
#include "model/address_lookup.hpp"

namespace linnet::analyze {
namespace {

using store::Engine;
using store::Statement;
using store::Value;

// Of the posts in which the words stand, the newest so many that fit everything else are put in order.
constexpr int kMostMatches = 10'000;

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

// What is asked of every instance: the query and the filters beside it as one.
struct Wanted {
  const PostFilter& filter;
  SearchQuery search;
  std::optional<Place> after;
  // One more author and language, which the post must have beside those of the query.
  std::string author, language;
};

Result<Wanted> read_wanted(const PostFilter& filter) {
  LINNET_TRY(auto search, parse_search_query(filter.query));
  LINNET_TRY(const auto after, parse_cursor(filter.cursor));
  Wanted wanted{filter, std::move(search), after, filter.author, {}};
  if (!filter.tag.empty()) wanted.search.tags.push_back(filter.tag);
  if (!filter.language.empty()) {
    LINNET_TRY(wanted.language, language_pattern("language", filter.language));
  }
  return wanted;
}

// The SELECT of one instance's share. Parameters are numbered as they are added.
class Share {
 public:
  Share(store::Connection& connection, const Wanted& wanted, InstanceId instance)
      : connection_(connection), wanted_(wanted), instance_(instance) {}

  Result<std::vector<PostView>> fetch() {
    LINNET_CHECK(find_tags());
    LINNET_CHECK(find_authors());
    if (is_empty_) return std::vector<PostView>();
    begin_conditions();
    add_tags();
    add_languages();
    add_exclusions();
    return read(source());
  }

 private:
  using Ids = std::vector<std::int64_t>;
  using Accounts = std::vector<std::string>;

  [[nodiscard]] bool is_sqlite() const { return connection_.engine() == Engine::sqlite; }
  [[nodiscard]] bool by_text() const { return !wanted_.search.phrases.empty(); }
  // Where no words lead to the posts, a hashtag does, in the order of its own copy of their time.
  [[nodiscard]] bool by_tag() const { return !by_text() && !tags_.empty(); }

  std::string place(const Value& value) {
    values_.push_back(value);
    return fmt::format("${}", values_.size());
  }
  // Texts are kept for as long as the statement may look at them.
  std::string text_place(std::string text) {
    return place(std::string_view(texts_.emplace_back(std::move(text))));
  }
  void where(std::string_view condition) { conditions_ += fmt::format(" AND {}", condition); }

  template <typename List, typename Write>
  static std::string list_of(const List& list, Write write) {
    std::string out;
    for (const auto& one : list) out += (out.empty() ? "" : ", ") + write(one);
    return out;
  }
  std::string ids_in(const Ids& ids) {
    return list_of(ids, [&](std::int64_t id) { return place(id); });
  }
  std::string accounts_in(const Accounts& accounts) {
    return list_of(accounts, [&](const std::string& id) { return text_place(id); });
  }

  Result<Ids> ids_of(const std::string& tag) {
    Ids ids;
    for (const auto& name : hashtag_names(tag)) {
      LINNET_CHECK(store::for_each_row(connection_,
                                       "SELECT id FROM hashtags WHERE instance_id = $1 AND name = $2",
                                       {instance_.value(), std::string_view(name)},
                                       [&](const Statement& row) { ids.push_back(row.integer(0)); }));
    }
    return ids;
  }

  Status find_tags() {
    for (const auto& tag : wanted_.search.tags) {
      LINNET_TRY(auto ids, ids_of(tag));
      is_empty_ = is_empty_ || ids.empty();
      tags_.push_back(std::move(ids));
    }
    for (const auto& tag : wanted_.search.not_tags) {
      LINNET_TRY(auto ids, ids_of(tag));
      if (!ids.empty()) not_tags_.push_back(std::move(ids));
    }
    return {};
  }

  Result<Accounts> accounts_of(const std::vector<std::string>& authors) {
    Accounts accounts;
    for (const auto& author : authors) {
      LINNET_TRY(auto shown, model::accounts_shown_as(connection_, instance_, author));
      for (auto& account : shown) accounts.push_back(std::move(account.id));
    }
    return accounts;
  }

  Status find_authors() {
    const auto one_of = [&](const std::vector<std::string>& authors) -> Status {
      if (authors.empty()) return {};
      LINNET_TRY(auto accounts, accounts_of(authors));
      is_empty_ = is_empty_ || accounts.empty();
      authors_.push_back(std::move(accounts));
      return {};
    };
    LINNET_CHECK(one_of(wanted_.search.from));
    if (!wanted_.author.empty()) LINNET_CHECK(one_of({wanted_.author}));
    LINNET_TRY(not_authors_, accounts_of(wanted_.search.not_from));
    return {};
  }

  void begin_conditions() {
    time_ = by_tag() ? "t.created_at" : "p.created_at";
    figure_ = wanted_.filter.by_engagement ? "p.engagement_score" : time_;
    where("p.instance_id = " + place(instance_.value()));
    if (const auto& after = wanted_.after) {
      where(fmt::format("({}, p.row_number) < ({}, {})", figure_, place(after->figure), place(after->row)));
    }
    if (wanted_.filter.since) where(fmt::format("{} >= {}", time_, place(to_micros(*wanted_.filter.since))));
    if (wanted_.filter.until) where(fmt::format("{} < {}", time_, place(to_micros(*wanted_.filter.until))));
    if (wanted_.filter.by_engagement) where("p.engagement_score > 0");
    for (const auto& accounts : authors_) where(fmt::format("p.account_id IN ({})", accounts_in(accounts)));
    if (!not_authors_.empty()) where(fmt::format("p.account_id NOT IN ({})", accounts_in(not_authors_)));
  }

  void add_tags() {
    if (by_tag()) {
      where("t.instance_id = " + place(instance_.value()));
      where(fmt::format("t.hashtag_id IN ({})", ids_in(tags_.front())));
      // A post may bear the tag in both of its spellings, and is found by the first.
      if (tags_.front().size() > 1)
        where(fmt::format(
            R"(NOT EXISTS (SELECT 1 FROM post_hashtags o WHERE o.instance_id = t.instance_id
                 AND o.hashtag_id IN ({}) AND o.hashtag_id < t.hashtag_id AND o.created_at = t.created_at
                 AND o.post_id = t.post_id))",
            ids_in(tags_.front())));
      // The same as of the place, for the index of the hashtags.
      if (wanted_.after && !wanted_.filter.by_engagement)
        where("t.created_at <= " + place(wanted_.after->figure));
    }
    const auto has = [&](const Ids& ids) {
      return fmt::format(
          R"(EXISTS (SELECT 1 FROM post_hashtags o WHERE o.instance_id = p.instance_id
               AND o.hashtag_id IN ({}) AND o.created_at = p.created_at AND o.post_id = p.id))",
          ids_in(ids));
    };
    for (std::size_t i = by_tag() ? 1 : 0; i < tags_.size(); ++i) where(has(tags_[i]));
    for (const auto& ids : not_tags_) where("NOT " + has(ids));
  }

  void add_languages() {
    const auto language = language_for_like("p.language");
    const auto any_of = [&](const std::vector<std::string>& patterns) {
      std::string out;
      for (const auto& pattern : patterns)
        out += fmt::format("{}{} LIKE {}", out.empty() ? "" : " OR ", language, text_place(pattern));
      return out;
    };
    if (!wanted_.search.languages.empty()) where(fmt::format("({})", any_of(wanted_.search.languages)));
    if (!wanted_.language.empty()) where(any_of({wanted_.language}));
    if (!wanted_.search.not_languages.empty())
      where(fmt::format("(p.language IS NULL OR NOT ({}))", any_of(wanted_.search.not_languages)));
  }

  // Beside words the index excludes by itself; alone it is asked of each post that fits the rest.
  void add_exclusions() {
    const auto& excluded = wanted_.search.excluded;
    if (excluded.empty() || by_text()) return;
    if (is_sqlite()) {
      where(fmt::format(
          "NOT EXISTS (SELECT 1 FROM post_search WHERE post_search MATCH {} AND rowid = p.row_number)",
          text_place(to_fts5_any(excluded))));
    } else {
      where(fmt::format(
          R"(NOT EXISTS (SELECT 1 FROM post_search x WHERE x.row_number = p.row_number
               AND x.document @@ {}::tsquery))",
          text_place(to_tsquery_any(excluded))));
    }
  }

  // CROSS JOIN fixes the order in which SQLite reads: the index first.
  std::string source() {
    const auto join = is_sqlite() ? "CROSS JOIN" : "JOIN";
    const auto where_all = fmt::format("WHERE p.deleted_at IS NULL AND p.followers_only = {}{}",
                                       wanted_.filter.followers_only ? 1 : 0, conditions_);
    if (by_tag()) {
      return select_posts(
                 fmt::format("post_hashtags t {} posts p ON p.instance_id = t.instance_id AND p.id = "
                             "t.post_id ",
                             join)) +
             where_all;
    }
    if (!by_text()) return select_posts("posts p") + where_all;
    if (!is_sqlite()) {
      return select_posts(fmt::format(
                 "posts p JOIN post_search f ON f.row_number = p.row_number AND f.document @@ {}::tsquery ",
                 text_place(to_tsquery(wanted_.search)))) +
             where_all;
    }
    return select_posts(fmt::format(
        R"((SELECT f.rowid AS found FROM post_search f CROSS JOIN posts p ON p.row_number = f.rowid {}
             AND f.post_search MATCH {} ORDER BY f.rowid DESC LIMIT {}) m CROSS
           JOIN posts p ON p.row_number = m.found )",
        where_all, text_place(to_fts5_match(wanted_.search)), kMostMatches));
  }

  Result<std::vector<PostView>> read(std::string sql) {
    sql += fmt::format(" ORDER BY {} DESC, p.row_number DESC LIMIT {}", figure_,
                       place(static_cast<std::int64_t>(wanted_.filter.limit + 1)));
    LINNET_TRY(auto* statement, connection_.prepare(sql));
    for (std::size_t i = 0; i < values_.size(); ++i) statement->bind(static_cast<int>(i + 1), values_[i]);
    std::vector<PostView> posts;
    while (true) {
      LINNET_TRY(const bool has_row, statement->step());
      if (!has_row) return posts;
      posts.push_back(read_post(*statement));
    }
  }

  store::Connection& connection_;
  const Wanted& wanted_;
  InstanceId instance_;
  bool is_empty_ = false;  // nothing on this instance can fit
  std::vector<Ids> tags_, not_tags_;
  std::vector<Accounts> authors_;  // one of each
  Accounts not_authors_;
  std::string_view time_, figure_;
  std::vector<Value> values_;
  std::deque<std::string> texts_;  // where its elements stay
  std::string conditions_;
};

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
  LINNET_TRY(const auto wanted, read_wanted(filter));
  LINNET_TRY(const auto instances, instances_of(connection, filter));
  PostPage page;
  for (const auto instance : instances) {
    LINNET_TRY(auto share, Share(connection, wanted, instance).fetch());
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

}  // namespace linnet::analyze
