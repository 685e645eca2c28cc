#include "api/live_messages.hpp"

#include "analyze/post_json.hpp"

namespace linnet::api {

namespace json = boost::json;

std::optional<json::object> message_about(store::Connection& reader, const observe::AppliedChange& change) {
  using Kind = observe::AppliedChange::Kind;
  if (change.followers_only) return std::nullopt;
  if (change.kind == Kind::deletion)
    return json::object{
        {"type", "delete"}, {"instance_id", change.instance.value()}, {"id", change.post.value()}};
  const auto post = analyze::find_post(reader, change.instance, change.post.value());
  if (!post || post->deleted_at || post->followers_only) return std::nullopt;
  if (change.kind == Kind::counts)
    return json::object{{"type", "counts"},
                        {"instance_id", post->instance.value()},
                        {"id", post->id},
                        {"replies_count", post->replies},
                        {"reblogs_count", post->reblogs},
                        {"favourites_count", post->favourites},
                        {"engagement_score", post->engagement_score}};
  return json::object{{"type", change.kind == Kind::post ? "post" : "edit"},
                      {"post", analyze::to_json(*post)}};
}

}  // namespace linnet::api
