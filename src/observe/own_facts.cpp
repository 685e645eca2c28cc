#include "observe/own_facts.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <set>

#include "base/text.hpp"
#include "connect/event_line.hpp"
#include "observe/salience/facts.hpp"

namespace linnet::observe {
namespace {

constexpr std::string_view kOwnNetwork = "linnet";

using FactObject = boost::json::object;

std::string_view text_of_fact(const FactObject& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

Result<boost::json::value> parse_fact(std::string_view text) {
  boost::system::error_code error;
  auto value = boost::json::parse({text.data(), text.size()}, error);
  if (error) return invalid(fmt::format("the line: expected JSON in UTF-8: {}", error.message()));
  if (!value.is_object()) return invalid("the line: expected a JSON object");
  return value;
}

// Of a kind that only a newer version knows, nothing but that it was there.
Status read_fact(const FactObject& line, model::Event& event, Arena& arena) {
  if (text_of_fact(line, "network") != kOwnNetwork) return invalid("network: expected \"linnet\"");
  event.type = arena.copy(truncate_utf8(text_of_fact(line, "event"), 100));
  if (event.type.empty()) return invalid("event: expected the kind of event, got nothing");
  const bool is_of_salience = salience::is_fact(event.type);
  if (event.type != PostsRemoved::kType && !is_of_salience) return {};
  const auto* const payload = line.if_contains("payload");
  if (payload == nullptr || !payload->is_object()) return invalid("payload: expected an object");
  event.fact = arena.copy(boost::json::serialize(*payload));
  if (is_of_salience) {
    LINNET_TRY(const auto fact, salience::read_fact(event.type, event.fact));
    (void)fact;
  } else {
    LINNET_TRY(const auto fact, read_posts_removed(event.fact));
    (void)fact;
  }
  event.kind = model::EventKind::fact;
  return {};
}

model::Event read_own(std::string_view text, Instant now, Arena& arena) {
  model::Event event;
  event.received_at = now;
  const auto done = [&]() -> Status {
    LINNET_TRY(const auto line, parse_fact(text));
    const auto& object = line.get_object();
    if (const auto at = parse_iso8601(text_of_fact(object, "received_at"))) event.received_at = *at;
    return read_fact(object, event, arena);
  }();
  if (!done) event.error = arena.copy(to_valid_utf8(done.error().message));
  return event;
}

}  // namespace

std::string line_of(const PostsRemoved& fact, Instant now) {
  const boost::json::object payload{{"rule", fact.rule},
                                    {"before", to_iso8601(fact.before)},
                                    {"instance_id", fact.instance.value()},
                                    {"posts", boost::json::value_from(fact.posts)}};
  return connect::make_event_line(now, PostsRemoved::kType, boost::json::serialize(payload), kOwnNetwork);
}

Result<PostsRemoved> read_posts_removed(std::string_view text) {
  LINNET_TRY(const auto payload, parse_fact(text));
  const auto& object = payload.get_object();
  PostsRemoved fact;
  fact.rule = text_of_fact(object, "rule");
  const auto before = parse_iso8601(text_of_fact(object, "before"));
  if (!before) return invalid("payload.before: expected an ISO 8601 time");
  fact.before = *before;
  const auto* const instance = object.if_contains("instance_id");
  if (instance == nullptr || !instance->is_int64() || instance->get_int64() <= 0)
    return invalid("payload.instance_id: expected the number of a server");
  fact.instance = InstanceId(instance->get_int64());
  const auto* const posts = object.if_contains("posts");
  if (posts == nullptr || !posts->is_array()) return invalid("payload.posts: expected an array of ids");
  std::set<std::string_view> seen;
  for (const auto& post : posts->get_array()) {
    if (!post.is_string()) return invalid("payload.posts: expected ids as text");
    if (seen.insert(post.get_string()).second) fact.posts.emplace_back(post.get_string());
  }
  return fact;
}

model::Event LineReader::read(InstanceId instance, std::string_view line, Instant now, Arena& arena) {
  auto event = is_own(instance) ? read_own(line, now, arena) : servers_.read(line, now, arena);
  event.instance = instance;
  return event;
}

}  // namespace linnet::observe
