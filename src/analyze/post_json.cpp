#include "analyze/post_json.hpp"

#include "base/html_sanitize.hpp"
#include "store/record/json.hpp"

namespace linnet::analyze {

boost::json::object to_json(const PostView& post) {
  return record::to_json(post);
}

std::vector<ShownVersion> with_diffs(std::vector<VersionView> versions) {
  std::vector<ShownVersion> shown;
  shown.reserve(versions.size());
  for (auto& version : versions) {
    std::optional<std::vector<WordChange>> diff;
    if (!shown.empty()) diff = diff_words(shown.back().version.content_text, version.content_text);
    shown.push_back({std::move(version), std::move(diff)});
  }
  return shown;
}

Result<PostDetail> post_detail(store::Connection& connection, PostView post) {
  PostDetail page;
  LINNET_TRY(auto versions, versions_of(connection, post));
  page.versions = with_diffs(std::move(versions));
  LINNET_TRY(page.snapshots, snapshots_of(connection, post));
  LINNET_TRY(post.media, media_of(connection, post));
  LINNET_TRY(const auto thread, thread_of(connection, post));
  for (const auto& one : thread) {
    if (one.post.id != post.id || thread.size() == 1) continue;
    page.thread = {thread.front().post.id, one.depth, static_cast<std::int64_t>(thread.size()) - 1};
  }
  page.post = std::move(post);
  return page;
}

Result<std::vector<FoundFast>> found_fast(store::Connection& connection, const VelocityQuestion& question) {
  LINNET_TRY(auto fast, fast_posts(connection, question));
  std::vector<FoundFast> found;
  for (auto& one : fast) {
    LINNET_TRY(auto post, find_post(connection, one.instance, one.id));
    found.push_back({std::move(one), std::move(post)});
  }
  return found;
}

Result<std::vector<FoundEdited>> found_edited(store::Connection& connection, bool sentiment_changed,
                                              std::size_t limit) {
  LINNET_TRY(auto edited, edited_posts(connection, sentiment_changed, limit));
  std::vector<FoundEdited> found;
  for (auto& one : edited) found.push_back({std::move(one.post), with_diffs(std::move(one.versions))});
  return found;
}

Status add_media(store::Connection& connection, std::vector<PostView>& posts) {
  for (auto& post : posts) {
    if (post.content_type == "text") continue;
    LINNET_TRY(post.media, media_of(connection, post));
  }
  return {};
}

namespace {

namespace json = boost::json;

std::vector<std::string> texts_in(const std::string& list) {
  boost::system::error_code error;
  const auto value = json::parse(list.empty() ? "[]" : list, error);
  std::vector<std::string> texts;
  if (error || !value.is_array()) return texts;
  for (const auto& item : value.get_array()) {
    if (item.is_string()) texts.emplace_back(std::string_view(item.get_string()));
  }
  return texts;
}

std::vector<std::string> hashtags_of(const PostView& post) {
  return texts_in(post.hashtags_json);
}
std::vector<MentionView> mentions_of(const PostView& post) {
  std::vector<MentionView> mentions;
  for (auto& acct : texts_in(post.mentions_json)) mentions.push_back({std::move(acct)});
  return mentions;
}
json::value clean_html(const PostView& post) {
  return json::value(sanitize_html(post.content_html));
}
json::value clean_html_of_version(const VersionView& version) {
  return json::value(sanitize_html(version.content_html));
}
std::string step_of(const WordChange& change) {
  return std::string(to_string(change.kind));
}

// Of a post that stands beside something else.
std::string id_of(const FoundEdited& found) {
  return found.post.id;
}
std::string instance_of(const FoundEdited& found) {
  return found.post.base_url;
}
std::int64_t instance_id_of(const FoundEdited& found) {
  return found.post.instance.value();
}
std::string author_of(const FoundEdited& found) {
  return found.post.author.acct;
}

}  // namespace

}  // namespace linnet::analyze

