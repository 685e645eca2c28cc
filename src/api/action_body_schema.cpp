// What a request to act may hold, for the API's document: what action_body.cpp reads.
#include "api/action_body.hpp"
#include "store/record/json.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;

struct WantedFile {
  std::string name, media_type, alt_text, data, upload;
};
struct WantedPoll {
  std::vector<std::string> options;
  std::int64_t open_for_seconds = 0;
  bool multiple = false;
};
struct WantedPost {
  std::string text, spoiler_text, visibility, language, quote_policy, channel, quoted_id, link;
  bool sensitive = false;
  std::optional<Instant> scheduled_at;
  std::vector<WantedFile> media;
  std::optional<WantedPoll> poll;
};
struct WantedAction {
  model::ActionType type{};
  std::string account;
  std::string post_id, person_id, thread_id, person_name;
  std::vector<WantedPost> posts;
  std::optional<Instant> due_at, expires_at;
  std::string run_id, request_key;
  bool approve = false, dry_run = false;
};

}  // namespace
}  // namespace linnet::api

namespace linnet::record {

using namespace linnet::api;

template <>
const Entity& entity_of<WantedFile>() {
  static const auto described = entity<WantedFile>(
      {.name = "WantedFile"},
      {field<&WantedFile::name>("name").like("dawn.png"),
       field<&WantedFile::media_type>("media_type").like("image/png").means("Not believed: the bytes tell"),
       field<&WantedFile::alt_text>("alt_text").at_most(kLongestPost).like("A boat at dawn"),
       field<&WantedFile::data>("data").at_most(kLargeBody).like("iVBORw0KGgo=").means("The file in base64"),
       field<&WantedFile::upload>("upload").means("Or what /api/v1/media answered")});
  return described;
}
template <>
const Entity& entity_of<WantedPoll>() {
  static const auto described = entity<WantedPoll>(
      {.name = "WantedPoll"},
      {field<&WantedPoll::options>("options"),
       field<&WantedPoll::open_for_seconds>("open_for_seconds").between(1, 10LL * 366 * 86'400),
       field<&WantedPoll::multiple>("multiple")});
  return described;
}
template <>
const Entity& entity_of<WantedPost>() {
  using Post = WantedPost;
  static const auto described = entity<Post>(
      {.name = "WantedPost"},
      {field<&Post::text>("text").at_most(kLongestPost).like("Good morning"),
       field<&Post::spoiler_text>("spoiler_text").at_most(kLongestPost),
       field<&Post::visibility>("visibility").like("public"), field<&Post::language>("language"),
       field<&Post::quote_policy>("quote_policy").like("public"), field<&Post::sensitive>("sensitive"),
       field<&Post::channel>("channel")
           .like("323456789012345678")
           .means("Where it is published, on networks that have several places (Discord)"),
       field<&Post::scheduled_at>("scheduled_at").means("Left to the platform's scheduler"),
       field<&Post::quoted_id>("quoted_id"), field<&Post::link>("link").at_most(kLongestSecret),
       field<&Post::media>("media"), field<&Post::poll>("poll")});
  return described;
}
template <>
const Entity& entity_of<WantedAction>() {
  using Action = WantedAction;
  static const auto described = entity<Action>(
      {.name = "WantedAction"},
      {field<&Action::type>("type").required(),
       field<&Action::account>("account").required().like("ada").means("Id or name of the one that acts"),
       field<&Action::post_id>("post_id").means("What it is aimed at: an id, a link"),
       field<&Action::person_id>("person_id").means("Or whom: an id, a handle, an address"),
       field<&Action::thread_id>("thread_id").means("Or the conversation"),
       field<&Action::person_name>("person_name"),
       field<&Action::posts>("posts").means("A thread, in place of `text` and what goes with it"),
       field<&Action::due_at>("due_at"), field<&Action::expires_at>("expires_at"),
       field<&Action::run_id>("run_id").at_most(kLongestKey),
       field<&Action::request_key>("request_key")
           .at_most(kLongestKey)
           .means("Yours: the same request under the same key does nothing new"),
       field<&Action::approve>("approve").means("Approve it at once, where you may"),
       field<&Action::dry_run>("dry_run").means("Only say what each rule says")});
  return described;
}

}  // namespace linnet::record

namespace linnet::api {
namespace {

// One post stands beside the rest of the action, in place of a list of one.
json::object wanted_action(json::object& components) {
  using record::entity_of;
  using record::Use;
  record::add_schemas(entity_of<WantedPost>(), Use::request, components);
  auto schema = record::schema_of(entity_of<WantedAction>(), Use::request);
  auto& members = schema["properties"].as_object();
  for (const auto& member : components["WantedPost"].at("properties").as_object())
    members.emplace(member.key(), member.value());
  // A like needs no text, and an example of everything at once would be refused.
  schema["examples"] = json::array{
      json::object{{"type", "publish"}, {"account", "ada"}, {"text", "Good morning"}, {"dry_run", true}}};
  components["WantedAction"] = std::move(schema);
  return record::reference_for(entity_of<WantedAction>(), Use::request);
}

}  // namespace

Route takes_action(Route route) {
  route.request_schema = wanted_action;
  return route;
}

}  // namespace linnet::api
