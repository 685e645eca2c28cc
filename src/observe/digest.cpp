#include "observe/digest.hpp"

#include <fmt/format.h>

#include "base/hash.hpp"

namespace linnet::observe {
namespace {

// Columns by kind, in the order of the query: i an integer, t a text; the key comes first.
struct Projection {
  std::string_view table;
  std::string_view kinds;
  std::string_view columns;
  std::string_view order;
};

// `b.base_url` stands for the instance, whose number differs between databases; so does a hashtag's.
constexpr Projection kProjections[] = {
    {"instances x", "t", "b.base_url", "b.base_url"},
    {"platform_users x", "tttttttttiiiiiiiiii",
     "b.base_url, x.id, x.username, x.acct, x.display_name, x.domain, x.profile_url, x.avatar_url, x.bio, "
     "x.follower_count, x.following_count, x.post_count, x.is_verified, x.is_private, x.is_bot, "
     "x.created_at, "
     "x.discovered_at, x.last_seen_at, x.last_updated_at",
     "b.base_url, x.id"},
    {"posts x", "tttiiiiittttittttiiiiiiiiiitttttt",
     "b.base_url, x.id, x.account_id, x.created_at, x.edited_at, x.deleted_at, x.discovered_at, "
     "x.last_extracted_at, "
     "x.uri, x.url, x.language, x.visibility, x.sensitive, x.in_reply_to_id, x.in_reply_to_account_id, "
     "x.reblog_of_id, x.content_type, x.is_sponsored, x.view_count, x.counts_at, x.replies_count, "
     "x.reblogs_count, "
     "x.favourites_count, x.engagement_score, x.version_seq, x.valid_from, x.content_hash, x.content_html, "
     "x.content_text, x.spoiler_text, x.media_ids, x.hashtags, x.mentions",
     "b.base_url, x.id"},
    {"post_past_versions x", "ttiiiiitttttti",
     "b.base_url, x.post_id, x.version_seq, x.valid_from, x.valid_to, x.edited_at, x.content_hash, "
     "x.content_html, "
     "x.content_text, x.spoiler_text, x.media_ids, x.hashtags, x.mentions, x.sensitive",
     "b.base_url, x.post_id, x.version_seq"},
    {"post_metric_snapshots x", "ttiiiiiiiii",
     "b.base_url, x.post_id, x.captured_at, x.replies_count, x.reblogs_count, x.favourites_count, "
     "x.engagement_score, x.replies_gained, x.reblogs_gained, x.favourites_gained, x.is_first",
     "b.base_url, x.post_id, x.captured_at"},
    {"post_unchanged_counts x", "tti", "b.base_url, x.post_id, x.observed_at",
     "b.base_url, x.post_id, x.observed_at"},
    {"post_tombstones x", "tti", "b.base_url, x.post_id, x.deleted_at", "b.base_url, x.post_id"},
    {"hashtags x", "ttii", "b.base_url, x.name, x.first_seen_at, x.last_seen_at", "b.base_url, x.name"},
    {"post_hashtags x JOIN hashtags h ON h.id = x.hashtag_id", "ttti",
     "b.base_url, x.post_id, h.name, x.created_at", "b.base_url, x.post_id, h.name"},
    {"hashtag_hourly_stats x JOIN hashtags h ON h.id = x.hashtag_id", "ttiiii",
     "b.base_url, h.name, x.hour_ts, x.posts_using_tag, x.unique_accounts_using_tag, x.total_engagement",
     "b.base_url, h.name, x.hour_ts"},
    {"post_mentions x", "tttt", "b.base_url, x.post_id, x.account_id, x.acct",
     "b.base_url, x.post_id, x.account_id"},
    {"media_attachments x", "tttittttt",
     "b.base_url, x.post_id, x.id, x.position, x.type, x.url, x.preview_url, x.description, x.meta_json",
     "b.base_url, x.post_id, x.id"},
};

std::string query_of(const Projection& projection) {
  const bool is_instances = projection.table == "instances x";
  return fmt::format("SELECT {} FROM {} JOIN instances b ON b.id = {} ORDER BY {}", projection.columns,
                     projection.table, is_instances ? "x.id" : "x.instance_id", projection.order);
}

// Length before text, so that no two rows can look alike.
void add_row(Sha256& hash, const store::Statement& row, std::string_view kinds, std::string& scratch) {
  scratch.clear();
  for (std::size_t column = 0; column < kinds.size(); ++column) {
    const auto place = static_cast<int>(column);
    if (row.is_null(place)) {
      scratch += "n;";
    } else if (kinds[column] == 'i') {
      fmt::format_to(std::back_inserter(scratch), "i{};", row.integer(place));
    } else {
      const auto text = row.text(place);
      fmt::format_to(std::back_inserter(scratch), "t{}:", text.size());
      scratch.append(text);
    }
  }
  scratch += '\n';
  hash.update(scratch);
}

}  // namespace

Result<Digest> digest_projections(store::Connection& connection) {
  LINNET_TRY(auto transaction, store::Transaction::begin(connection, store::Transaction::Mode::read));
  Digest digest;
  Sha256 hash;
  std::string scratch;
  for (const auto& projection : kProjections) {
    const auto name = projection.table.substr(0, projection.table.find(' '));
    hash.update(fmt::format("table {}\n", name));
    std::int64_t rows = 0;
    LINNET_CHECK(store::for_each_row(connection, query_of(projection), {}, [&](const store::Statement& row) {
      add_row(hash, row, projection.kinds, scratch);
      ++rows;
    }));
    digest.tables.push_back({std::string(name), rows});
  }
  digest.sha256 = hash.finish_hex();
  return digest;
}

}  // namespace linnet::observe
