#include "connect/discord/acting_discord.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/json_members.hpp"
#include "connect/answer_table.hpp"
#include "connect/discord/snowflake.hpp"
#include "net/multipart.hpp"

namespace linnet::connect::discord {
namespace {

namespace json = boost::json;
using model::ActionType;
using model::TargetType;

// What a like is here: 👍.
constexpr std::string_view kLike = "/reactions/%F0%9F%91%8D/@me";

// What has no line may have been done. «Unknown Message» of something that is to be deleted is looked at
// before.
constexpr AnswerMeaning kAnswers[] = {
    {200, 299, OutcomeKind::done},    {429, 429, OutcomeKind::not_sent},
    {408, 408, OutcomeKind::unknown}, {401, 401, OutcomeKind::refused, nullptr, true},
    {400, 499, OutcomeKind::refused},
};

// The same for every try of an attempt: Discord gives the message that is there already, for some minutes.
std::string nonce_of(const Order& order) {
  constexpr std::size_t kLongest = 25;
  auto nonce = order.idempotency_key;
  std::erase(nonce, '-');
  return nonce.substr(0, kLongest);
}

json::object body_of(const Order& order) {
  // Nobody but those who are named is called: no @everyone, no roles.
  json::object body{
      {"content", order.draft.text},
      {"nonce", nonce_of(order)},
      {"enforce_nonce", true},
      {"allowed_mentions", json::object{{"parse", json::array{"users"}}, {"replied_user", true}}}};
  const bool answers = order.type == ActionType::comment || order.type == ActionType::reply;
  if (const auto name = answers ? parse_message_name(order.target_id) : std::nullopt)
    body["message_reference"] =
        json::object{{"type", 0}, {"message_id", name->message}, {"fail_if_not_exists", true}};
  json::array files;
  for (std::size_t i = 0; i < order.draft.media.size(); ++i)
    files.emplace_back(json::object{{"id", i}, {"description", order.draft.media[i].alt_text}});
  if (!files.empty()) body["attachments"] = std::move(files);
  return body;
}

Status fill_in_body(const Order& order, RestCall& call) {
  call.body = json::serialize(body_of(order));
  if (order.draft.media.empty()) return {};
  const auto payload = std::exchange(call.body, {});
  std::vector<net::FormPart> parts{{"payload_json", payload, "", ""}};
  for (std::size_t i = 0; i < order.draft.media.size(); ++i) {
    const auto& file = order.draft.media[i];
    parts.push_back({fmt::format("files[{}]", i), file.bytes, file.name, file.media_type});
  }
  LINNET_TRY(auto form, net::make_multipart(parts));
  call.body = std::move(form.body);
  call.content_type = std::move(form.content_type);
  return {};
}

Outcome before_sending(const Error& error) {
  Outcome outcome;
  const bool is_final = error.kind == ErrorKind::invalid || error.kind == ErrorKind::denied ||
                        error.kind == ErrorKind::not_found;
  outcome.kind = is_final ? OutcomeKind::refused : OutcomeKind::not_sent;
  outcome.error = error;
  return outcome;
}

}  // namespace

Capabilities capabilities_of_discord() {
  Capabilities can;
  can.actions = {ActionType::publish, ActionType::comment,     ActionType::reply,
                 ActionType::like,    ActionType::unlike,      ActionType::edit_post,
                 ActionType::dm_send, ActionType::delete_post, ActionType::delete_comment};
  can.media = true;
  return can;
}

// docs.discord.com/developers/resources/message#create-message
PlatformLimits limits_of_discord() {
  PlatformLimits limits;
  limits.text_unit = PlatformLimits::Unit::characters;
  limits.text_length = 2'000;
  limits.media_count = 10;
  limits.image_bytes = limits.video_bytes = std::int64_t{10} << 20;  // where nobody pays for more
  limits.alt_text_length = 1'024;
  return limits;
}

ActingDiscord::ActingDiscord(const ActingNeeds& needs)
    : rest_(needs.server, needs.credentials.token),
      clock_(needs.server.clock),
      user_id_(needs.user_id),
      partners_(needs.partners) {}

Outcome ActingDiscord::perform(const Order& order, const std::stop_token& stop) {
  switch (order.type) {
    case ActionType::publish:
    case ActionType::comment:
    case ActionType::reply:
    case ActionType::dm_send:
      return write(order, stop);
    case ActionType::edit_post:
      return edit(order, stop);
    case ActionType::like:
      return change(order, "PUT", kLike, stop);
    case ActionType::unlike:
      return change(order, "DELETE", kLike, stop);
    case ActionType::delete_post:
    case ActionType::delete_comment:
      return change(order, "DELETE", "", stop);
    default:
      return refused(invalid("Discord has no such action for bots"));
  }
}

Outcome ActingDiscord::outcome_of(const RestCall& call, const Result<net::HttpResponse>& response) {
  if (!response) {
    const bool is_held = response.error().kind == ErrorKind::rate_limited;
    return meaning_of(response.error(), is_held ? std::optional(rest_.next(call)) : std::nullopt);
  }
  auto outcome = meaning_of(*response, kAnswers, rest_.error_of(*response), clock_.now());
  if (outcome.kind == OutcomeKind::not_sent) outcome.retry_at = std::max(rest_.next(call), clock_.now());
  return outcome;
}

Outcome ActingDiscord::write(const Order& order, const std::stop_token& stop) {
  const auto channel = channel_of(order, stop);
  if (!channel) return before_sending(channel.error());
  RestCall call{"POST", fmt::format("/channels/{}/messages", *channel)};
  call.still_wanted = order.still_wanted;
  if (const auto filled = fill_in_body(order, call); !filled) return refused(filled.error());
  const auto response = rest_.call(call, stop);
  auto outcome = outcome_of(call, response);
  if (outcome.kind != OutcomeKind::done) return outcome;
  const auto message = parse_object(response->body);
  const auto id = text_in(message, "id");
  // A proxy's «yes» is no evidence: it is looked up.
  if (!is_snowflake(id)) {
    Outcome unsure;
    unsure.error = unavailable("Discord's answer does not say which message was written");
    return unsure;
  }
  outcome.platform_id = message_name(*channel, id);
  outcome.url = link_to(text_view_in(message, "guild_id"), {*channel, id});
  outcome.details = {{"channel", *channel}};
  return outcome;
}

Outcome ActingDiscord::edit(const Order& order, const std::stop_token& stop) {
  const auto name = parse_message_name(order.target_id);
  if (!name) return refused(invalid("post_id: expected CHANNEL/MESSAGE"));
  RestCall call{"PATCH", fmt::format("/channels/{}/messages/{}", name->channel, name->message)};
  call.body = json::serialize(json::object{
      {"content", order.draft.text}, {"allowed_mentions", json::object{{"parse", json::array{"users"}}}}});
  call.still_wanted = order.still_wanted;
  auto outcome = outcome_of(call, rest_.call(call, stop));
  if (outcome.kind == OutcomeKind::done) outcome.platform_id = order.target_id;
  return outcome;
}

Outcome ActingDiscord::change(const Order& order, const std::string& method, std::string_view behind,
                              const std::stop_token& stop) {
  const auto name = parse_message_name(order.target_id);
  if (!name) return refused(invalid("post_id: expected CHANNEL/MESSAGE"));
  RestCall call{method, fmt::format("/channels/{}/messages/{}{}", name->channel, name->message, behind)};
  call.still_wanted = order.still_wanted;
  auto outcome = outcome_of(call, rest_.call(call, stop));
  if (outcome.kind == OutcomeKind::done) outcome.platform_id = order.target_id;
  return outcome;
}

Result<std::string> ActingDiscord::channel_of(const Order& order, const std::stop_token& stop) {
  if (order.type == ActionType::publish) {
    if (is_snowflake(order.draft.channel)) return order.draft.channel;
    return invalid("channel: expected the id of the channel to write to (Copy Channel ID in Discord)");
  }
  if (order.type != ActionType::dm_send) {
    const auto name = parse_message_name(order.target_id);
    if (!name) return invalid("post_id: expected CHANNEL/MESSAGE");
    return name->channel;
  }
  if (order.target_type == TargetType::dm_thread) return order.target_id;
  return direct_channel(order.target_id, stop);
}

// Opening it again gives the same; nobody is told of it.
Result<std::string> ActingDiscord::direct_channel(const std::string& person, const std::stop_token& stop) {
  const auto known = direct_channels_.find(person);
  if (known != direct_channels_.end()) return known->second;
  LINNET_TRY(const auto opened, rest_.ask({"POST", "/users/@me/channels",
                                           json::serialize(json::object{{"recipient_id", person}})},
                                          stop));
  const auto id = opened.is_object() ? text_in(opened.as_object(), "id") : std::string();
  if (!is_snowflake(id)) return unavailable("Discord does not say where the conversation is");
  direct_channels_[person] = id;
  return id;
}

Result<json::object> ActingDiscord::read_object(const std::string& path, const std::stop_token& stop) {
  LINNET_TRY(auto value, rest_.ask({"GET", path}, stop));
  if (!value.is_object()) return unavailable("Discord answered with something else than was asked for");
  return std::move(value.as_object());
}

Status ActingDiscord::check_credentials(const std::stop_token& stop) {
  LINNET_TRY(const auto user, read_object("/users/@me", stop));
  if (text_in(user, "id") == user_id_) own_name_ = text_in(user, "username");
  return {};
}

}  // namespace linnet::connect::discord
