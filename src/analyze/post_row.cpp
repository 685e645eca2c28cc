#include "analyze/post_row.hpp"

#include <fmt/format.h>

#include "analyze/scored_language.hpp"
#include "model/visibility.hpp"

namespace linnet::analyze {
namespace {

using store::Statement;

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
    "p.row_number, p.stated_created_at, p.poll";
constexpr std::string_view kJoins =
    R"(
       JOIN instances i ON i.id = p.instance_id
       LEFT JOIN platform_users u ON u.instance_id = p.instance_id AND u.id = p.account_id
       LEFT JOIN post_sentiments s ON s.instance_id = p.instance_id AND s.post_id = p.id
         AND s.status_version_seq = p.version_seq AND s.model = 'vader-3.3.2' )";

}  // namespace

std::string select_posts(std::string_view from) {
  return fmt::format("SELECT {} FROM {}{}", kColumns, from, kJoins);
}

std::optional<SentimentView> sentiment_at(const Statement& row, int column, std::string_view language,
                                          std::string_view text) {
  if (row.is_null(column)) {
    if (is_scored_language(language, text)) return {};
    return SentimentView{std::string(kNotScored), 0};
  }
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
  // A boost has no text of its own.
  if (post.versions > 0) post.sentiment = sentiment_at(row, 36, row.text(22), post.content_text);
  post.row_number = row.integer(38);
  post.stated_created_at = row.maybe_instant(39);
  post.poll_json = text(40);
  post.followers_only = model::reach_of(post.visibility.value_or("")) != model::Reach::everyone;
  return post;
}

}  // namespace linnet::analyze