namespace linnet::record {

using namespace linnet::analyze;

template <>
const Entity& entity_of<AuthorView>() {
  using View = AuthorView;
  static const auto described = entity<View>(
      {.name = "Author"},
      {field<&View::id>("id"), field<&View::acct>("acct"), field<&View::username>("username"),
       field<&View::display_name>("display_name"), field<&View::profile_url>("url").or_null_in_json(),
       field<&View::avatar_url>("avatar_url").or_null_in_json(), field<&View::is_bot>("bot"),
       field<&View::domain>("domain").or_null_in_json(), field<&View::follower_count>("followers_count")});
  return described;
}
template <>
const Entity& entity_of<SentimentView>() {
  static const auto described = entity<SentimentView>(
      {.name = "Sentiment"},
      {field<&SentimentView::label>("label").one_of({"positive", "neutral", "negative", kNotScored}),
       field<&SentimentView::score>("score")});
  return described;
}
template <>
const Entity& entity_of<MediaView>() {
  static const auto described = entity<MediaView>(
      {.name = "Media"}, {field<&MediaView::id>("id"), field<&MediaView::type>("type").like("image"),
                          field<&MediaView::url>("url"), field<&MediaView::preview_url>("preview_url"),
                          field<&MediaView::description>("description").like("A boat at dawn")});
  return described;
}
template <>
const Entity& entity_of<MentionView>() {
  static const auto described = entity<MentionView>({.name = "Mention"}, {field<&MentionView::acct>("acct")});
  return described;
}
template <>
const Entity& entity_of<PollOption>() {
  static const auto described = entity<PollOption>(
      {.name = "PollOption"},
      {field<&PollOption::title>("title").like("The red one"), field<&PollOption::votes>("votes")});
  return described;
}
template <>
const Entity& entity_of<PollView>() {
  static const auto described =
      entity<PollView>({.name = "Poll"}, {field<&PollView::options>("options"),
                                          field<&PollView::voters_count>("voters_count").left_out_when_null(),
                                          field<&PollView::votes_count>("votes_count").left_out_when_null(),
                                          field<&PollView::multiple>("multiple").left_out_when_null(),
                                          field<&PollView::expired>("expired").left_out_when_null(),
                                          field<&PollView::expires_at>("expires_at").left_out_when_null()});
  return described;
}
template <>
const Entity& entity_of<AttachedMedia>() {
  static const auto described = entity<AttachedMedia>(
      {.name = "AttachedMedia"},
      {field<&AttachedMedia::id>("id"), field<&AttachedMedia::description>("description")});
  return described;
}
template <>
const Entity& entity_of<Attached>() {
  static const auto described = entity<Attached>(
      {.name = "Attached"}, {field<&Attached::media>("media"),
                             field<&Attached::poll>("poll").means("The answers that could be chosen")});
  return described;
}
template <>
const Entity& entity_of<PostView>() {
  using View = PostView;
  static const auto described =
      entity<View>({.name = "Post"}, {field<&View::id>("id"),
                                      field<&View::base_url>("instance"),
                                      field<&View::instance>("instance_id"),
                                      field<&View::platform>("platform"),
                                      field<&View::url>("url"),
                                      field<&View::uri>("uri"),
                                      field<&View::created_at>("created_at"),
                                      field<&View::edited_at>("edited_at"),
                                      field<&View::deleted_at>("deleted_at"),
                                      field<&View::stated_created_at>("stated_created_at")
                                          .means("What the platform says, where that cannot be"),
                                      field<&View::author>("author"),
                                      field<&View::content_html>("content_html").shown_by<&clean_html>(),
                                      field<&View::content_text>("content_text"),
                                      field<&View::spoiler_text>("spoiler_text"),
                                      field<&View::sensitive>("sensitive"),
                                      field<&View::language>("language"),
                                      field<&View::visibility>("visibility"),
                                      field<&View::followers_only>("followers_only"),
                                      field<&View::in_reply_to_id>("in_reply_to_id"),
                                      field<&View::reblog_of_id>("reblog_of_id"),
                                      field<&View::content_type>("content_type").like("text"),
                                      field<&View::replies>("replies_count"),
                                      field<&View::reblogs>("reblogs_count"),
                                      field<&View::favourites>("favourites_count"),
                                      field<&View::engagement_score>("engagement_score"),
                                      shown<&hashtags_of>("hashtags"),
                                      shown<&mentions_of>("mentions"),
                                      field<&View::media>("media"),
                                      field<&View::poll_json>("poll").json().shaped_as<PollView>(),
                                      field<&View::versions>("versions_count"),
                                      field<&View::sentiment>("sentiment"),
                                      field<&View::first_seen_at>("first_seen_at"),
                                      field<&View::last_seen_at>("last_seen_at")});
  return described;
}
template <>
const Entity& entity_of<WordChange>() {
  static const auto described = entity<WordChange>(
      {.name = "WordChange"},
      {shown<&step_of>("op").one_of({"same", "add", "remove"}), field<&WordChange::text>("text")});
  return described;
}
template <>
const Entity& entity_of<VersionView>() {
  using View = VersionView;
  static const auto described =
      entity<View>({.name = "PostVersion"},
                   {field<&View::seq>("version_seq"), field<&View::valid_from>("valid_from"),
                    field<&View::valid_to>("valid_to"), field<&View::edited_at>("edited_at"),
                    field<&View::content_html>("content_html").shown_by<&clean_html_of_version>(),
                    field<&View::content_text>("content_text"), field<&View::spoiler_text>("spoiler_text"),
                    field<&View::attached_json>("attached").json().shaped_as<Attached>(),
                    field<&View::sentiment>("sentiment")});
  return described;
}
template <>
const Entity& entity_of<ShownVersion>() {
  static const auto described =
      entity<ShownVersion>({.name = "Version", .bases = {within<&ShownVersion::version>()}},
                           {field<&ShownVersion::diff>("diff").left_out_when_null().means(
                               "What it changed of the one before it, word by word; the first has none")});
  return described;
}
template <>
const Entity& entity_of<SnapshotView>() {
  using View = SnapshotView;
  static const auto described =
      entity<View>({.name = "Snapshot"},
                   {field<&View::captured_at>("captured_at"), field<&View::replies>("replies_count"),
                    field<&View::reblogs>("reblogs_count"), field<&View::favourites>("favourites_count"),
                    field<&View::engagement_score>("engagement_score")});
  return described;
}
template <>
const Entity& entity_of<PlaceInThread>() {
  using Place = PlaceInThread;
  static const auto described = entity<Place>(
      {.name = "PlaceInThread"}, {field<&Place::root_id>("root_id"), field<&Place::depth>("depth"),
                                  field<&Place::reply_count>("reply_count")});
  return described;
}
template <>
const Entity& entity_of<PostDetail>() {
  static const auto described =
      entity<PostDetail>({.name = "PostDetail", .bases = {within<&PostDetail::post>()}},
                         {field<&PostDetail::versions>("versions"),
                          field<&PostDetail::snapshots>("snapshots"), field<&PostDetail::thread>("thread")});
  return described;
}
template <>
const Entity& entity_of<ThreadPost>() {
  static const auto described = entity<ThreadPost>(
      {.name = "ThreadPost", .bases = {within<&ThreadPost::post>()}}, {field<&ThreadPost::depth>("depth")});
  return described;
}
template <>
const Entity& entity_of<FastPost>() {
  static const auto described = entity<FastPost>(
      {.name = "FastPost"}, {field<&FastPost::id>("id"), field<&FastPost::base_url>("instance"),
                             field<&FastPost::instance>("instance_id"), field<&FastPost::gained>("gained"),
                             field<&FastPost::from>("from"), field<&FastPost::to>("to")});
  return described;
}
template <>
const Entity& entity_of<FoundFast>() {
  static const auto described = entity<FoundFast>({.name = "PostGain", .bases = {within<&FoundFast::fast>()}},
                                                  {field<&FoundFast::post>("post")});
  return described;
}
template <>
const Entity& entity_of<FoundEdited>() {
  static const auto described = entity<FoundEdited>(
      {.name = "EditedPost"}, {shown<&id_of>("id"), shown<&instance_of>("instance"),
                               shown<&instance_id_of>("instance_id"), shown<&author_of>("author_acct"),
                               field<&FoundEdited::post>("post"), field<&FoundEdited::versions>("versions")});
  return described;
}

}  // namespace linnet::record
