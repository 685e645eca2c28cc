#include "api/json_views.hpp"

#include "analyze/word_diff.hpp"
#include "base/html_sanitize.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;

json::value sentiment(const std::optional<analyze::SentimentView>& view) {
  if (!view) return nullptr;
  return json::object{{"label", view->label}, {"score", view->score}};
}

json::array stored_array(const std::string& text) {
  boost::system::error_code error;
  auto value = json::parse(text.empty() ? "[]" : text, error);
  return !error && value.is_array() ? value.get_array() : json::array();
}

json::value stored_object(const std::string& text) {
  boost::system::error_code error;
  auto value = json::parse(text.empty() ? "null" : text, error);
  return error ? json::value() : value;
}

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value() : json::value(text);
}

}  // namespace

json::array names_of(const govern::Permissions& permissions) {
  json::array names;
  for (const auto permission : permissions) names.emplace_back(to_string(permission));
  return names;
}

json::value maybe(const std::optional<std::string>& text) {
  return text ? json::value(*text) : json::value();
}
json::value maybe(const std::optional<Instant>& t) {
  return t ? json::value(to_iso8601(*t)) : json::value();
}

json::object to_json(const analyze::PostView& post) {
  const auto& author = post.author;
  json::array mentions;
  for (const auto& acct : stored_array(post.mentions_json)) mentions.push_back(json::object{{"acct", acct}});
  return {
      {"id", post.id},
      {"instance", post.base_url},
      {"instance_id", post.instance.value()},
      {"platform", post.platform},
      {"url", maybe(post.url)},
      {"uri", maybe(post.uri)},
      {"created_at", to_iso8601(post.created_at)},
      {"edited_at", maybe(post.edited_at)},
      {"deleted_at", maybe(post.deleted_at)},
      {"stated_created_at", maybe(post.stated_created_at)},
      {"author", json::object{{"id", author.id},
                              {"acct", author.acct},
                              {"username", author.username},
                              {"display_name", author.display_name},
                              {"url", text_or_null(author.profile_url)},
                              {"avatar_url", text_or_null(author.avatar_url)},
                              {"bot", author.is_bot},
                              {"domain", text_or_null(author.domain)},
                              {"followers_count",
                               author.follower_count ? json::value(*author.follower_count) : json::value()}}},
      {"content_html", sanitize_html(post.content_html)},
      {"content_text", post.content_text},
      {"spoiler_text", post.spoiler_text},
      {"sensitive", post.sensitive},
      {"language", maybe(post.language)},
      {"visibility", maybe(post.visibility)},
      {"followers_only", post.followers_only},
      {"in_reply_to_id", maybe(post.in_reply_to_id)},
      {"reblog_of_id", maybe(post.reblog_of_id)},
      {"content_type", post.content_type},
      {"replies_count", post.replies},
      {"reblogs_count", post.reblogs},
      {"favourites_count", post.favourites},
      {"engagement_score", post.engagement_score},
      {"hashtags", stored_array(post.hashtags_json)},
      {"mentions", std::move(mentions)},
      {"media", json::array()},
      {"poll", stored_object(post.poll_json)},
      {"versions_count", post.versions},
      {"sentiment", sentiment(post.sentiment)},
      {"first_seen_at", to_iso8601(post.first_seen_at)},
      {"last_seen_at", to_iso8601(post.last_seen_at)},
  };
}

json::array to_json(const std::vector<analyze::VersionView>& versions) {
  json::array list;
  const analyze::VersionView* previous = nullptr;
  for (const auto& version : versions) {
    json::object object{{"version_seq", version.seq},
                        {"valid_from", to_iso8601(version.valid_from)},
                        {"valid_to", maybe(version.valid_to)},
                        {"edited_at", maybe(version.edited_at)},
                        {"content_html", sanitize_html(version.content_html)},
                        {"content_text", version.content_text},
                        {"spoiler_text", version.spoiler_text},
                        {"attached", stored_object(version.attached_json)},
                        {"sentiment", sentiment(version.sentiment)}};
    if (previous != nullptr) {
      json::array diff;
      for (const auto& change : analyze::diff_words(previous->content_text, version.content_text)) {
        diff.push_back(json::object{{"op", analyze::to_string(change.kind)}, {"text", change.text}});
      }
      object["diff"] = std::move(diff);
    }
    list.push_back(std::move(object));
    previous = &version;
  }
  return list;
}

json::array to_json(const std::vector<analyze::SnapshotView>& snapshots) {
  json::array list;
  for (const auto& snapshot : snapshots) {
    list.push_back(json::object{{"captured_at", to_iso8601(snapshot.captured_at)},
                                {"replies_count", snapshot.replies},
                                {"reblogs_count", snapshot.reblogs},
                                {"favourites_count", snapshot.favourites},
                                {"engagement_score", snapshot.engagement_score}});
  }
  return list;
}

json::array to_json(const std::vector<analyze::MediaView>& media) {
  json::array list;
  for (const auto& one : media) {
    list.push_back(json::object{{"id", one.id},
                                {"type", one.type},
                                {"url", maybe(one.url)},
                                {"preview_url", maybe(one.preview_url)},
                                {"description", maybe(one.description)}});
  }
  return list;
}

json::object to_json(const connect::ConnectorHealth& health) {
  json::value rate_limit;
  if (health.rate_limit) {
    const auto number = [](const auto& n) { return n ? json::value(*n) : json::value(); };
    rate_limit = json::object{{"limit", number(health.rate_limit->limit)},
                              {"remaining", number(health.rate_limit->remaining)},
                              {"reset_at", maybe(health.rate_limit->reset_at)}};
  }
  return {{"id", health.id},
          {"instance", health.instance},
          {"platform", health.platform},
          {"stream", health.stream},
          {"state", connect::to_string(health.state)},
          {"transport", health.transport},
          {"since", to_iso8601(health.since)},
          {"last_event_at", maybe(health.last_event_at)},
          {"events", health.events},
          {"reconnects", health.reconnects},
          {"gaps_filled", health.gaps_filled},
          {"last_error", health.last_error.empty() ? json::value() : json::value(health.last_error)},
          {"rate_limit", rate_limit}};
}

json::object to_json(const act::PersonErasure& erasure) {
  const auto& observed = erasure.observed;
  return {
      {"posts", observed.posts},        {"versions", observed.versions},  {"boosts", observed.boosts},
      {"replies", observed.replies},    {"mentions", observed.mentions},  {"events", observed.events},
      {"messages", erasure.messages},   {"actions", erasure.actions},     {"cancelled", erasure.cancelled},
      {"under_way", erasure.under_way}, {"consents", erasure.consents()}, {"blocks", erasure.blocks()},
      {"summaries", erasure.summaries}};
}

}  // namespace linnet::api
