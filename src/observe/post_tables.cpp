#include "observe/post_tables.hpp"

#include "store/record/sql.hpp"

namespace linnet::observe {
namespace {

using record::column;
using record::Number;
using record::OfPerson;
using record::Origin;
using record::Text;

record::Entity with_posts(std::string_view table, std::string_view kept_for = {}) {
  return {
      .table = table,
      .care = {.origin = Origin::log, .person = OfPerson::with, .condition = "posts", .kept_for = kept_for}};
}

record::Entity in_code(std::string_view table, std::string_view kept_for = {}) {
  return {.table = table,
          .care = {.origin = Origin::log,
                   .person = OfPerson::in_code,
                   .condition = "observe/erase_account.cpp",
                   .kept_for = kept_for}};
}

record::Entity of_nobody(std::string_view table) {
  return {.table = table, .care = {.origin = Origin::log}};
}

}  // namespace

const std::vector<record::Entity>& post_tables() {
  static const std::vector<record::Entity> tables{
      with_posts("post_past_versions"),
      with_posts("post_metric_snapshots", "snapshots"),
      with_posts("post_unchanged_counts"),
      with_posts("post_tombstones"),
      with_posts("post_mentions"),
      with_posts("media_attachments"),
      with_posts("content_changes"),
      with_posts("post_sentiments"),
      in_code("posts", "posts"),
      in_code("platform_users"),
      of_nobody("hashtags"),
      in_code("post_hashtags"),  // figures hang on its rows
      of_nobody("hashtag_hourly_stats"),
  };
  return tables;
}

const std::vector<std::string_view>& tables_with_posts() {
  static const auto names = [] {
    std::vector<std::string_view> of_posts;
    for (const auto& table : post_tables()) {
      if (table.care.person == OfPerson::with && table.care.condition == "posts")
        of_posts.push_back(table.table);
    }
    return of_posts;
  }();
  return names;
}

const std::vector<DigestedRows>& digested_posts() {
  static const std::vector<DigestedRows> all{
      {2,
       {.name = "platform_users",
        .table = "platform_users x JOIN instances b ON b.id = x.instance_id",
        .fields = {column<Text>("base_url", "b.base_url"), column<Text>("id", "x.id"),
                   column<Text>("username", "x.username"), column<Text>("acct", "x.acct"),
                   column<Text>("display_name", "x.display_name"), column<Text>("domain", "x.domain"),
                   column<Text>("profile_url", "x.profile_url"), column<Text>("avatar_url", "x.avatar_url"),
                   column<Text>("bio", "x.bio"), column<Number>("follower_count", "x.follower_count"),
                   column<Number>("following_count", "x.following_count"),
                   column<Number>("post_count", "x.post_count"),
                   column<Number>("is_verified", "x.is_verified"),
                   column<Number>("is_private", "x.is_private"), column<Number>("is_bot", "x.is_bot"),
                   column<Number>("created_at", "x.created_at"),
                   column<Number>("discovered_at", "x.discovered_at"),
                   column<Number>("last_seen_at", "x.last_seen_at"),
                   column<Number>("last_updated_at", "x.last_updated_at")}}},
      {2,
       {.name = "posts",
        .table = "posts x JOIN instances b ON b.id = x.instance_id",
        .fields = {column<Text>("base_url", "b.base_url"),
                   column<Text>("id", "x.id"),
                   column<Text>("account_id", "x.account_id"),
                   column<Number>("created_at", "x.created_at"),
                   column<Number>("edited_at", "x.edited_at"),
                   column<Number>("deleted_at", "x.deleted_at"),
                   column<Number>("discovered_at", "x.discovered_at"),
                   column<Number>("last_extracted_at", "x.last_extracted_at"),
                   column<Text>("uri", "x.uri"),
                   column<Text>("url", "x.url"),
                   column<Text>("language", "x.language"),
                   column<Text>("visibility", "x.visibility"),
                   column<Number>("sensitive", "x.sensitive"),
                   column<Text>("in_reply_to_id", "x.in_reply_to_id"),
                   column<Text>("in_reply_to_account_id", "x.in_reply_to_account_id"),
                   column<Text>("reblog_of_id", "x.reblog_of_id"),
                   column<Text>("content_type", "x.content_type"),
                   column<Number>("is_sponsored", "x.is_sponsored"),
                   column<Number>("view_count", "x.view_count"),
                   column<Number>("counts_at", "x.counts_at"),
                   column<Number>("replies_count", "x.replies_count"),
                   column<Number>("reblogs_count", "x.reblogs_count"),
                   column<Number>("favourites_count", "x.favourites_count"),
                   column<Number>("engagement_score", "x.engagement_score"),
                   column<Number>("version_seq", "x.version_seq"),
                   column<Number>("valid_from", "x.valid_from"),
                   column<Number>("content_hash", "x.content_hash"),
                   column<Text>("content_html", "x.content_html"),
                   column<Text>("content_text", "x.content_text"),
                   column<Text>("spoiler_text", "x.spoiler_text"),
                   column<Text>("media_ids", "x.media_ids"),
                   column<Text>("hashtags", "x.hashtags"),
                   column<Text>("mentions", "x.mentions"),
                   column<Number>("stated_created_at", "x.stated_created_at"),
                   column<Number>("taken_down", "x.taken_down"),
                   column<Number>("restored_at", "x.restored_at"),
                   column<Text>("attached", "x.attached"),
                   column<Text>("poll", "x.poll")}}},
      {3,
       {.name = "post_past_versions",
        .table = "post_past_versions x JOIN instances b ON b.id = x.instance_id",
        .fields = {column<Text>("base_url", "b.base_url"), column<Text>("post_id", "x.post_id"),
                   column<Number>("version_seq", "x.version_seq"),
                   column<Number>("valid_from", "x.valid_from"), column<Number>("valid_to", "x.valid_to"),
                   column<Number>("edited_at", "x.edited_at"),
                   column<Number>("content_hash", "x.content_hash"),
                   column<Text>("content_html", "x.content_html"),
                   column<Text>("content_text", "x.content_text"),
                   column<Text>("spoiler_text", "x.spoiler_text"), column<Text>("media_ids", "x.media_ids"),
                   column<Text>("hashtags", "x.hashtags"), column<Text>("mentions", "x.mentions"),
                   column<Number>("sensitive", "x.sensitive"), column<Text>("attached", "x.attached")}}},
      {3,
       {.name = "post_metric_snapshots",
        .table = "post_metric_snapshots x JOIN instances b ON b.id = x.instance_id",
        .fields = {column<Text>("base_url", "b.base_url"), column<Text>("post_id", "x.post_id"),
                   column<Number>("captured_at", "x.captured_at"),
                   column<Number>("replies_count", "x.replies_count"),
                   column<Number>("reblogs_count", "x.reblogs_count"),
                   column<Number>("favourites_count", "x.favourites_count"),
                   column<Number>("engagement_score", "x.engagement_score"),
                   column<Number>("replies_gained", "x.replies_gained"),
                   column<Number>("reblogs_gained", "x.reblogs_gained"),
                   column<Number>("favourites_gained", "x.favourites_gained"),
                   column<Number>("is_first", "x.is_first")}}},
      {3,
       {.name = "post_unchanged_counts",
        .table = "post_unchanged_counts x JOIN instances b ON b.id = x.instance_id",
        .fields = {column<Text>("base_url", "b.base_url"), column<Text>("post_id", "x.post_id"),
                   column<Number>("observed_at", "x.observed_at")}}},
      {2,
       {.name = "post_tombstones",
        .table = "post_tombstones x JOIN instances b ON b.id = x.instance_id",
        .fields = {column<Text>("base_url", "b.base_url"), column<Text>("post_id", "x.post_id"),
                   column<Number>("deleted_at", "x.deleted_at")}}},
      {2,
       {.name = "hashtags",
        .table = "hashtags x JOIN instances b ON b.id = x.instance_id",
        .fields = {column<Text>("base_url", "b.base_url"), column<Text>("name", "x.name"),
                   column<Number>("first_seen_at", "x.first_seen_at"),
                   column<Number>("last_seen_at", "x.last_seen_at")}}},
      {3,
       {.name = "post_hashtags",
        .table =
            "post_hashtags x JOIN hashtags h ON h.id = x.hashtag_id JOIN instances b ON b.id = x.instance_id",
        .fields = {column<Text>("base_url", "b.base_url"), column<Text>("post_id", "x.post_id"),
                   column<Text>("name", "h.name"), column<Number>("created_at", "x.created_at")}}},
      {3,
       {.name = "hashtag_hourly_stats",
        .table = "hashtag_hourly_stats x JOIN hashtags h ON h.id = x.hashtag_id JOIN instances b ON b.id = "
                 "x.instance_id",
        .fields = {column<Text>("base_url", "b.base_url"), column<Text>("name", "h.name"),
                   column<Number>("hour_ts", "x.hour_ts"),
                   column<Number>("posts_using_tag", "x.posts_using_tag"),
                   column<Number>("unique_accounts_using_tag", "x.unique_accounts_using_tag"),
                   column<Number>("total_engagement", "x.total_engagement")}}},
      {3,
       {.name = "post_mentions",
        .table = "post_mentions x JOIN instances b ON b.id = x.instance_id",
        .fields = {column<Text>("base_url", "b.base_url"), column<Text>("post_id", "x.post_id"),
                   column<Text>("account_id", "x.account_id"), column<Text>("acct", "x.acct")}}},
      {3,
       {.name = "media_attachments",
        .table = "media_attachments x JOIN instances b ON b.id = x.instance_id",
        .fields = {column<Text>("base_url", "b.base_url"), column<Text>("post_id", "x.post_id"),
                   column<Text>("id", "x.id"), column<Number>("position", "x.position"),
                   column<Text>("type", "x.type"), column<Text>("url", "x.url"),
                   column<Text>("preview_url", "x.preview_url"), column<Text>("description", "x.description"),
                   column<Text>("meta_json", "x.meta_json")}}},
  };
  return all;
}

}  // namespace linnet::observe
